package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.OptionalLong;

/**
 * A run is to end.
 *
 * @param cause that it ends with, as {@code stopped-by-request} or {@code preempted}
 * @param graceMs until it is killed; the job's own where it is empty
 */
public record Stop(RunId run, Outcome cause, OptionalLong graceMs) {}
