package io.millwright.agent.privileged;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.HashMap;
import java.util.Map;

/** Accelerators by the names of their device nodes. Pure. */
final class SeenNodes {
  private SeenNodes() {}

  /** An accelerator as its series name it. */
  record Device(String index, String uuid) {}

  /** Whole accelerators by the names of their device nodes, {@code nvidia3}. */
  static Map<String, Device> of(NodeSnapshot snapshot) {
    Map<String, Device> devices = new HashMap<>();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_INFO
            && !label(series, "accelerator").contains(":")) {
          devices.put(
              kind(series) + label(series, "minor"),
              new Device(label(series, "accelerator"), label(series, "uuid")));
        }
      }
    }
    return devices;
  }

  private static String kind(Series series) {
    return label(series, "vendor").equals("nvidia") ? "nvidia" : "neuron";
  }

  private static String label(Series series, String name) {
    return series.labelValues().get(series.metric().labels().indexOf(name));
  }
}
