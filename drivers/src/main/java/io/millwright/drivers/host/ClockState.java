package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.OptionalDouble;

/** Whether the clock is kept in time, and what is still to be corrected while it is. */
final class ClockState implements Section {
  private final String node;
  private final Timekeeping clock;
  private Timekeeping.Answer answer = new Timekeeping.Answer.Unsupported();
  private int kept;
  private int offset;

  ClockState(String node, Timekeeping clock) {
    this.node = node;
    this.clock = clock;
  }

  @Override
  public Cadence cadence() {
    return Cadence.MEDIUM;
  }

  @Override
  public boolean load() {
    answer = clock.ask();
    return false;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    kept = table.add(Cadence.MEDIUM, Series.of(Metric.NODE_CLOCK_SYNCHRONIZED, node));
    offset = table.add(Cadence.MEDIUM, Series.of(Metric.NODE_CLOCK_OFFSET_SECONDS, node));
  }

  @Override
  public Round write(Readings readings) {
    return switch (answer) {
      case Timekeeping.Answer.Synchronized(OptionalDouble offsetSeconds) -> {
        readings.measured(kept, 1);
        if (offsetSeconds.isPresent()) {
          readings.measured(offset, offsetSeconds.getAsDouble());
        } else {
          readings.unsupported(offset);
        }
        yield Round.ANSWERED;
      }
      case Timekeeping.Answer.Unsynchronized() -> {
        readings.measured(kept, 0);
        readings.unavailable(offset, Fault.OTHER);
        yield Round.ANSWERED;
      }
      case Timekeeping.Answer.Unsupported() -> {
        readings.unsupported(kept);
        readings.unsupported(offset);
        yield Round.ABSENT;
      }
      case Timekeeping.Answer.Refused(Fault fault) -> {
        readings.unavailable(kept, fault);
        readings.unavailable(offset, fault);
        yield Round.ABSENT; // the sandbox may forbid it: no failure of the host
      }
    };
  }
}
