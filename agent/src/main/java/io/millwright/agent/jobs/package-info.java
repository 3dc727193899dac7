/**
 * The jobs of this node: what the collector wants, what is so, and the way from one to the other.
 *
 * <p>{@link io.millwright.agent.jobs.JobStateMachine} says what follows from what and touches
 * nothing; {@link io.millwright.agent.jobs.Journal} keeps every intent before its effect and every
 * result after it; {@link io.millwright.agent.jobs.JobsRoom} is the loop that owns both. The thread
 * {@code jobs} owns all states. Imports the launcher's seams and the vocabulary, never the page,
 * the lanes or a vendor's library. What is not known is an empty {@code Optional}; a run whose end
 * nobody saw is {@code untracked}, never completed.
 */
@NullMarked
package io.millwright.agent.jobs;

import org.jspecify.annotations.NullMarked;
