package io.millwright.agent.doctor;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the agent has read, at one moment.
 *
 * @param held UUIDs of accelerators that a job has
 * @param jobsKnown whether {@code held} is all of them: a doctor without its agent cannot know
 * @param refusal why no accelerator is known, in one sentence; empty where some are
 */
public record Seen(
    NodeSnapshot snapshot,
    HealthReport health,
    Set<String> held,
    boolean jobsKnown,
    String refusal) {
  public Seen {
    held = Set.copyOf(held);
  }

  /** A series with its newest value; absent values are not here. */
  record Value(Series series, double value) {

    /** Of a label that the family has. */
    String label(String name) {
      int index = series.metric().labels().indexOf(name);
      if (index < 0) {
        throw new IllegalArgumentException(series.metric() + " has no label " + name);
      }
      return series.labelValues().get(index);
    }

    /** As people name it. */
    String accelerator() {
      return "accelerator " + label("accelerator");
    }
  }

  /** All of a family that were measured. */
  List<Value> values(Metric metric) {
    List<Value> values = new ArrayList<>();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.table().series(i).metric() == metric && sample.measured(i)) {
          values.add(new Value(sample.table().series(i), sample.value(i)));
        }
      }
    }
    return values;
  }

  /** All of a family, with those that could not be read; their value means nothing. */
  List<Value> named(Metric metric) {
    List<Value> values = new ArrayList<>();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.table().series(i).metric() == metric) {
          values.add(new Value(sample.table().series(i), Double.NaN));
        }
      }
    }
    return values;
  }

  /** The value of another family for the same device and label. */
  Optional<Value> beside(Value of, Metric metric, String label) {
    return values(metric).stream()
        .filter(value -> value.label("uuid").equals(of.label("uuid")))
        .filter(value -> value.label(label).equals(of.label(label)))
        .findFirst();
  }
}
