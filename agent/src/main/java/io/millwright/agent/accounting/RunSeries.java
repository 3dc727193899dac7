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
 * <p>Pure.
 */
public final class RunSeries {
  private RunSeries() {}

  /** The snapshot, and after it the runs. */
  public static NodeSnapshot with(NodeSnapshot taken, String node, List<RunUse> uses) {
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
    SeriesTable.Builder table = SeriesTable.builder();
    values.keySet().forEach(series -> table.add(Cadence.FAST, series));
    Readings readings = new Readings(table.build());
    readings.at(taken.takenAtNanos());
    for (int i = 0; i < readings.table().size(); i++) {
      readings.measured(i, values.getOrDefault(readings.table().series(i), 0.0));
    }
    List<Sample> samples = new ArrayList<>(taken.samples());
    samples.add(readings.sample());
    return new NodeSnapshot(taken.sequence(), taken.takenAtNanos(), samples);
  }

  private static void put(Map<Series, Double> values, Series series, OptionalDouble value) {
    value.ifPresent(known -> values.put(series, known));
  }
}
