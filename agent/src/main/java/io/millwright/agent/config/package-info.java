/**
 * The agent's configuration: what a site may set, and how a mistake in it is told.
 *
 * <p>{@link io.millwright.agent.config.AgentKeys} is the one table of keys; the reader, the names
 * of the environment variables, the text of the effective configuration and {@code
 * docs/configuration.md} derive from it. A mistake is a value ({@link
 * io.millwright.agent.config.Problem}), never an exception, and all of them are told at once.
 *
 * <p>Owns no thread. Reads the one file it is given and prints nothing. Imports the vocabulary and
 * the YAML parser, no other room of the agent. A key that was not given has its default; a key
 * without a default is an empty optional.
 */
@NullMarked
package io.millwright.agent.config;

import org.jspecify.annotations.NullMarked;
