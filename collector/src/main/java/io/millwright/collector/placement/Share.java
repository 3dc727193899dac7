package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.util.List;

/**
 * What a job gets on one node.
 *
 * @param marks why here
 */
public record Share(String node, DeviceSet devices, List<Mark> marks) {
  public Share {
    marks = List.copyOf(marks);
  }
}
