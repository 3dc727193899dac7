package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel counts, read at 1 Hz straight from {@code /proc}: CPU time ({@code stat}), load
 * ({@code loadavg}), memory available and swap ({@code meminfo}), pressure ({@code pressure/*}),
 * OOM kills ({@code vmstat}), disks ({@code diskstats}) and network interfaces ({@code net/dev}).
 *
 * <p><i>Lifecycle:</i> files are opened by the first {@link #read} and stay open until {@link
 * #close}. <i>Threading:</i> one owner, the lane. <i>Failure:</i> a file that cannot be read makes
 * its own values unavailable; the source has failed only when no file could be read. Of disks and
 * interfaces 64 each are shown; what is beyond is counted as dropped series.
 */
public final class KernelSource implements Source {
  private static final int MOST_DISKS = 64;
  private static final int MOST_INTERFACES = 64;

  private final Sections sections;

  /**
   * @param node value of the label {@code node}
   * @param root where {@code proc} and {@code sys} are, {@code /} but in tests
   */
  public KernelSource(String node, Path root, CallWatch watch) {
    Path proc = root.resolve("proc");
    Text text = new Text();
    Drops drops = new Drops(node, Cadence.FAST);
    DeviceCounters disks =
        new DeviceCounters(
            node,
            new ProcFile(proc.resolve("diskstats"), watch),
            text,
            new DiskLines(root),
            MOST_DISKS,
            drops);
    DeviceCounters interfaces =
        new DeviceCounters(
            node,
            new ProcFile(proc.resolve("net/dev"), watch),
            text,
            new NetworkLines(),
            MOST_INTERFACES,
            drops);
    List<Section> read =
        List.of(
            new CpuTimes(node, new ProcFile(proc.resolve("stat"), watch), text),
            new LoadAverages(node, new ProcFile(proc.resolve("loadavg"), watch), text),
            new MemoryLevels(node, new ProcFile(proc.resolve("meminfo"), watch), text),
            new OomKills(node, new ProcFile(proc.resolve("vmstat"), watch), text),
            pressure(node, "cpu", proc, watch, text),
            pressure(node, "memory", proc, watch, text),
            pressure(node, "io", proc, watch, text),
            disks,
            interfaces,
            drops);
    sections = new Sections(Metric.Tier.BASE, read);
  }

  private static PressureStalls pressure(
      String node, String resource, Path proc, CallWatch watch, Text text) {
    ProcFile file = new ProcFile(proc.resolve("pressure").resolve(resource), watch);
    return new PressureStalls(node, resource, file, text);
  }

  /** The readings; others after a disk or an interface came or went. */
  @Override
  public Readings readings() {
    return sections.readings();
  }

  /** Reads all at {@link Cadence#FAST}; nothing is due at any other cadence. */
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
