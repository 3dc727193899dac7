package io.millwright.collector.acceptance;

import java.util.List;
import java.util.Optional;

/**
 * What is known of one node's equipment, and of what the site has accepted. Each change makes a new
 * one.
 *
 * @param seen the equipment as it was told last; what is not told any more stays in it
 * @param changedMs when a serial, a version or a place was last seen to be another, by the
 *     collector's wall clock; for people
 * @param after the newest order of a test then, on whichever node; only a test that was ordered
 *     later says something of what is there
 * @param pass the last one
 * @param failed the site's test that has failed on what is there now; its own record may be gone
 */
public record NodeAcceptance(
    String node,
    Equipment seen,
    long changedMs,
    String after,
    Optional<Pass> pass,
    Optional<TestSource.Run> failed) {

  /** A node that has told of its equipment for the first time. */
  static NodeAcceptance of(String node, Equipment told, long nowMs, String latest) {
    return new NodeAcceptance(node, told, nowMs, latest, Optional.empty(), Optional.empty());
  }

  /** What has changed since the last pass, in words; nothing where none was. */
  public List<String> changes() {
    return pass.filter(last -> !last.equipment().equals(seen))
        .map(last -> Changes.between(last.equipment(), seen))
        .orElse(List.of());
  }

  /** Whether what is there now was accepted. */
  public boolean accepted() {
    return pass.isPresent() && changes().isEmpty();
  }

  /**
   * With what the node tells now; the same where that is nothing new.
   *
   * @param latest the newest order of a test
   */
  NodeAcceptance told(Equipment now, long nowMs, String latest) {
    Equipment next = seen.with(now);
    if (next.equals(seen)) {
      return this;
    }
    boolean changed = !Changes.between(seen, next).isEmpty();
    NodeAcceptance told =
        changed
            ? new NodeAcceptance(node, next, nowMs, latest, pass, Optional.empty())
            : new NodeAcceptance(node, next, changedMs, after, pass, failed);
    return told.accepted() ? told.completed() : told;
  }

  /** What was not known at the pass and is told now of the same devices belongs to it. */
  private NodeAcceptance completed() {
    Equipment all = pass.map(last -> last.equipment().with(seen)).orElse(seen);
    return new NodeAcceptance(
        node,
        all,
        changedMs,
        after,
        pass.map(last -> new Pass(all, last.atMs(), last.by(), last.evidence())),
        failed);
  }

  NodeAcceptance passed(Pass next) {
    return new NodeAcceptance(
        node, next.equipment(), changedMs, after, Optional.of(next), Optional.empty());
  }

  NodeAcceptance failed(TestSource.Run run) {
    return new NodeAcceptance(node, seen, changedMs, after, pass, Optional.of(run));
  }

  /** The order that a test has to be later than, or to be, for it to say something. */
  boolean countsOrder(String order) {
    return order.compareTo(after) > 0
        && failed.filter(run -> order.compareTo(run.order()) < 0).isEmpty();
  }
}
