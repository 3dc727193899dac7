/**
 * The book of jobs: what was submitted, where it runs, how it goes and how it ended.
 *
 * <p>{@link io.millwright.collector.jobs.JobBook} is owned by the thread {@code control}, the
 * single writer; what it hands out is immutable. {@link io.millwright.collector.jobs.RunReducer} is
 * pure. Imports {@code store} and the words of {@code placement}; no other room of the collector.
 * What is not known yet, such as the outcome of a run that goes on, is an empty {@code Optional}.
 */
@NullMarked
package io.millwright.collector.jobs;

import org.jspecify.annotations.NullMarked;
