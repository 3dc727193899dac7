package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;
import java.util.List;

/**
 * PCIe links and errors of fabric adapters and of accelerators that no driver of theirs tells of,
 * read at {@link Cadence#SLOW}. A source of its own: the kernel asks the device for its link, and
 * one that is falling off the bus may be long in answering.
 *
 * <p><i>Lifecycle:</i> nothing is opened before the first {@link #read}. <i>Threading:</i> one
 * owner, the lane. <i>Failure:</i> what cannot be read is unavailable by itself; a host without
 * such devices has no series.
 */
public final class PcieSource implements Source {
  /** Nine of a device, and sixty-four devices. */
  private static final int MOST_SERIES = 576;

  /** Five minutes of slow rounds; a device that has gone is looked for at once. */
  private static final int ROUNDS_A_SEARCH = 10;

  private final Sections sections;

  /**
   * @param node value of the label {@code node}
   * @param root where {@code sys} is, {@code /} but in tests
   */
  public PcieSource(String node, Path root, CallWatch watch) {
    Drops drops = new Drops(node, Cadence.SLOW);
    PcieDevices devices = new PcieDevices(node, root, watch);
    sections =
        new Sections(
            Metric.Tier.EXTENDED,
            List.of(
                new Gauges(Cadence.SLOW, ROUNDS_A_SEARCH, MOST_SERIES, drops, devices::gauges),
                drops));
  }

  /** Whether a site that wants this tier wants any of it. */
  public static boolean wanted(Metric.Tier most) {
    return new Wanted(most).has(Metric.NODE_PCIE_LINK_GENERATION);
  }

  /** The readings; others after a device came or went. */
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
