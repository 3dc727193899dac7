package io.millwright.collector.returns;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * That a part is returned.
 *
 * @param id as in {@code r7}
 * @param serial of the part, as its driver tells it
 * @param ticket by which the maker or the site knows the case
 * @param by who entered it
 * @param node that had the part when that was entered; empty where none was seen to
 * @param leftMs when it was first seen to be gone, by the wall clock
 * @param seenNode that has it again after that
 * @param seenMs when it was last seen to come back
 * @param endedMs when a person ended it: the ticket is closed, and nothing is said any more
 */
public record PartReturn(
    String id,
    String serial,
    String ticket,
    String reason,
    String by,
    long atMs,
    Optional<String> node,
    OptionalLong leftMs,
    Optional<String> seenNode,
    OptionalLong seenMs,
    OptionalLong endedMs) {

  public boolean open() {
    return endedMs.isEmpty();
  }

  /** Where it is or was, as far as that is known. */
  Optional<String> place() {
    return seenNode.or(() -> node);
  }

  PartReturn left(long nowMs) {
    return with(
        leftMs.isPresent() ? leftMs : OptionalLong.of(nowMs), Optional.empty(), seenMs, endedMs);
  }

  PartReturn seen(String where, long nowMs) {
    return with(leftMs, Optional.of(where), OptionalLong.of(nowMs), endedMs);
  }

  PartReturn ended(long nowMs) {
    return with(leftMs, seenNode, seenMs, OptionalLong.of(nowMs));
  }

  private PartReturn with(
      OptionalLong left, Optional<String> where, OptionalLong seen, OptionalLong ended) {
    return new PartReturn(id, serial, ticket, reason, by, atMs, node, left, where, seen, ended);
  }
}
