package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.Outcome;

/**
 * The will that a run should end.
 *
 * @param generation of the desired states in which it first stood
 * @param why the run shall have ended with
 * @param by whoever asked
 */
public record StopOrder(long generation, Outcome.Kind why, String by) {}
