package io.millwright.agent.watch;

import io.millwright.agent.health.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What was found in the kernel log and not taken yet. The first {@value #MOST_LINES} wait one by
 * one; of what comes beyond them only how often, first and last is kept of each kind, so that a
 * flood neither grows nor holds up the reader, whose log is written over meanwhile.
 *
 * <p><i>Threading:</i> any.
 */
final class Backlog {
  private static final int MOST_LINES = 1024;
  private static final int MOST_KINDS = 1024;

  private final Deque<KernelLog.Line> lines = new ArrayDeque<>();
  private final Map<List<Object>, KernelLog.Line> repeated = new LinkedHashMap<>();

  /** Takes a line in; false where there is no room for one more kind. */
  synchronized boolean offer(KernelLog.Line line) {
    if (repeated.isEmpty() && lines.size() < MOST_LINES) {
      return lines.offer(line);
    }
    List<Object> kind = kind(line.event());
    if (repeated.size() >= MOST_KINDS && !repeated.containsKey(kind)) {
      return false;
    }
    repeated.merge(
        kind,
        new KernelLog.Line(
            line.sequence(), new Event.Repeated(line.event(), 1, line.event().atMs())),
        Backlog::both);
    return true;
  }

  private static KernelLog.Line both(KernelLog.Line before, KernelLog.Line now) {
    Event.Repeated first = (Event.Repeated) before.event();
    Event.Repeated last = (Event.Repeated) now.event();
    return new KernelLog.Line(
        now.sequence(),
        new Event.Repeated(
            last.last(), first.times() + last.times(), Math.min(first.firstMs(), last.firstMs())));
  }

  private static List<Object> kind(Event event) {
    return switch (event) {
      case Event.DeviceError error ->
          List.of(error.place(), error.instance(), error.code(), error.origin(), error.gravity());
      case Event.Kernel line -> List.of(line.pattern());
      case Event.Repeated repeated -> kind(repeated.last());
    };
  }

  /** Gives out all of it; the last line has the highest number. */
  synchronized void drain(Consumer<KernelLog.Line> to) {
    lines.forEach(to);
    lines.clear();
    repeated.values().forEach(to);
    repeated.clear();
  }
}
