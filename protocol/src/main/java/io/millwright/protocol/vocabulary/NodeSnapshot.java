package io.millwright.protocol.vocabulary;

import java.util.List;

/**
 * All that is known of a node at one tick: what the page is rendered from and the uplink packs.
 *
 * @param sequence number of the tick since the agent's start, from 1
 * @param takenAtNanos monotonic time of the tick
 * @param samples one of each source, already aged; a family may be spread over several
 */
public record NodeSnapshot(long sequence, long takenAtNanos, List<Sample> samples) {
  public NodeSnapshot {
    samples = List.copyOf(samples);
  }

  /**
   * This snapshot as it is to be shown now: the same one while the sampler ticks; one whose
   * readings have aged where it stands still.
   */
  public NodeSnapshot aged(long nowNanos, Periods periods) {
    return nowNanos - takenAtNanos <= periods.longestAgeNanos(Cadence.FAST)
        ? this
        : new NodeSnapshot(
            sequence,
            takenAtNanos,
            samples.stream().map(sample -> sample.aged(nowNanos, periods)).toList());
  }
}
