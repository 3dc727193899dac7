package io.millwright.collector;

import io.millwright.collector.acceptance.Site;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.operations.OperationsDesk;
import io.millwright.collector.operations.Policy;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What acceptance asks of the operations, the book of jobs and the rack map.
 *
 * @param racks whether the map of now has a node
 */
record AcceptanceSite(OperationsDesk operations, JobBook book, Predicate<String> racks)
    implements Site {

  @Override
  public Policy.Acceptance policy() {
    return operations.policy().policy().acceptance();
  }

  @Override
  public boolean busy(String node) {
    return book.runsOf(node) > 0;
  }

  @Override
  public boolean mapped(String node) {
    return racks.test(node);
  }

  @Override
  public List<String> room(List<String> wanted, Set<String> underWay, int nodes) {
    return operations.room(wanted, underWay, nodes);
  }
}
