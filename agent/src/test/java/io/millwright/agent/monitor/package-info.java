/** Tests of the child process, with real processes that stand in for neuron-monitor. */
@NullMarked
package io.millwright.agent.monitor;

import org.jspecify.annotations.NullMarked;
