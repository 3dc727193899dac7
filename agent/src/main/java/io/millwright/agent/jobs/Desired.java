package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the collector wants of this node.
 *
 * @param generation of that wish; each is higher than the one before
 * @param full whether it names all runs; else it is the difference to generation − 1
 * @param recall whether the answer tells of every run that the book knows
 * @param holds of the assignments those that get ready and wait for the others of their gang
 * @param orders of assignments that have not begun, as the collector signed them
 */
public record Desired(
    Term term,
    long generation,
    boolean full,
    List<Assignment> assignments,
    List<Stop> stops,
    boolean recall,
    Set<RunId> holds,
    Map<RunId, StartOrder> orders) {
  /** One whose answer tells of the runs that it names, all of which may begin. */
  public Desired(
      Term term, long generation, boolean full, List<Assignment> assignments, List<Stop> stops) {
    this(term, generation, full, assignments, stops, false);
  }

  /** One whose runs may all begin, and that carries no signature. */
  public Desired(
      Term term,
      long generation,
      boolean full,
      List<Assignment> assignments,
      List<Stop> stops,
      boolean recall) {
    this(term, generation, full, assignments, stops, recall, Set.of(), Map.of());
  }

  public Desired {
    assignments = List.copyOf(assignments);
    stops = List.copyOf(stops);
    holds = Set.copyOf(holds);
    orders = Map.copyOf(orders);
  }
}
