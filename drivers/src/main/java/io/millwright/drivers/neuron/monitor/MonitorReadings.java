package io.millwright.drivers.neuron.monitor;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The readings of one record after the other. neuron-monitor tells what was counted in its period;
 * here it is added up, for each tag and for the node. A runtime that is gone from the records is
 * gone from the series, and stays in the node's sums:
 *
 * <pre>
 * millwright_accelerator_runtime_executions_total{node="n1",runtime="train-0",status="completed"} 369
 * millwright_accelerator_executions_total{node="n1",status="completed"} 40112
 * </pre>
 *
 * <p>Several processes of one tag are one runtime: counts, memory and processor time are summed, of
 * latencies the highest counts.
 *
 * <p><i>Threading:</i> one owner thread; samples are immutable. <i>Failure:</i> none.
 */
public final class MonitorReadings {
  private static final Metric LATENCY = Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS;

  private final String node;
  private final Metric.Tier most;
  private final Cadence cadence;
  private final Map<String, Counts> runtimes = new HashMap<>();
  private final Map<String, Map<Series, Reading>> rowsOfRuntimes = new HashMap<>();
  private final Counts all = new Counts();
  private final Map<List<String>, Running> ecc = new HashMap<>();
  private SeriesTable table;

  /**
   * @param node value of the label {@code node}
   * @param most the last tier that is shown
   * @param cadence by which the readings grow old
   */
  public MonitorReadings(String node, Metric.Tier most, Cadence cadence) {
    this.node = node;
    this.most = most;
    this.cadence = cadence;
    this.table = SeriesTable.builder(most).build();
  }

  /** What was counted, each word from 0. */
  private static final class Counts {
    private final Map<String, Long> executions = new LinkedHashMap<>();
    private final Map<String, Long> errors = new LinkedHashMap<>();

    Counts() {
      RuntimeReport.STATUSES.forEach(status -> executions.put(status, 0L));
      RuntimeReport.ERRORS.forEach(type -> errors.put(type, 0L));
    }

    void add(RuntimeReport report) {
      report.executions().forEach((status, count) -> executions.merge(status, count, Long::sum));
      report.errors().forEach((type, count) -> errors.merge(type, count, Long::sum));
    }
  }

  /** A running count that may be set back, as by a reload of the driver. */
  private static final class Running {
    private long total;
    private long last;

    void now(long count) {
      total += count >= last ? count - last : count;
      last = count;
    }
  }

  private record Row(Series series, Reading reading) {}

  /**
   * Takes a record in.
   *
   * @param nowNanos monotonic time at which it was heard
   * @return all readings after it; what this record does not have is not measured
   */
  public Sample take(MonitorRecord record, long nowNanos) {
    Map<String, List<RuntimeReport>> byTag = new TreeMap<>();
    for (RuntimeReport report : record.runtimes()) {
      byTag.computeIfAbsent(report.tag(), unseen -> new ArrayList<>()).add(report);
      runtimes.computeIfAbsent(report.tag(), unseen -> new Counts()).add(report);
      all.add(report);
    }
    runtimes.keySet().retainAll(byTag.keySet());
    rowsOfRuntimes.keySet().retainAll(byTag.keySet());
    List<Row> rows = new ArrayList<>();
    all.executions.forEach(
        (status, count) -> add(rows, count, Metric.ACCELERATOR_EXECUTIONS_TOTAL, status));
    all.errors.forEach(
        (type, count) -> add(rows, count, Metric.ACCELERATOR_EXECUTION_ERRORS_TOTAL, type));
    byTag.forEach((tag, reports) -> runtime(tag, reports, rows));
    record.cores().forEach(core -> core(core, rows));
    record.devices().forEach(device -> device(device, rows));
    return sample(rows, nowNanos);
  }

  /**
   * Rows that a living runtime had once stay, so that the table does; absent, as latencies at rest.
   */
  private void runtime(String tag, List<RuntimeReport> reports, List<Row> rows) {
    Set<Long> pids = new TreeSet<>();
    for (RuntimeReport report : reports) {
      if (report.pid() > 0) {
        pids.add(report.pid());
      }
    }
    pids.forEach(pid -> add(rows, 1, Metric.ACCELERATOR_RUNTIME_INFO, tag, Long.toString(pid)));
    List<Row> now = new ArrayList<>();
    counts(tag, reports, now);
    resources(tag, reports, now);
    Map<Series, Reading> known =
        rowsOfRuntimes.computeIfAbsent(tag, unseen -> new LinkedHashMap<>());
    known.replaceAll((series, before) -> new Reading.Unsupported());
    now.forEach(row -> known.put(row.series(), row.reading()));
    known.forEach((series, reading) -> rows.add(new Row(series, reading)));
  }

  private void resources(String tag, List<RuntimeReport> reports, List<Row> rows) {
    for (String location : RuntimeReport.LOCATIONS) {
      Metric metric = Metric.ACCELERATOR_RUNTIME_MEMORY_USED_BYTES;
      if (reports.stream().anyMatch(report -> report.memoryError().isPresent())) {
        failed(rows, metric, tag, location);
      } else {
        sum(reports.stream().map(report -> report.memoryBytes().get(location)).toList())
            .ifPresent(bytes -> add(rows, bytes, metric, tag, location));
      }
    }
    for (String mode : RuntimeReport.MODES) {
      Metric metric = Metric.ACCELERATOR_RUNTIME_CPU_USAGE_RATIO;
      if (reports.stream().anyMatch(report -> report.cpuError().isPresent())) {
        failed(rows, metric, tag, mode);
      } else {
        sum(reports.stream().map(report -> report.cpuRatios().get(mode)).toList())
            .ifPresent(ratio -> add(rows, ratio, metric, tag, mode));
      }
    }
  }

  private void counts(String tag, List<RuntimeReport> reports, List<Row> rows) {
    boolean failed = reports.stream().anyMatch(report -> report.executionError().isPresent());
    Counts counts = runtimes.getOrDefault(tag, all);
    counts.executions.forEach((status, count) -> {
      Metric metric = Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL;
      if (failed) {
        failed(rows, metric, tag, status);
      } else {
        add(rows, count, metric, tag, status);
      }
    });
    counts.errors.forEach((type, count) -> {
      Metric metric = Metric.ACCELERATOR_RUNTIME_ERRORS_TOTAL;
      if (failed) {
        failed(rows, metric, tag, type);
      } else {
        add(rows, count, metric, tag, type);
      }
    });
    for (String stage : RuntimeReport.STAGES) {
      for (String percentile : RuntimeReport.PERCENTILES) {
        reports.stream()
            .map(report -> report.latency(stage, percentile))
            .flatMapToDouble(OptionalDouble::stream)
            .max()
            .ifPresent(seconds -> add(rows, seconds, LATENCY, tag, percentile, stage));
      }
    }
  }

  private static OptionalDouble sum(List<? extends @Nullable Number> parts) {
    double sum = 0;
    boolean any = false;
    for (Number part : parts) {
      if (part != null) {
        sum += part.doubleValue();
        any = true;
      }
    }
    return any ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }

  private void core(CoreUse core, List<Row> rows) {
    String index = Integer.toString(core.index());
    core.utilization()
        .ifPresent(ratio ->
            add(rows, ratio, Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO, index, core.tag()));
    for (String category : CoreUse.CATEGORIES) {
      Long bytes = core.memoryBytes().get(category);
      if (bytes != null) {
        Metric metric = Metric.ACCELERATOR_RUNTIME_CORE_MEMORY_USED_BYTES;
        add(rows, bytes, metric, index, core.tag(), category);
      }
    }
  }

  private void device(DeviceEcc device, List<Row> rows) {
    String index = Integer.toString(device.index());
    for (String kind : DeviceEcc.KINDS) {
      Long count = device.counts().get(kind);
      if (count != null) {
        String location = kind.startsWith("mem") ? "dram" : "sram";
        String severity = kind.endsWith("_corrected") ? "corrected" : "uncorrected";
        Running running = ecc.computeIfAbsent(List.of(index, kind), unseen -> new Running());
        running.now(count);
        Metric metric = Metric.ACCELERATOR_RUNTIME_ECC_ERRORS_TOTAL;
        add(rows, (double) running.total, metric, index, location, severity);
      }
    }
  }

  private void add(List<Row> rows, double value, Metric metric, String... own) {
    row(rows, new Reading.Measured(value), metric, own);
  }

  private void failed(List<Row> rows, Metric metric, String... own) {
    row(rows, new Reading.Unavailable(Fault.OTHER), metric, own);
  }

  private void row(List<Row> rows, Reading reading, Metric metric, String... own) {
    if (metric.tier().compareTo(most) > 0) {
      return;
    }
    List<String> labels = new ArrayList<>(own.length + 1);
    labels.add(node);
    labels.addAll(List.of(own));
    rows.add(new Row(new Series(metric, labels, false), reading));
  }

  /** The table stays the same while its series do. */
  private Sample sample(List<Row> rows, long nowNanos) {
    if (!fits(rows)) {
      SeriesTable.Builder next = SeriesTable.builder(most);
      rows.forEach(row -> next.add(cadence, row.series()));
      table = next.build();
    }
    Readings readings = new Readings(table);
    readings.at(nowNanos);
    for (int i = 0; i < rows.size(); i++) {
      switch (rows.get(i).reading()) {
        case Reading.Measured(double value) -> readings.measured(i, value);
        case Reading.Unavailable(Fault fault) -> readings.unavailable(i, fault);
        case Reading.Unsupported() -> readings.unsupported(i);
      }
    }
    return readings.sample();
  }

  private boolean fits(List<Row> rows) {
    if (rows.size() != table.size()) {
      return false;
    }
    for (int i = 0; i < rows.size(); i++) {
      if (!rows.get(i).series().equals(table.series(i))) {
        return false;
      }
    }
    return true;
  }
}
