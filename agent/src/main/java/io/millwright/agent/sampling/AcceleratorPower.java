package io.millwright.agent.sampling;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Completes each snapshot with what all accelerators of the node draw together: the sum of their
 * power of scope {@code gpu}, as {@code millwright_node_power_watts{scope="accelerators"}}. A
 * figure that covers several devices ({@code module}) is never in it. While one device that the
 * driver counts is not in it there is no sum, because a part of it would look like less power.
 * Absent where no device of a vendor tells its power, as AWS's do not.
 *
 * <p><i>Threading:</i> the sampler's thread.
 */
public final class AcceleratorPower implements UnaryOperator<NodeSnapshot> {
  private static final int INDEX = 1;
  private static final int VENDOR = 3;
  private static final int VENDOR_OF_NODE = 1;
  private static final String WITHIN = ":";

  private final Readings sum;

  /**
   * @param node value of the label {@code node}
   */
  public AcceleratorPower(String node) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_POWER_WATTS, node, "accelerators"));
    sum = new Readings(table.build());
  }

  @Override
  public NodeSnapshot apply(NodeSnapshot taken) {
    sum.at(taken.takenAtNanos());
    switch (sumOf(taken)) {
      case Reading.Measured(double watts) -> sum.measured(0, watts);
      case Reading.Unavailable(Fault fault) -> sum.unavailable(0, fault);
      case Reading.Unsupported() -> {
        return taken;
      }
    }
    List<Sample> samples = new ArrayList<>(taken.samples());
    samples.add(sum.sample());
    return new NodeSnapshot(taken.sequence(), taken.takenAtNanos(), samples);
  }

  private static Reading sumOf(NodeSnapshot taken) {
    Map<String, Drawn> drawn = new HashMap<>();
    for (Sample sample : taken.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (counts(series)) {
          drawn
              .computeIfAbsent(label(series, VENDOR), first -> new Drawn())
              .take(sample.reading(i));
        } else if (series.metric() == Metric.NODE_ACCELERATORS) {
          drawn
              .computeIfAbsent(label(series, VENDOR_OF_NODE), first -> new Drawn())
              .expect(sample.reading(i));
        }
      }
    }
    drawn.values().removeIf(one -> !one.tells);
    if (drawn.isEmpty()) {
      return new Reading.Unsupported();
    }
    return drawn.values().stream().allMatch(Drawn::whole)
        ? new Reading.Measured(drawn.values().stream().mapToDouble(one -> one.watts).sum())
        : new Reading.Unavailable(Fault.OTHER);
  }

  private static String label(Series series, int place) {
    return series.labelValues().get(place);
  }

  /** What one vendor's devices draw. */
  private static final class Drawn {
    private double watts;
    private int devices;
    private double counted;
    private boolean tells;

    void take(Reading own) {
      tells = true;
      if (own instanceof Reading.Measured(double value)) {
        watts += value;
        devices++;
      }
    }

    void expect(Reading own) {
      counted += own instanceof Reading.Measured(double value) ? value : 0;
    }

    /** Whether each device that the driver counts is in it. */
    boolean whole() {
      return counted > 0 && devices >= counted;
    }
  }

  /**
   * Of a whole device, and of the device alone; a MIG instance has its device's index in its own.
   */
  private static boolean counts(Series series) {
    return series.metric() == Metric.ACCELERATOR_POWER_WATTS
        && series.labelValues().getLast().equals("gpu")
        && !series.labelValues().get(INDEX).contains(WITHIN);
  }
}
