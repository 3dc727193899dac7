package io.millwright.collector.store;

import java.util.List;

/**
 * Several values as they stood together.
 *
 * @param revision of the store at that time
 */
public record Snapshot(List<Versioned> values, long revision) {
  public Snapshot {
    values = List.copyOf(values);
  }
}
