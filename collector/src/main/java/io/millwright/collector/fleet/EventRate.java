package io.millwright.collector.fleet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds how often one thing is told of one subject, so that a device that flaps, or an agent that
 * lies, does not drive the rest of the fleet out of the list of events. Pure.
 */
final class EventRate {
  static final int MOST_A_MINUTE = 6;
  private static final long MINUTE_MS = 60_000;

  private EventRate() {}

  private record Key(String kind, String subject) {}

  /** Those that are to be told; the last that is says that more may be left out. */
  static List<Happening> bounded(List<FleetEvent> before, List<Happening> now) {
    if (now.isEmpty()) {
      return now;
    }
    long since = now.getFirst().wallMs() - MINUTE_MS;
    Map<Key, Integer> told = new HashMap<>();
    for (FleetEvent event : before) {
      if (event.wallMs() > since) {
        told.merge(new Key(event.kind(), event.subject()), 1, Integer::sum);
      }
    }
    List<Happening> bounded = new ArrayList<>();
    for (Happening happening : now) {
      int count = told.merge(new Key(happening.kind(), happening.subject()), 1, Integer::sum);
      if (count < MOST_A_MINUTE) {
        bounded.add(happening);
      } else if (count == MOST_A_MINUTE) {
        bounded.add(last(happening));
      }
    }
    return bounded;
  }

  private static Happening last(Happening happening) {
    return new Happening(
        happening.wallMs(),
        happening.kind(),
        happening.subject(),
        happening.message() + " More of this within a minute is not told.");
  }
}
