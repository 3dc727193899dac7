package io.millwright.collector.acceptance;

import io.millwright.collector.acceptance.Standing.State;
import java.util.List;
import java.util.Optional;

/** How far the acceptance of a node is, by its equipment and the newest run of the test. Pure. */
final class Judge {
  private Judge() {}

  /**
   * @param run the newest one of the site's test on this node
   */
  static Standing of(NodeAcceptance node, Optional<TestSource.Run> run) {
    if (node.accepted()) {
      return new Standing(State.ACCEPTED, "");
    }
    List<String> changes = node.changes();
    String why =
        node.pass().isEmpty()
            ? "it was never accepted"
            : "changed since it was accepted: " + String.join("; ", changes);
    Optional<TestSource.Run> counting = counting(node, run);
    boolean runs = counting.filter(last -> last.result() == TestSource.Result.RUNNING).isPresent();
    return (runs ? counting : node.failed().or(() -> counting))
        .map(last -> of(last, why, node))
        .orElseGet(() -> new Standing(node.pass().isEmpty() ? State.NEW : State.UNACCEPTED, why));
  }

  /**
   * A test that was ordered before the last change says nothing of what is there now, and one that
   * was ordered before the one that has failed no more than that.
   */
  static Optional<TestSource.Run> counting(NodeAcceptance node, Optional<TestSource.Run> run) {
    return run.filter(last -> node.countsOrder(last.order()));
  }

  private static Standing of(TestSource.Run run, String why, NodeAcceptance node) {
    return switch (run.result()) {
      case RUNNING -> new Standing(State.TESTING, why + "; the site's test runs");
      case FAILED -> new Standing(State.FAILED, why + "; the site's test failed: " + run.words());
      case CANNOT_TELL ->
          new Standing(State.UNACCEPTED, why + "; the site's test came to nothing: " + run.words());
      case PASSED -> new Standing(node.pass().isEmpty() ? State.NEW : State.UNACCEPTED, why);
    };
  }
}
