package io.millwright.agent;

import io.millwright.agent.power.Standing;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The power limits that a snapshot says were requested of its accelerators. */
final class StandingLimits {
  private static final int UUID = 2;
  private static final List<String> REQUESTED = List.of("requested", "gpu");
  private static final double MILLI = 1e3;

  private StandingLimits() {}

  /** By UUID, in the order of the snapshot; those that have no limit are not there. */
  static Map<String, Standing> of(NodeSnapshot snapshot) {
    Map<String, Standing> limits = new LinkedHashMap<>();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        List<String> labels = series.labelValues();
        if (series.metric() == Metric.ACCELERATOR_POWER_LIMIT_WATTS
            && labels.subList(labels.size() - REQUESTED.size(), labels.size()).equals(REQUESTED)) {
          limits.put(labels.get(UUID), new Standing(milliwatts(sample, i), sample.readAtNanos(i)));
        }
      }
    }
    return limits;
  }

  private static OptionalLong milliwatts(Sample sample, int index) {
    return sample.measured(index)
        ? OptionalLong.of(Math.round(sample.value(index) * MILLI))
        : OptionalLong.empty();
  }
}
