package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CLOCK_HERTZ;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CLOCK_MAX_HERTZ;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_THROTTLE_ACTIVE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_THROTTLE_SECONDS_TOTAL;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** Clocks, why they are held down now, and for how long they have been. */
final class ClockReader implements Reader {

  /** {@code nvmlClockType_t}, from 0. */
  private static final List<String> DOMAINS = List.of("graphics", "sm", "memory", "video");

  /** {@code nvmlClocksEventReasons}: the bits from 0 up; the last word is for any above them. */
  private static final List<String> REASONS =
      List.of(
          "idle",
          "app_clocks",
          "sw_power_cap",
          "hw_slowdown",
          "sync_boost",
          "sw_thermal",
          "hw_thermal",
          "hw_power_brake",
          "display",
          "unknown");

  /** In the order of {@link FastFields#THROTTLE_NANOS}. */
  private static final List<String> COUNTED =
      List.of("sw_power_cap", "sync_boost", "sw_thermal", "hw_thermal", "hw_power_brake");

  private final FastFields fast;
  private final int[] clocks = new int[DOMAINS.size()];
  private final int[] maxima = new int[DOMAINS.size()];
  private final int[] active = new int[REASONS.size()];
  private final int[] seconds = new int[COUNTED.size()];

  ClockReader(FastFields fast, SeriesTable.Builder table, Accelerator accelerator) {
    this.fast = fast;
    for (int i = 0; i < clocks.length; i++) {
      String domain = DOMAINS.get(i);
      clocks[i] = table.add(Cadence.FAST, Series.of(ACCELERATOR_CLOCK_HERTZ, accelerator, domain));
      maxima[i] =
          table.add(Cadence.SLOW, Series.of(ACCELERATOR_CLOCK_MAX_HERTZ, accelerator, domain));
    }
    for (int i = 0; i < active.length; i++) {
      active[i] =
          table.add(
              Cadence.FAST, Series.of(ACCELERATOR_THROTTLE_ACTIVE, accelerator, REASONS.get(i)));
    }
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] =
          table.add(
              Cadence.FAST,
              Series.of(ACCELERATOR_THROTTLE_SECONDS_TOTAL, accelerator, COUNTED.get(i)));
    }
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.FAST) {
      readClocks(calls);
      readReasons(calls);
      for (int i = 0; i < seconds.length; i++) {
        fast.batch().settle(calls, FastFields.THROTTLE_NANOS + i, seconds[i], Prefix.NANO);
      }
    }
    if (cadence == Cadence.SLOW) {
      for (int i = 0; i < maxima.length; i++) {
        calls.settleUnsigned(
            maxima[i], calls.nvml().maxClock(calls.device(), i, calls.out(0)), Prefix.MEGA);
      }
    }
  }

  private void readClocks(DeviceCalls calls) {
    for (int i = 0; i < clocks.length; i++) {
      calls.settleUnsigned(
          clocks[i], calls.nvml().clock(calls.device(), i, calls.out(0)), Prefix.MEGA);
    }
  }

  private void readReasons(DeviceCalls calls) {
    int code = calls.nvml().clockEventReasons(calls.device(), calls.out(0));
    long mask = calls.succeeded(code) ? calls.block().getLong(DeviceCalls.OUT) : 0;
    int known = active.length - 1;
    for (int i = 0; i < known; i++) {
      calls.settle(active[i], code, (double) (mask >> i & 1));
    }
    calls.settle(active[known], code, mask >>> known == 0 ? 0 : 1);
  }
}
