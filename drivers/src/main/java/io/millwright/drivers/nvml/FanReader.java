package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FAN_SPEED_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.stream.IntStream;

/** The fans of a board that has its own. */
final class FanReader implements Reader {
  private final int[] speeds;

  /**
   * @param fans as {@link Particulars} counted them
   */
  FanReader(int fans, SeriesTable.Builder table, Accelerator accelerator) {
    speeds =
        IntStream.range(0, fans)
            .map(fan ->
                table.add(
                    Cadence.MEDIUM,
                    Series.of(ACCELERATOR_FAN_SPEED_RATIO, accelerator, Integer.toString(fan))))
            .toArray();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.MEDIUM) {
      return;
    }
    for (int fan = 0; fan < speeds.length; fan++) {
      int code = calls.nvml().fanSpeed(calls.device(), fan, calls.out(0));
      calls.settleUnsigned(speeds[fan], code, Prefix.PERCENT);
    }
  }
}
