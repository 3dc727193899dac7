package io.millwright.simulator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.hot.HotMetric;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ModelledNodeTest {
  private static ModelledNode node(long seed) {
    return new ModelledNode("sim00001", new SplittableRandom(seed));
  }

  private static String after(ModelledNode node, int seconds) {
    for (int i = 1; i <= seconds; i++) {
      node.next(i);
    }
    return node.digest().orElseThrow();
  }

  @Test
  void hasEightHundredSeriesEachOnce() {
    Sample sample = node(1).next(1);
    Set<Series> seen = new HashSet<>();
    for (int i = 0; i < sample.table().size(); i++) {
      seen.add(sample.table().series(i));
    }
    assertThat(sample.table().size()).isEqualTo(800);
    assertThat(seen).hasSize(800);
  }

  @Test
  void hasTheWholeHotSet() {
    List<List<String>> own = new ArrayList<>();
    List<Metric> metrics = new ArrayList<>();
    for (ModelSeries series : ModelSeries.OF_DEVICE) {
      metrics.add(series.metric());
      own.add(series.own());
    }
    for (HotMetric hot : HotMetric.all()) {
      assertThat(metrics).contains(hot.metric());
      assertThat(own).contains(hot.ownValues());
    }
  }

  @Test
  void followsItsSeed() {
    assertThat(after(node(7), 5)).isEqualTo(after(node(7), 5)).isNotEqualTo(after(node(8), 5));
  }

  /** The reference's model changes 40 to 45 of a hundred values a second. */
  @Test
  void changesAsManyValuesASecondAsTheModelSays() {
    ModelledNode node = node(3);
    Sample before = node.next(1);
    int changed = 0;
    for (int second = 2; second <= 101; second++) {
      Sample now = node.next(second);
      for (int i = 0; i < now.table().size(); i++) {
        changed += now.value(i) == before.value(i) ? 0 : 1;
      }
      before = now;
    }
    assertThat(changed / 100.0 / 800).isBetween(0.40, 0.46);
  }

  @Test
  void tellsALostDeviceByItsVerdictAlone() {
    ModelledNode node = node(1);
    String well = after(node, 1);
    node.lose(3, true);
    Sample sample = node.next(2);
    int told = 0;
    for (int i = 0; i < sample.table().size(); i++) {
      List<String> labels = sample.table().series(i).labelValues();
      told += labels.size() > 2 && labels.get(2).equals(node.uuid(3)) && sample.measured(i) ? 1 : 0;
    }
    assertThat(told).isEqualTo(3); // up, and of the states ok and failed
    assertThat(node.report(0).verdict()).isEqualTo(Verdict.FAILED);
    assertThat(node.digest().orElseThrow()).isNotEqualTo(well);
  }
}
