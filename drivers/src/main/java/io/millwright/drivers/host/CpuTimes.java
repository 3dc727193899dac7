package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * CPU time by mode: the {@code cpu} line of {@code /proc/stat}, in ticks of 10 ms (USER_HZ is 100
 * on every platform we run on).
 *
 * <p>The kernel counts the time of guests in {@code user} and {@code nice} too. Here the modes are
 * disjoint, so that their sum is the time of all CPUs: {@code guest} is guest and guest_nice,
 * {@code user} and {@code nice} are without them. Node exporter leaves them in.
 *
 * <p>Some of the kernel's counters step back: iowait by a tick or so, idle by hours when a CPU is
 * taken off line. A counter that falls is taken for a restart by all who read it, so here it never
 * does: after a small step it waits, after a large one it counts on from where it stood.
 */
final class CpuTimes implements Section {
  private static final byte[] CPU = "cpu".getBytes(US_ASCII);
  private static final String[] MODES = {
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"
  };
  private static final int USER = 0;
  private static final int NICE = 1;
  private static final int GUEST = 8;
  private static final int GUEST_NICE = 9;
  private static final int FEWEST_COLUMNS = 4;
  private static final double TICKS_PER_SECOND = 100;
  private static final long LARGE_STEP_TICKS = 6_000;

  private final String node;
  private final ProcFile file;
  private final Text text;
  private final long[] columns = new long[GUEST_NICE + 1];
  private final long[] last = new long[MODES.length];
  private final long[] offset = new long[MODES.length];
  private int known;
  private boolean read;
  private Fault fault = Fault.OTHER;
  private int first;

  CpuTimes(String node, ProcFile file, Text text) {
    this.node = node;
    this.file = file;
    this.text = text;
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public boolean load() {
    read = file.readInto(text);
    fault = file.fault();
    if (read && !parsed()) {
      read = false;
      fault = Fault.PARSE;
    }
    return false;
  }

  private boolean parsed() {
    if (!text.line() || !text.word() || !text.wordIs(CPU)) {
      return false;
    }
    known = 0;
    while (known < columns.length && text.nextNumber()) {
      if (text.number() < 0) {
        return false;
      }
      columns[known++] = text.number();
    }
    return known >= FEWEST_COLUMNS && (known == columns.length || !text.wordSeen());
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    for (int mode = 0; mode < MODES.length; mode++) {
      int index =
          table.add(Cadence.FAST, Series.of(Metric.NODE_CPU_SECONDS_TOTAL, node, MODES[mode]));
      first = mode == 0 ? index : first;
    }
  }

  @Override
  public Round write(Readings readings) {
    for (int mode = 0; mode < MODES.length; mode++) {
      if (!read) {
        readings.unavailable(first + mode, fault);
      } else if (mode < known) {
        readings.measured(first + mode, forward(mode, ticks(mode)) / TICKS_PER_SECOND);
      } else {
        readings.unsupported(first + mode);
      }
    }
    return read ? Round.ANSWERED : Round.FAILED;
  }

  private long ticks(int mode) {
    return switch (mode) {
      case USER -> Math.max(0, columns[USER] - column(GUEST));
      case NICE -> Math.max(0, columns[NICE] - column(GUEST_NICE));
      case GUEST -> columns[GUEST] + column(GUEST_NICE);
      default -> columns[mode];
    };
  }

  private long column(int index) {
    return index < known ? columns[index] : 0;
  }

  private double forward(int mode, long ticks) {
    if (last[mode] - ticks > LARGE_STEP_TICKS) {
      offset[mode] += last[mode] - ticks;
      last[mode] = ticks;
    }
    last[mode] = Math.max(last[mode], ticks);
    return (double) offset[mode] + last[mode];
  }

  @Override
  public void close() {
    file.close();
  }
}
