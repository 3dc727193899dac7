/**
 * What people and the site's policy do about nodes: cordons, drains, windows of maintenance,
 * overrides, and the acts that follow from verdicts.
 *
 * <p>{@link io.millwright.collector.operations.Operations} is all of it as one immutable value;
 * {@link io.millwright.collector.operations.PolicyReducer} and {@link
 * io.millwright.collector.operations.Boards} are pure. The {@link
 * io.millwright.collector.operations.OperationsDesk} is owned by the thread {@code control}, writes
 * the store before it answers, and publishes what stands as one volatile reference. It carries out
 * nothing on a node but the stop of runs, by the ordinary order; a reboot or an exchange of parts
 * is a request. It imports no edge. What was not observed is acted on by nobody.
 */
@NullMarked
package io.millwright.collector.operations;

import org.jspecify.annotations.NullMarked;
