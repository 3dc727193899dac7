package io.millwright.protocol.views;

import java.util.List;

/**
 * Where a job would run now, and of each other node why not; {@code POST /v1/placements/explain}.
 *
 * @param placed whether it has a place
 * @param summary one sentence
 * @param shares one a node, the best first; none where it has no place
 * @param refusals one for each node without a share
 */
public record PlacementView(
    int schemaVersion, boolean placed, String summary, List<Share> shares, List<Refusal> refusals) {
  public PlacementView {
    shares = List.copyOf(shares);
    refusals = List.copyOf(refusals);
  }

  /** What a node would give, and what spoke for it. */
  public record Share(String node, List<String> devices, List<Mark> marks) {
    public Share {
      devices = List.copyOf(devices);
      marks = List.copyOf(marks);
    }
  }

  /**
   * One term of the score.
   *
   * @param weight of the term
   * @param value from 0 to 1
   */
  public record Mark(String term, double weight, double value) {}

  /** Why not there. */
  public record Refusal(String node, String reason) {}
}
