package io.millwright.agent.events;

import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The first of a kind is told at once; then at most once a minute, with how many there were. No
 * occurrence is lost: what was told adds up to what came, and {@link #waiting()}.
 *
 * <p><i>Threading:</i> one owner, the caller.
 */
final class Digest {
  static final long APART_MS = 60_000;
  private static final int MOST_KINDS = 1_024;

  private final Map<Key, Open> open = new LinkedHashMap<>();
  private boolean changed;

  private record Key(
      String boot, String kind, String device, String instance, String code, String run) {
    static Key of(NodeEvent event) {
      return new Key(
          event.bootId(),
          event.kind(),
          event.device(),
          event.instance(),
          event.code(),
          event.ownRun());
    }
  }

  private static final class Open {
    private long toldMs;
    private Optional<NodeEvent> waiting;

    Open(long toldMs, Optional<NodeEvent> waiting) {
      this.toldMs = toldMs;
      this.waiting = waiting;
    }
  }

  /**
   * @param waiting of an earlier start; told with the next step
   */
  Digest(List<NodeEvent> waiting, long nowMs) {
    waiting.forEach(
        event -> open.put(Key.of(event), new Open(nowMs - APART_MS, Optional.of(event))));
  }

  /**
   * It happened.
   *
   * @param nowMs of a clock that never goes back
   * @param told gets what is told at once
   */
  void take(NodeEvent event, long nowMs, Consumer<NodeEvent> told) {
    Key key = Key.of(event);
    Open known = open.get(key);
    if (known != null) {
      known.waiting = Optional.of(known.waiting.map(before -> before.and(event)).orElse(event));
      changed = true;
      return;
    }
    if (open.size() >= MOST_KINDS) {
      makeRoom(told);
    }
    open.put(key, new Open(nowMs, Optional.empty()));
    told.accept(event);
  }

  /** The one that was opened first goes, told early if something waits. */
  private void makeRoom(Consumer<NodeEvent> told) {
    Iterator<Open> all = open.values().iterator();
    Open oldest = all.next();
    all.remove();
    oldest.waiting.ifPresent(event -> {
      changed = true;
      told.accept(event);
    });
  }

  /** Tells what has waited long enough. */
  void step(long nowMs, Consumer<NodeEvent> told) {
    if (open.isEmpty()) {
      return;
    }
    Iterator<Open> all = open.values().iterator();
    while (all.hasNext()) {
      Open one = all.next();
      if (nowMs - one.toldMs < APART_MS) {
        continue;
      }
      if (one.waiting.isEmpty()) {
        all.remove();
      } else {
        told.accept(one.waiting.get());
        one.waiting = Optional.empty();
        one.toldMs = nowMs;
        changed = true;
      }
    }
  }

  /** Tells all that waits, as at the end. */
  void flush(Consumer<NodeEvent> told) {
    for (Open one : open.values()) {
      one.waiting.ifPresent(told);
      changed |= one.waiting.isPresent();
      one.waiting = Optional.empty();
    }
  }

  /** Whether what waits is other than when this was asked last. */
  boolean changed() {
    boolean was = changed;
    changed = false;
    return was;
  }

  List<NodeEvent> waiting() {
    List<NodeEvent> all = new ArrayList<>();
    for (Open one : open.values()) {
      one.waiting.ifPresent(all::add);
    }
    return all;
  }
}
