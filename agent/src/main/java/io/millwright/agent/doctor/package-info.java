/**
 * The doctor: safe checks that take seconds, each with what was found and what to do about it.
 *
 * <p>What is judged of devices and host is what the agent's own lanes have read; nothing is asked
 * of a driver here. Files, the collector's port and {@code neuron-ls} are looked at directly, each
 * with a deadline. Owns no thread. What could not be looked at is said to be skipped, never ok.
 */
@NullMarked
package io.millwright.agent.doctor;

import org.jspecify.annotations.NullMarked;
