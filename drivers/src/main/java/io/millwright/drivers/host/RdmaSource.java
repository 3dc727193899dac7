package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The fabric adapters, InfiniBand, RoCE and EFA: their ports ({@link Cadence#MEDIUM}), what they
 * are and which GPUs they are near to ({@link Cadence#SLOW}). A source of its own, for an adapter's
 * counters are asked of its firmware, which may take long to answer.
 *
 * <p><i>Lifecycle:</i> nothing is opened before the first {@link #read}. <i>Threading:</i> one
 * owner, the lane. <i>Failure:</i> what cannot be read is unavailable by itself; a host without
 * adapters and GPUs has no series.
 */
public final class RdmaSource implements Source {
  /** Sixteen adapters with a port each, all that is read of them, and room for virtual ones. */
  private static final int MOST_PORT_SERIES = 1024;

  private static final int MOST_ADAPTERS = 64;

  /** Five minutes of slow rounds. */
  private static final int ROUNDS_A_LOOK_AT_THE_BUS = 10;

  private static final int MOST_GPUS = 64;

  /** A minute of medium rounds. */
  private static final int ROUNDS_A_PORT_SEARCH = 12;

  private final Sections sections;

  /**
   * @param node value of the label {@code node}
   * @param root where {@code sys} is, {@code /} but in tests
   * @param most tier that the site wants
   */
  public RdmaSource(String node, Path root, CallWatch watch, Metric.Tier most) {
    Drops drops = new Drops(node, Cadence.SLOW);
    List<Section> read = new ArrayList<>();
    read.add(
        new Gauges(
            Cadence.MEDIUM,
            ROUNDS_A_PORT_SEARCH,
            MOST_PORT_SERIES,
            drops,
            new RdmaPorts(node, root, watch, most)::gauges));
    LostAdapters lost = new LostAdapters(node, root, watch);
    read.add(new Gauges(Cadence.MEDIUM, ROUNDS_A_PORT_SEARCH, MOST_ADAPTERS, drops, lost::gauges));
    if (new Wanted(most).has(Metric.NODE_RDMA_DEVICE_INFO)) {
      RdmaAdapters adapters = new RdmaAdapters(node, root, watch);
      read.add(new Gauges(Cadence.SLOW, 1, MOST_ADAPTERS, drops, adapters::gauges));
    }
    NearAdapters near = new NearAdapters(node, root, watch);
    read.add(new Gauges(Cadence.SLOW, ROUNDS_A_LOOK_AT_THE_BUS, MOST_GPUS, drops, near::gauges));
    read.add(drops);
    sections = new Sections(most, read);
  }

  /** The readings; others after an adapter came or went. */
  @Override
  public Readings readings() {
    return sections.readings();
  }

  @Override
  public boolean reads(Cadence cadence) {
    return sections.reads(cadence);
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    return sections.read(cadence, nowNanos);
  }

  @Override
  public void close() {
    sections.close();
  }
}
