package io.millwright.agent.events;

import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.Optional;

/**
 * That a run of a job has begun or ended on this node.
 *
 * @param run as in {@code train-r1}
 * @param outcome how it ended; empty where it has begun
 * @param atMs when, by the wall clock
 */
public record RunNews(String run, Optional<Outcome> outcome, long atMs) {}
