package io.millwright.collector.incidents;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many pages an hour may be sent of one rack or domain, and of the site. One owner. */
final class PageRate {
  static final int MOST_OF_PART = 6;
  static final int MOST_OF_SITE = 30;
  static final String SITE = "site";
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private final Map<String, ArrayDeque<Long>> sent = new HashMap<>();
  private final Map<String, Long> summed = new HashMap<>();

  /** What was decided of a page. */
  enum Answer {
    SEND,
    /** Instead of it: that there are so many. */
    SUMMARY,
    NOTHING
  }

  /**
   * Whether a page of these may be sent now; where it may, it counts.
   *
   * @param parts racks and domains that it is of; the site is always
   */
  Answer ask(List<String> parts, long nowMs) {
    for (String part : parts) {
      if (full(part, MOST_OF_PART, nowMs)) {
        return summary(part, nowMs);
      }
    }
    if (full(SITE, MOST_OF_SITE, nowMs)) {
      return summary(SITE, nowMs);
    }
    parts.forEach(part -> count(part, nowMs));
    count(SITE, nowMs);
    return Answer.SEND;
  }

  private Answer summary(String part, long nowMs) {
    Long before = summed.get(part);
    if (before != null && nowMs - before < HOUR) {
      return Answer.NOTHING;
    }
    summed.values().removeIf(at -> nowMs - at >= HOUR);
    summed.put(part, nowMs);
    return Answer.SUMMARY;
  }

  private boolean full(String part, int most, long nowMs) {
    ArrayDeque<Long> times = sent.get(part);
    if (times == null) {
      return false;
    }
    while (!times.isEmpty() && nowMs - times.getFirst() >= HOUR) {
      times.removeFirst();
    }
    if (times.isEmpty()) {
      sent.remove(part);
    }
    return times.size() >= most;
  }

  /** Also of pages that were sent before this collector started. */
  void count(String part, long atMs) {
    sent.computeIfAbsent(part, first -> new ArrayDeque<>()).addLast(atMs);
  }
}
