package io.millwright.collector.placement;

import java.util.List;

/** The accelerators that a candidate would give, by index. */
public record Offer(Candidate candidate, List<DeviceView> chosen) {
  public Offer {
    chosen = List.copyOf(chosen);
  }

  public int leftover() {
    return candidate.free().size() - chosen.size();
  }
}
