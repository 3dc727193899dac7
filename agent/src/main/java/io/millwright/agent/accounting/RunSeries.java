package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the runs of a node use of their host, as series by run.
 *
 * <pre>
 * millwright_job_memory_used_bytes{node="n1",job_id="train-r1"} 1.2e9
 * millwright_job_cpu_seconds_total{node="n1",job_id="train-r1",mode="user"} 17.5
 * </pre>
 *
 * <p><i>Threading:</i> any thread; two that come at once may each make a table.
 */
public final class RunSeries {
  private final String node;

  /** The last one, because the page keeps what it works out by the identity of a table. */
  private volatile Layout layout = new Layout(List.of());

  /** A table and its series. */
  private record Layout(List<Series> series, SeriesTable table) {
    Layout(List<Series> series) {
      this(series, SeriesTable.of(Cadence.FAST, series));
    }
  }

  public RunSeries(String node) {
    this.node = node;
  }

  /** The snapshot, and after it the runs. */
  public NodeSnapshot after(NodeSnapshot taken, List<RunUse> uses) {
    Map<Series, Double> values = new LinkedHashMap<>();
    for (RunUse use : uses) {
      String run = use.run().text();
      put(values, Series.of(Metric.JOB_MEMORY_USED_BYTES, node, run), use.memoryBytes());
      put(values, Series.of(Metric.JOB_CPU_SECONDS_TOTAL, node, run, "user"), use.userSeconds());
      put(
          values,
          Series.of(Metric.JOB_CPU_SECONDS_TOTAL, node, run, "system"),
          use.systemSeconds());
      put(values, Series.of(Metric.JOB_OOM_KILLS_TOTAL, node, run), use.oomKills());
    }
    if (values.isEmpty()) {
      return taken;
    }
    List<Series> wanted = List.copyOf(values.keySet());
    Layout now = layout;
    if (!now.series().equals(wanted)) {
      now = new Layout(wanted);
      layout = now;
    }
    Readings readings = new Readings(now.table());
    readings.at(taken.takenAtNanos());
    int at = 0;
    for (double value : values.values()) {
      readings.measured(at++, value);
    }
    List<Sample> samples = new ArrayList<>(taken.samples());
    samples.add(readings.sample());
    return new NodeSnapshot(taken.sequence(), taken.takenAtNanos(), samples);
  }

  private static void put(Map<Series, Double> values, Series series, OptionalDouble value) {
    value.ifPresent(known -> values.put(series, known));
  }
}
