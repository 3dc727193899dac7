package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.List;

/**
 * A node that a job might run on.
 *
 * @param free the accelerators of the wanted kind that are fit and not taken, by index
 */
public record Candidate(NodeView node, List<DeviceView> free, JobSpec spec) {
  public Candidate {
    free = List.copyOf(free);
  }

  public int wanted() {
    return spec.devices().count();
  }
}
