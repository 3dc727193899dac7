package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.Optional;

/**
 * News of a run for the collector; told again until it is acknowledged. Known fleet-wide by node,
 * journal and sequence.
 *
 * @param sequence from 1, of this node's journal
 * @param outcome of a run that ended; empty before
 * @param detail one sentence where there is more to say; else empty
 */
public record Status(
    long sequence,
    RunId run,
    JobState state,
    Optional<Outcome> outcome,
    Usage usage,
    String detail) {}
