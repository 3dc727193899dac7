package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.util.List;
import java.util.Optional;

/**
 * What a job gets on one node.
 *
 * @param marks why here
 * @param address where the processes there are reached; empty where nobody needs to know
 */
public record Share(String node, DeviceSet devices, List<Mark> marks, Optional<String> address) {
  public Share {
    marks = List.copyOf(marks);
  }

  /** Of a job on one node. */
  public Share(String node, DeviceSet devices, List<Mark> marks) {
    this(node, devices, marks, Optional.empty());
  }
}
