package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;

/**
 * What the host is and how it does, where that changes slowly: who it is ({@link Cadence#ONCE});
 * network links and temperatures ({@link Cadence#MEDIUM}); memory size, boot time, CPUs and memory
 * errors ({@link Cadence#SLOW}).
 *
 * <p><i>Lifecycle:</i> nothing is opened or asked before the first {@link #read}; the first one
 * asks OSHI, which takes about 0.1 s. <i>Threading:</i> one owner, the lane; not the one of {@link
 * KernelSource}, for a sensor's driver may take long to answer. <i>Failure:</i> what cannot be read
 * is unavailable by itself; the source has failed only when nothing that was due could be read.
 */
public final class HostSource implements Source {
  private static final int MOST_LINK_SERIES = 128;
  private static final int MOST_SENSORS = 256;
  private static final int MOST_CONTROLLER_SERIES = 128;
  private static final int ROUNDS_A_SENSOR_SEARCH = 12;

  private final Gauges links;
  private final Gauges temperatures;
  private final Gauges memoryErrors;
  private final Sections sections;

  /**
   * @param node value of the label {@code node}
   * @param place what the operator configured
   * @param root where {@code proc} and {@code sys} are, {@code /} but in tests; OSHI knows the real
   *     one only
   */
  public HostSource(String node, Place place, Path root, CallWatch watch) {
    this(node, place, root, watch, new OshiFacts(watch));
  }

  HostSource(String node, Place place, Path root, CallWatch watch, HostFacts facts) {
    links =
        new Gauges(
            Cadence.MEDIUM, 1, MOST_LINK_SERIES, new NetworkLinks(node, root, watch)::gauges);
    temperatures =
        new Gauges(
            Cadence.MEDIUM,
            ROUNDS_A_SENSOR_SEARCH,
            MOST_SENSORS,
            new Temperatures(node, root, watch)::gauges);
    memoryErrors =
        new Gauges(
            Cadence.SLOW, 1, MOST_CONTROLLER_SERIES, new MemoryErrors(node, root, watch)::gauges);
    sections =
        new Sections(
            new Identity(node, place, facts, root, watch),
            new BootTime(node, new ProcFile(root.resolve("proc/stat"), watch), new Text()),
            new MemorySize(node, facts),
            new CpuCounts(node, root, watch),
            memoryErrors,
            links,
            temperatures);
  }

  /** The readings; others after an interface, a sensor or a memory controller came or went. */
  @Override
  public Readings readings() {
    return sections.readings();
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    return sections.read(cadence, nowNanos);
  }

  /** How often a link, sensor or controller was left out because there were too many. */
  public long dropped() {
    return links.dropped() + temperatures.dropped() + memoryErrors.dropped();
  }

  @Override
  public void close() {
    sections.close();
  }
}
