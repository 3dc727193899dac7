package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FAN_SPEED_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** The fans of a board that has its own. */
final class FanReader implements Reader {
  private int first;
  private int fans;

  /** Puts a series a fan into the table, once it is known how many there are. */
  void show(int counted, SeriesTable.Builder table, Accelerator accelerator) {
    fans = counted;
    first = table.size();
    for (int fan = 0; fan < fans; fan++) {
      table.add(
          Cadence.MEDIUM,
          Series.of(ACCELERATOR_FAN_SPEED_RATIO, accelerator, Integer.toString(fan)));
    }
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.MEDIUM) {
      return;
    }
    for (int fan = 0; fan < fans; fan++) {
      int code = calls.nvml().fanSpeed(calls.device(), fan, calls.out(0));
      calls.settleUnsigned(first + fan, code, Prefix.PERCENT);
    }
  }
}
