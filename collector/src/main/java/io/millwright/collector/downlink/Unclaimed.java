package io.millwright.collector.downlink;

import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;

/**
 * A run that a node has, and that the book does not know, or not as open there. It keeps its
 * devices until somebody ends it.
 *
 * @param devices UUIDs that its processes may use
 */
public record Unclaimed(String node, RunId run, List<String> devices) {
  public Unclaimed {
    devices = List.copyOf(devices);
  }
}
