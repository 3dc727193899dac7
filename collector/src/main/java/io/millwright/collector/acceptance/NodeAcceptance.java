package io.millwright.collector.acceptance;

import java.util.List;
import java.util.Optional;

/**
 * What is known of one node's equipment, and of what the site has accepted. Each change makes a new
 * one.
 *
 * @param seen the equipment as it was told last; what is not told any more stays in it
 * @param changedMs when a serial, a version or a place was last seen to be another, by the
 *     collector's wall clock; a test that was ordered before says nothing
 * @param pass the last one
 */
public record NodeAcceptance(String node, Equipment seen, long changedMs, Optional<Pass> pass) {

  /** A node that has told of its equipment for the first time. */
  static NodeAcceptance of(String node, Equipment told, long nowMs) {
    return new NodeAcceptance(node, told, nowMs, Optional.empty());
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

  /** With what the node tells now; the same where that is nothing new. */
  NodeAcceptance told(Equipment now, long nowMs) {
    Equipment next = seen.with(now);
    if (next.equals(seen)) {
      return this;
    }
    boolean changed = !Changes.between(seen, next).isEmpty();
    NodeAcceptance told = new NodeAcceptance(node, next, changed ? nowMs : changedMs, pass);
    return told.accepted() ? told.completed() : told;
  }

  /** What was not known at the pass and is told now of the same devices belongs to it. */
  private NodeAcceptance completed() {
    Equipment all = pass.map(last -> last.equipment().with(seen)).orElse(seen);
    return new NodeAcceptance(
        node,
        all,
        changedMs,
        pass.map(last -> new Pass(all, last.atMs(), last.by(), last.evidence())));
  }

  NodeAcceptance passed(Pass next) {
    return new NodeAcceptance(node, next.equipment(), changedMs, Optional.of(next));
  }
}
