package io.millwright.collector.late;

import java.util.Map;
import java.util.TreeMap;

/**
 * A set of numbers that mostly follow each other, as ranges. Of bounded size: beyond it the lowest
 * range is forgotten, and its numbers count as not there. One owner thread.
 */
public final class Ranges {
  private final int most;

  /** First number of a range to its last. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  /**
   * @param most ranges that are kept
   */
  public Ranges(int most) {
    this.most = most;
  }

  public boolean contains(long number) {
    Map.Entry<Long, Long> before = ranges.floorEntry(number);
    return before != null && before.getValue() >= number;
  }

  /** Notes it; false where it was there. */
  public boolean add(long number) {
    if (contains(number)) {
      return false;
    }
    Map.Entry<Long, Long> before = ranges.floorEntry(number);
    long first = before != null && before.getValue() == number - 1 ? before.getKey() : number;
    Long last = ranges.remove(number + 1);
    ranges.put(first, last == null ? number : last);
    if (ranges.size() > most) {
      ranges.pollFirstEntry();
    }
    return true;
  }
}
