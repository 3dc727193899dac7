package io.millwright.agent.evidence;

import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the site's tests and the checks around jobs came to, as series: rules judge them like any
 * other reading. A test that the site took out of its configuration fails no more.
 *
 * <pre>{@code
 * millwright_node_site_test_result{node="n1",test="diag",result="fail"} 1
 * millwright_node_site_test_timestamp_seconds{node="n1",test="diag"} 1.8e9
 * millwright_node_site_test_failed{node="n1",test="diag",counts="degraded"} 1
 * }</pre>
 *
 * <p><i>Threading:</i> the sampler's thread.
 */
public final class EvidenceSeries {
  private static final int OF_DEVICE = 5;
  private static final int UUID = 2;
  private static final double MILLIS = 1000.0;

  private final String node;
  private final Supplier<List<TestRecord>> newest;
  private final Supplier<List<TestRecord>> told;
  private final Map<String, SiteTest.Counts> counts = new HashMap<>();
  private final CheckMarks marks;
  private List<Fact> shown = List.of();
  private Readings readings = new Readings(SeriesTable.builder().build());

  private record Fact(Series series, double value) {}

  EvidenceSeries(
      String node,
      Supplier<List<TestRecord>> newest,
      Supplier<List<TestRecord>> told,
      List<SiteTest> tests,
      CheckMarks marks) {
    this.node = node;
    this.newest = newest;
    this.told = told;
    tests.forEach(test -> counts.put(test.name(), test.counts()));
    this.marks = marks;
  }

  /** The snapshot with them. */
  public NodeSnapshot complete(NodeSnapshot taken) {
    Optional<Sample> sample = sample(taken);
    if (sample.isEmpty()) {
      return taken;
    }
    List<Sample> samples = new ArrayList<>(taken.samples());
    samples.add(sample.get());
    return new NodeSnapshot(taken.sequence(), taken.takenAtNanos(), samples);
  }

  /** Empty where no test was ever run and no check ever failed. */
  public Optional<Sample> sample(NodeSnapshot taken) {
    List<Fact> facts = new ArrayList<>();
    newest.get().forEach(record -> results(record, facts));
    told.get().forEach(record -> failed(record, facts));
    devices(taken, facts);
    if (facts.isEmpty()) {
      return Optional.empty();
    }
    List<Series> series = facts.stream().map(Fact::series).toList();
    if (!series.equals(shown.stream().map(Fact::series).toList())) {
      SeriesTable.Builder table = SeriesTable.builder();
      series.forEach(one -> table.add(Cadence.FAST, one));
      readings = new Readings(table.build());
    }
    shown = facts;
    readings.at(taken.takenAtNanos());
    for (int i = 0; i < facts.size(); i++) {
      readings.measured(i, facts.get(i).value());
    }
    return Optional.of(readings.sample());
  }

  private void results(TestRecord record, List<Fact> facts) {
    for (TestRecord.Result result : TestRecord.Result.values()) {
      facts.add(
          new Fact(
              Series.of(Metric.NODE_SITE_TEST_RESULT, node, record.name(), result.word()),
              record.result() == result ? 1 : 0));
    }
    facts.add(
        new Fact(
            Series.of(Metric.NODE_SITE_TEST_TIMESTAMP_SECONDS, node, record.name()),
            record.atMs() / MILLIS));
  }

  /** All words, so that a change of the configuration ends what the other word began. */
  private void failed(TestRecord record, List<Fact> facts) {
    boolean failed = record.result() == TestRecord.Result.FAIL;
    for (SiteTest.Counts word : SiteTest.Counts.values()) {
      facts.add(
          new Fact(
              Series.of(Metric.NODE_SITE_TEST_FAILED, node, record.name(), word.word()),
              failed && counts.get(record.name()) == word ? 1 : 0));
    }
  }

  private void devices(NodeSnapshot taken, List<Fact> facts) {
    Map<CheckMarks.Place, Boolean> all = marks.marks();
    if (all.isEmpty()) {
      return;
    }
    Map<String, Series> known = known(taken);
    all.forEach((place, failed) -> {
      Series device = known.get(place.uuid());
      if (device != null) {
        List<String> labels = new ArrayList<>(device.labelValues().subList(0, OF_DEVICE));
        labels.add(place.check());
        facts.add(
            new Fact(
                new Series(
                    Metric.ACCELERATOR_JOB_CHECK_FAILED, List.copyOf(labels), device.simulated()),
                failed ? 1 : 0));
      }
    });
  }

  private static Map<String, Series> known(NodeSnapshot taken) {
    Map<String, Series> known = new HashMap<>();
    for (Sample sample : taken.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_UP) {
          known.put(series.labelValues().get(UUID), series);
        }
      }
    }
    return known;
  }
}
