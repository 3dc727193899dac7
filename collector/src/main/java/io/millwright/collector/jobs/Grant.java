package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.Term;

/**
 * The moment in which a run got its devices.
 *
 * @param term of the collector that granted them
 * @param generation of the desired states in which the run first stood
 */
public record Grant(Term term, long generation) {}
