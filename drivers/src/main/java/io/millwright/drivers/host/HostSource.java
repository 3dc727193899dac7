package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the host is and how it does, where that changes slowly: who it is ({@link Cadence#ONCE});
 * network links, sensors and the clock ({@link Cadence#MEDIUM}); memory size, boot time, CPUs,
 * memory errors, huge pages, NUMA nodes, RAID arrays, the kernel's limits, file descriptors and
 * processes that do not end ({@link Cadence#SLOW}).
 *
 * <p><i>Lifecycle:</i> nothing is opened or asked before the first {@link #read}; the first one
 * asks OSHI, which takes about 0.1 s. <i>Threading:</i> one owner, the lane; not the one of {@link
 * KernelSource}, for a sensor's driver may take long to answer. <i>Failure:</i> what cannot be read
 * is unavailable by itself; the source has failed only when nothing that was due could be read.
 */
public final class HostSource implements Source {
  private static final int MOST_LINK_SERIES = 128;
  private static final int MOST_SENSORS = 256;
  private static final int MOST_FANS = 64;
  private static final int MOST_POWER_SERIES = 32;
  private static final int MOST_CONTROLLER_SERIES = 128;

  /** A GB300 has a NUMA node for each GPU and each of its MIG instances. */
  private static final int MOST_NUMA_SERIES = 128;

  private static final int MOST_FEW = 32;
  private static final int ROUNDS_A_SENSOR_SEARCH = 12;

  private final Wanted wanted;
  private final Drops drops;
  private final List<Section> read = new ArrayList<>();
  private final Sections sections;

  /**
   * @param node value of the label {@code node}
   * @param place what the operator configured
   * @param root where {@code proc} and {@code sys} are, {@code /} but in tests; OSHI and the clock
   *     know the real ones only
   * @param most tier that the site wants
   */
  public HostSource(String node, Place place, Path root, CallWatch watch, Metric.Tier most) {
    this(node, place, root, watch, most, new OshiFacts(watch), new Timekeeping.OfKernel(watch));
  }

  /**
   * Whether the kernel shows a meter of the whole node, so that this source tells its power.
   *
   * @param root where {@code sys} is
   */
  public static boolean metersNode(Path root) {
    return new HostPower("", root, CallWatch.NONE).metersNode();
  }

  HostSource(
      String node,
      Place place,
      Path root,
      CallWatch watch,
      Metric.Tier most,
      HostFacts facts,
      Timekeeping clock) {
    this.wanted = new Wanted(most);
    this.drops = new Drops(node, Cadence.SLOW);
    read.add(new Identity(node, place, facts, root, watch));
    read.add(new BootTime(node, new ProcFile(root.resolve("proc/stat"), watch), new Text()));
    read.add(new MemorySize(node, facts));
    read.add(new CpuCounts(node, root, watch));
    read.add(new ClockState(node, clock));
    HostPower power = new HostPower(node, root, watch);
    slow(
        Metric.NODE_MEMORY_ECC_ERRORS_TOTAL,
        MOST_CONTROLLER_SERIES,
        new MemoryErrors(node, root, watch)::gauges);
    read.add(
        new Gauges(
            Cadence.MEDIUM,
            1,
            MOST_LINK_SERIES,
            drops,
            new NetworkLinks(node, root, watch)::gauges));
    sensors(
        Metric.NODE_TEMPERATURE_CELSIUS, MOST_SENSORS, new Temperatures(node, root, watch)::gauges);
    sensors(Metric.NODE_POWER_WATTS, MOST_POWER_SERIES, power::power);
    sensors(Metric.NODE_FAN_SPEED_RPM, MOST_FANS, new Fans(node, root, watch)::gauges);
    sensors(Metric.NODE_POWER_SUPPLY_UP, MOST_FEW, power::supplies);
    slow(Metric.NODE_HUGEPAGES_FREE_BYTES, MOST_FEW, new HugePages(node, root, watch)::gauges);
    slow(
        Metric.NODE_NUMA_MEMORY_SIZE_BYTES,
        MOST_NUMA_SERIES,
        new NumaMemory(node, root, watch)::gauges);
    slow(Metric.NODE_FILE_DESCRIPTORS, MOST_FEW, new FileDescriptors(node, root, watch)::gauges);
    slow(Metric.NODE_PTP_CLOCK_INFO, MOST_FEW, new PtpClocks(node, root, watch)::gauges);
    slow(Metric.NODE_RAID_MISSING_DISKS, MOST_FEW, new RaidArrays(node, root, watch)::gauges);
    slow(Metric.NODE_LIMIT_USED_RATIO, MOST_FEW, new KernelLimits(node, root, watch)::gauges);
    if (wanted.has(Metric.NODE_ZOMBIE_PROCESSES)) {
      read.add(new Zombies(node, root, watch));
    }
    read.add(drops);
    sections = new Sections(most, read);
  }

  private void slow(Metric family, int limit, Supplier<List<Gauge>> search) {
    add(family, new Gauges(Cadence.SLOW, 1, limit, drops, search));
  }

  private void sensors(Metric family, int limit, Supplier<List<Gauge>> search) {
    add(family, new Gauges(Cadence.MEDIUM, ROUNDS_A_SENSOR_SEARCH, limit, drops, search));
  }

  private void add(Metric family, Section section) {
    if (wanted.has(family)) {
      read.add(section);
    }
  }

  /** The readings; others after an interface, a sensor or a memory controller came or went. */
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
