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
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Completes each snapshot with what all accelerators of the node draw together: the sum of their
 * power of scope {@code gpu}, as {@code millwright_node_power_watts{scope="accelerators"}}. A
 * figure that covers several devices ({@code module}) is never in it. While one device of the sum
 * cannot be read there is no sum, because a part of it would look like less power. Absent where no
 * device tells its power, as AWS's do not.
 *
 * <p><i>Threading:</i> the sampler's thread.
 */
public final class AcceleratorPower implements UnaryOperator<NodeSnapshot> {
  private static final int INDEX = 1;
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
    double watts = 0;
    boolean any = false;
    Optional<Fault> missing = Optional.empty();
    for (Sample sample : taken.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (!counts(sample.table().series(i))) {
          continue;
        }
        switch (sample.reading(i)) {
          case Reading.Measured(double own) -> {
            watts += own;
            any = true;
          }
          case Reading.Unavailable(Fault fault) -> missing = Optional.of(fault);
          case Reading.Unsupported() -> {}
        }
      }
    }
    if (missing.isPresent()) {
      return new Reading.Unavailable(missing.get());
    }
    return any ? new Reading.Measured(watts) : new Reading.Unsupported();
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
