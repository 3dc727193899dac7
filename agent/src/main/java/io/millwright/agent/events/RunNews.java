package io.millwright.agent.events;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.Optional;

/**
 * That a run of a job has begun, does not end, or has ended on this node.
 *
 * @param run as in {@code train-r1}
 * @param state running, stuck or ended
 * @param outcome how it ended; empty where it has not
 * @param atMs when, by the wall clock
 */
public record RunNews(String run, JobState state, Optional<Outcome> outcome, long atMs) {}
