package io.millwright.drivers.neuron;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * {@code stats/hardware/health_status/healthcheck_heartbeat}: how often the health check in the
 * device's firmware has told that it runs, and since when it tells no more. How fast it counts is
 * not documented.
 */
final class HeartbeatReader implements NeuronReader {
  static final String FILE = "stats/hardware/health_status/healthcheck_heartbeat";

  private static final double NANOS_PER_SECOND = 1e9;

  private final Figure beats;
  private final int count;
  private final int age;
  private boolean seen;
  private long last;
  private long changedNanos;

  HeartbeatReader(NeuronFiles files, Accelerator accelerator, SeriesTable.Builder table) {
    beats = new Figure(files.open(FILE, Cadence.FAST));
    count =
        table.add(
            Cadence.FAST, Series.of(Metric.ACCELERATOR_HEALTH_CHECK_HEARTBEATS_TOTAL, accelerator));
    age =
        table.add(
            Cadence.FAST,
            Series.of(Metric.ACCELERATOR_HEALTH_CHECK_HEARTBEAT_AGE_SECONDS, accelerator));
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public void read(SysfsRound round, Readings readings, long nowNanos) {
    beats.read(round);
    if (!beats.known()) {
      readings.unavailable(count, beats.fault());
      readings.unavailable(age, beats.fault());
      return;
    }
    if (!seen || beats.value() != last) {
      seen = true;
      last = beats.value();
      changedNanos = nowNanos;
    }
    readings.measured(count, (double) last);
    readings.measured(age, (double) (nowNanos - changedNanos) / NANOS_PER_SECOND);
  }

  @Override
  public void close() {
    beats.close();
  }
}
