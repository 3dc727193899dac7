/**
 * The verbs that look at a fleet and give it work, for people at a terminal and for scripts. They
 * talk with the collector's REST and nothing else: this room never imports agent, collector or
 * drivers.
 *
 * <p><i>Threading:</i> all on {@code main}; beside it only the HTTP client's own threads, and the
 * hook that speaks when somebody leaves a {@code run --wait}. <i>Absence:</i> {@code Optional}; in
 * tables it is {@code -}, in JSON and YAML it is left out, in CSV it is empty. <i>Failure:</i> one
 * sentence on stderr and an exit code of {@link ExitCode}.
 */
@NullMarked
package io.millwright.cli;

import org.jspecify.annotations.NullMarked;
