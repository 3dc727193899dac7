/**
 * The agent's configuration: what a site may set, and how a mistake in it is told.
 *
 * <p>{@link io.millwright.agent.config.AgentKeys} is the one table of keys; the reader, the names
 * of the environment variables, the text of the effective configuration and {@code
 * docs/configuration.md} derive from it. A mistake is a value ({@link
 * io.millwright.agent.config.Problem}), never an exception, and all of them are told at once.
 *
 * <p>What a site changes of the rules of health ({@link io.millwright.agent.config.SiteRules}) is
 * read here too, because it is YAML of the same strictness, and a mistake in it is told the same
 * way.
 *
 * <p>Owns no thread. Reads the files it is given and prints nothing. Imports the vocabulary, the
 * rules and the YAML parser, no other room of the agent. A key that was not given has its default;
 * a key without a default is an empty optional.
 */
@NullMarked
package io.millwright.agent.config;

import org.jspecify.annotations.NullMarked;
