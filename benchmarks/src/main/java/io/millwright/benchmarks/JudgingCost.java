package io.millwright.benchmarks;

import com.sun.management.ThreadMXBean;
import io.millwright.agent.health.Engine;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Observation;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.NvmlDevice;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What judging a node costs: all rules over all devices of a library, on one thread, with the
 * history that they remember.
 *
 * <pre>
 * JudgingCost LIBRARY TICKS [PORTS]
 * </pre>
 *
 * With ports: of so many fabric adapters each counter of errors that a rule looks at grows now and
 * then.
 *
 * <p>The devices are read 60 times before; those readings are judged in turn, a second apart to the
 * rules. As many ticks again are made before, to be past the compiler and to have a full history.
 */
public final class JudgingCost {
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final int DIFFERENT = 60;
  private static final int COLLECTIONS = 3;
  private static final List<String> KINDS =
      List.of(
          "link_downed",
          "local_integrity",
          "buffer_overrun",
          "symbol",
          "link_recovery",
          "slow_restart",
          "rnr_retry",
          "receive",
          "retransmit",
          "timeout");

  private final Engine engine =
      new Engine(RuleCatalogue.load(), "/var/lib/millwright", Memory.none("boot"), "boot");
  private final List<NodeSnapshot> snapshots = new ArrayList<>();
  private final Clock clock = Clock.system();
  private HealthReport report = new HealthReport(0, List.of());
  private Readings adapters = new Readings(SeriesTable.builder().build());
  private long tick;

  private JudgingCost(List<NvmlDevice> devices, int ports) {
    List<Sample> answers = new ArrayList<>();
    for (int i = 0; i < DIFFERENT; i++) {
      long now = i * SECOND_NANOS;
      List<Sample> samples = new ArrayList<>();
      for (NvmlDevice device : devices) {
        for (Cadence cadence : Cadence.values()) {
          device.read(cadence, now);
        }
        Sample sample = device.readings().sample();
        samples.add(sample);
        if (i == 0) {
          answers.add(answering(sample.table().series(0).labelValues()));
        }
      }
      samples.addAll(answers);
      samples.add(errors(ports, i));
      snapshots.add(new NodeSnapshot(i, now, samples));
    }
  }

  private Sample errors(int ports, int tick) {
    if (tick == 0) {
      SeriesTable.Builder table = SeriesTable.builder();
      for (int port = 0; port < ports; port++) {
        for (String kind : KINDS) {
          table.add(
              Cadence.FAST,
              Series.of(Metric.NODE_RDMA_ERRORS_TOTAL, "n1", "mlx5_" + port, "1", kind));
        }
      }
      adapters = new Readings(table.build());
    }
    for (int i = 0; i < ports * KINDS.size(); i++) {
      adapters.measured(
          i,
          1_000.0 * i
              + (tick < DIFFERENT / 2 ? 0 : 1)); // turns back with the readings: begins anew
    }
    return adapters.sample();
  }

  /** What a lane says of its device, beside the readings. */
  private static Sample answering(List<String> labels) {
    int own = Metric.Scope.ACCELERATOR.labels().size();
    SeriesTable.Builder table = SeriesTable.builder();
    int up =
        table.add(Cadence.FAST, new Series(Metric.ACCELERATOR_UP, labels.subList(0, own), false));
    Readings readings = new Readings(table.build());
    readings.measured(up, 1);
    return readings.sample();
  }

  public static void main(String[] arguments) {
    if (arguments.length < 2 || arguments.length > 3) {
      throw new BenchmarkException("usage: JudgingCost LIBRARY TICKS [PORTS]");
    }
    List<NvmlDevice> devices = ReadingCost.openDevices(arguments[0], CallWatch.NONE);
    int ticks = Integer.parseInt(arguments[1]);
    int ports = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
    JudgingCost cost = new JudgingCost(devices, ports);
    long before = inUse();
    cost.nanosOf(ticks);
    System.out.println(
        cost.measured(ticks)
            .add("devices", devices.size())
            .add("ports", ports)
            .add("history_bytes", inUse() - before));
  }

  /** Bytes of the heap in use, after it was cleared up. */
  private static long inUse() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < COLLECTIONS; i++) {
      runtime.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private Line measured(int ticks) {
    long thread = Thread.currentThread().threadId();
    long allocated = THREAD.getThreadAllocatedBytes(thread);
    long[] nanos = nanosOf(ticks);
    allocated = THREAD.getThreadAllocatedBytes(thread) - allocated;
    Arrays.sort(nanos);
    int series = 0;
    for (Sample sample : snapshots.getFirst().samples()) {
      series += sample.table().size();
    }
    return Line.of("judging")
        .add("ticks", ticks)
        .add("series", series)
        .add("rules", RuleCatalogue.load().all().size())
        .add("judgements", report.judgements().size())
        .add("us_p50", nanos[ticks / 2] / 1e3)
        .add("us_p99", nanos[ticks - 1 - ticks / 100] / 1e3)
        .add("us_most", nanos[ticks - 1] / 1e3)
        .add("bytes_per_tick", (double) allocated / ticks);
  }

  private long[] nanosOf(int ticks) {
    long[] nanos = new long[ticks];
    for (int i = 0; i < ticks; i++) {
      tick++;
      Observation now =
          new Observation(
              tick * SECOND_NANOS,
              tick * 1000,
              snapshots.get((int) (tick % DIFFERENT)),
              List.of(),
              Map.of(),
              Set.of(),
              Set.of(),
              "");
      long began = clock.nanos();
      report = engine.judge(now);
      nanos[i] = clock.nanos() - began;
    }
    return nanos;
  }
}
