package io.millwright.collector.acceptance;

import io.millwright.collector.operations.Policy;
import java.util.List;
import java.util.Set;

/**
 * What the acceptance asks of the rest of the collector.
 *
 * <p><i>Threading:</i> asked by the thread {@code control}, but for {@link #policy}, which any may
 * ask; none waits.
 */
public interface Site {

  /** What the site wants now. */
  Policy.Acceptance policy();

  /** Whether a node has a run that has not ended. */
  boolean busy(String node);

  /** Whether the rack map has the node. */
  boolean mapped(String node);

  /**
   * On which of these nodes a test may be begun by itself now: those in service, as many as the
   * policy's limits leave room for.
   *
   * @param wanted the first goes first
   * @param underWay nodes on which a test runs
   * @param nodes of the fleet
   */
  List<String> room(List<String> wanted, Set<String> underWay, int nodes);
}
