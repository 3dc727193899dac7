package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;

/**
 * All that a node is to do.
 *
 * <p>A run stands in one of the lists, from its placement until the node reported its end. For a
 * stop of a run that a node does not know it writes a tombstone and has nothing to report: the book
 * ends it by the node's answer.
 *
 * @param term of this collector
 * @param generation rises whenever the lists change, and with each start of the collector
 * @param assignments what is to run, by run
 * @param stops what is to end, by run; repeated until its end was reported
 * @param holds of the assignments those that are to get ready and not to begin yet
 */
public record Desired(
    String node,
    Term term,
    long generation,
    List<Assignment> assignments,
    List<Stop> stops,
    List<RunId> holds) {
  public Desired {
    assignments = List.copyOf(assignments);
    stops = List.copyOf(stops);
    holds = List.copyOf(holds);
  }

  /** A run that is to end. */
  public record Stop(RunId run, Outcome.Kind why, long graceMs) {}
}
