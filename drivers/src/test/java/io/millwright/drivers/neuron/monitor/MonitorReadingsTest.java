package io.millwright.drivers.neuron.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MonitorReadingsTest {
  private final MonitorReadings readings =
      new MonitorReadings("n1", Metric.Tier.OPTIONAL, Cadence.MEDIUM);

  private Sample take(String file) {
    return readings.take(Records.of(file), 7);
  }

  private static Optional<Reading> reading(Sample sample, Metric metric, String... own) {
    List<String> labels = new ArrayList<>(List.of("n1"));
    labels.addAll(List.of(own));
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).equals(new Series(metric, labels, false))) {
        return Optional.of(sample.reading(i));
      }
    }
    return Optional.empty();
  }

  private static double value(Sample sample, Metric metric, String... own) {
    return switch (reading(sample, metric, own).orElseThrow()) {
      case Reading.Measured(double value) -> value;
      case Reading other -> throw new AssertionError(metric + " is " + other);
    };
  }

  private static long lines(Sample sample, Metric metric) {
    long lines = 0;
    for (int i = 0; i < sample.table().size(); i++) {
      lines += sample.table().series(i).metric() == metric ? 1 : 0;
    }
    return lines;
  }

  @Test
  void oneSeriesForACore() {
    Sample sample = take("inf1-four-runtimes.jsonl");
    assertThat(lines(sample, Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO)).isEqualTo(4);
    assertThat(value(sample, Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO, "3", "worker-3"))
        .isEqualTo(0.5);
    assertThat(
            value(
                sample,
                Metric.ACCELERATOR_RUNTIME_CORE_MEMORY_USED_BYTES,
                "1",
                "worker-1",
                "constants"))
        .isEqualTo(60_000_001);
    assertThat(value(sample, Metric.ACCELERATOR_RUNTIME_INFO, "worker-2", "3102")).isEqualTo(1);
    assertThat(value(sample, Metric.ACCELERATOR_RUNTIME_ECC_ERRORS_TOTAL, "0", "dram", "corrected"))
        .isEqualTo(3);
    assertThat(
            value(
                sample, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS, "worker-0", "p100", "total"))
        .isEqualTo(0.00318);
  }

  @Test
  void allWordsAreThereFromTheStart() {
    Sample idle = take("trn1-idle-first.jsonl");
    assertThat(lines(idle, Metric.ACCELERATOR_EXECUTIONS_TOTAL)).isEqualTo(6);
    assertThat(lines(idle, Metric.ACCELERATOR_EXECUTION_ERRORS_TOTAL)).isEqualTo(6);
    assertThat(idle.table().size()).isEqualTo(12);
    assertThat(value(idle, Metric.ACCELERATOR_EXECUTIONS_TOTAL, "timed_out")).isZero();
    Sample inf2 = take("inf2-without-generic.jsonl");
    assertThat(value(inf2, Metric.ACCELERATOR_RUNTIME_ERRORS_TOTAL, "811", "generic")).isZero();
  }

  @Test
  void aRuntimeThatIsGoneStaysInTheSums() {
    take("inf2-without-generic.jsonl");
    Sample twice = take("inf2-without-generic.jsonl");
    assertThat(value(twice, Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL, "811", "completed"))
        .isEqualTo(2400);
    Sample gone = take("trn1-idle-first.jsonl");
    assertThat(lines(gone, Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL)).isZero();
    assertThat(value(gone, Metric.ACCELERATOR_EXECUTIONS_TOTAL, "completed")).isEqualTo(2400);
  }

  @Test
  void aGroupWithAnErrorIsUnavailable() {
    Sample sample = take("trn2-logical-cores.jsonl");
    assertThat(reading(sample, Metric.ACCELERATOR_RUNTIME_CPU_USAGE_RATIO, "train-7", "user"))
        .contains(new Reading.Unavailable(Fault.OTHER));
    assertThat(lines(sample, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS)).isZero();
  }

  @Test
  void theTableStaysWhileTheSeriesDo() {
    Sample first = take("trn3-synthetic.jsonl");
    assertThat(take("trn3-synthetic.jsonl").table()).isSameAs(first.table());
    assertThat(take("inf2-without-generic.jsonl").table()).isNotSameAs(first.table());
  }

  /** A runtime at rest has no latencies, and a record may have its runtimes in another order. */
  @Test
  void theTableStaysWhileTheRuntimesDo() {
    RuntimeReport one = report("a", 1, 10, 0.1);
    RuntimeReport other = report("b", 2, 20, 0.3);
    Sample busy = readings.take(record(List.of(one, other)), 1);
    Sample rests = readings.take(record(List.of(atRest("b", 2), one)), 2);
    assertThat(rests.table()).isSameAs(busy.table());
    assertThat(reading(rests, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS, "b", "p50", "device"))
        .contains(new Reading.Unsupported());
    assertThat(value(rests, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS, "a", "p50", "device"))
        .isEqualTo(0.1);
    Sample gone = readings.take(record(List.of(one)), 3);
    assertThat(reading(gone, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS, "b", "p50", "device"))
        .isEmpty();
  }

  private static RuntimeReport atRest(String tag, long pid) {
    return new RuntimeReport(
        pid,
        tag,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of("host", 100L),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void whatTheSiteDoesNotWantIsNotThere() {
    Sample base =
        new MonitorReadings("n1", Metric.Tier.BASE, Cadence.MEDIUM)
            .take(Records.of("inf1-four-runtimes.jsonl"), 1);
    assertThat(lines(base, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS)).isZero();
    assertThat(lines(base, Metric.ACCELERATOR_RUNTIME_CORE_MEMORY_USED_BYTES)).isZero();
    assertThat(lines(base, Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO)).isEqualTo(4);
  }

  @Test
  void anEccCounterThatIsSetBackGoesOn() {
    double last = 0;
    for (int count : new int[] {5, 5, 8, 2, 3}) {
      Sample sample = readings.take(Records.read(sramErrors(count)), 1);
      last =
          value(sample, Metric.ACCELERATOR_RUNTIME_ECC_ERRORS_TOTAL, "11", "sram", "uncorrected");
    }
    assertThat(last).isEqualTo(8 + 3);
  }

  private static String sramErrors(int count) {
    return "{\"system_data\":{\"neuron_hw_counters\":{\"neuron_devices\":["
        + "{\"neuron_device_index\":11,\"sram_ecc_uncorrected\":"
        + count
        + "}]}}}";
  }

  @Test
  void processesOfOneTagAreOneRuntime() {
    RuntimeReport one = report("job", 1, 10, 0.1);
    RuntimeReport other = report("job", 2, 20, 0.3);
    Sample sample = readings.take(record(List.of(one, other)), 1);
    assertThat(value(sample, Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL, "job", "completed"))
        .isEqualTo(30);
    assertThat(lines(sample, Metric.ACCELERATOR_RUNTIME_INFO)).isEqualTo(2);
    assertThat(value(sample, Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS, "job", "p50", "device"))
        .isEqualTo(0.3);
    assertThat(value(sample, Metric.ACCELERATOR_RUNTIME_MEMORY_USED_BYTES, "job", "host"))
        .isEqualTo(200);
  }

  private static RuntimeReport report(String tag, long pid, long completed, double seconds) {
    return new RuntimeReport(
        pid,
        tag,
        Map.of("completed", completed),
        Map.of("hardware", completed % 3),
        Map.of("device", Map.of("p50", seconds)),
        Map.of("host", 100L),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static MonitorRecord record(List<RuntimeReport> runtimes) {
    return new MonitorRecord(
        runtimes,
        List.of(new CoreUse(0, "job", OptionalDouble.of(1), Map.of())),
        List.of(),
        new MonitorRecord.Instance("", "", "", "", "", ""),
        new MonitorRecord.Hardware("", "", ""),
        List.of());
  }

  /** Against sums kept apart: a tag's begin anew when it was gone for a record. */
  @Test
  void countersAreTheSumsOfTheirRecordsAndNeverGoBack() {
    long seed = System.nanoTime();
    System.out.println("MonitorReadingsTest seed " + seed);
    Random random = new Random(seed);
    Map<String, Long> expected = new HashMap<>();
    long all = 0;
    long errors = 0;
    double lastAll = 0;
    for (int round = 0; round < 500; round++) {
      List<RuntimeReport> reports = new ArrayList<>();
      for (int tag = 0; tag < 6; tag++) {
        for (int process = random.nextInt(-2, 3); process > 0; process--) {
          reports.add(report("t" + tag, 100 + process, random.nextLong(1_000_000), 0.1));
        }
      }
      Sample sample = readings.take(record(reports), round);
      expected.keySet().retainAll(reports.stream().map(RuntimeReport::tag).toList());
      for (RuntimeReport report : reports) {
        long completed = report.executions().getOrDefault("completed", 0L);
        expected.merge(report.tag(), completed, Long::sum);
        all += completed;
        errors += completed % 3;
      }
      for (Map.Entry<String, Long> tag : expected.entrySet()) {
        assertThat(
                value(
                    sample, Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL, tag.getKey(), "completed"))
            .as("seed %d round %d", seed, round)
            .isEqualTo(tag.getValue().doubleValue());
      }
      assertThat(lines(sample, Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL))
          .isEqualTo(6L * expected.size());
      double nowAll = value(sample, Metric.ACCELERATOR_EXECUTIONS_TOTAL, "completed");
      assertThat(nowAll)
          .as("seed %d", seed)
          .isEqualTo((double) all)
          .isGreaterThanOrEqualTo(lastAll);
      assertThat(value(sample, Metric.ACCELERATOR_EXECUTION_ERRORS_TOTAL, "hardware"))
          .isEqualTo((double) errors);
      lastAll = nowAll;
    }
  }
}
