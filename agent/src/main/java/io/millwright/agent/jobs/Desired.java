package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;

/**
 * What the collector wants of this node.
 *
 * @param generation of that wish; each is higher than the one before
 * @param full whether it names all runs; else it is the difference to generation − 1
 * @param recall whether the answer tells of every run that the book knows
 */
public record Desired(
    Term term,
    long generation,
    boolean full,
    List<Assignment> assignments,
    List<Stop> stops,
    boolean recall) {
  /** One whose answer tells of the runs that it names. */
  public Desired(
      Term term, long generation, boolean full, List<Assignment> assignments, List<Stop> stops) {
    this(term, generation, full, assignments, stops, false);
  }

  public Desired {
    assignments = List.copyOf(assignments);
    stops = List.copyOf(stops);
  }
}
