package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.OptionalInt;

/**
 * The place of this node in its UltraServer as one series, read at {@link Cadence#SLOW}, for the
 * nodes may still be finding each other. A node of none has no series.
 *
 * <p><i>Threading:</i> one owner, the control lane.
 */
public final class UltraServerSource implements Source {
  private final NeuronTree tree;
  private final String node;
  private final CallWatch watch;
  private UltraServer known = UltraServer.NONE;
  private Readings readings = new Readings(SeriesTable.builder().build());

  public UltraServerSource(NeuronTree tree, String node, CallWatch watch) {
    this.tree = tree;
    this.node = node;
    this.watch = watch;
  }

  /** The readings; others after the node's place has changed. */
  @Override
  public Readings readings() {
    return readings;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence != Cadence.SLOW) {
      return Outcome.ANSWERED;
    }
    UltraServer now = tree.ultraServer(watch);
    if (!now.equals(known)) {
      known = now;
      readings = layOut();
    }
    readings.at(nowNanos);
    if (readings.table().size() > 0) {
      readings.measured(0, 1);
    }
    return Outcome.ANSWERED;
  }

  private Readings layOut() {
    SeriesTable.Builder table = SeriesTable.builder();
    if (!known.equals(UltraServer.NONE)) {
      table.add(
          Cadence.SLOW,
          Series.of(
              Metric.NODE_ULTRASERVER_INFO,
              node,
              text(known.node()),
              text(known.nodes()),
              known.reservation().orElse(""),
              String.join(",", known.modes()),
              text(known.nodeOf2()),
              known.serverOf2().orElse(""),
              text(known.nodeOf4()),
              known.serverOf4().orElse("")));
    }
    return new Readings(table.build());
  }

  private static String text(OptionalInt number) {
    return number.isPresent() ? Integer.toString(number.getAsInt()) : "";
  }

  @Override
  public void close() {}
}
