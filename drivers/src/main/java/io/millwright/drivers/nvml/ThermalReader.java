package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.stream.IntStream;

/** Temperatures, the margin to the first slowdown, absolute thresholds of older parts. */
final class ThermalReader implements Reader {
  /** {@code NVML_TEMPERATURE_GPU}. */
  private static final int CORE_SENSOR = 0;

  /** {@code nvmlTemperatureThresholds_t}, from 0. */
  private static final List<String> THRESHOLDS =
      List.of("shutdown", "slowdown", "memory_max", "max_operating");

  /** The fields 193 to 196 in the order of the words, degrees beyond the limit. */
  private static final int FIRST_MARGIN_FIELD = 193;

  private final FastFields fast;
  private final SlowFields slow;
  private final int firstMargin;
  private final int core;
  private final int memory;
  private final int margin;
  private final int[] thresholds = new int[THRESHOLDS.size()];

  /** Empty where the site does not see that far. */
  private final int[] margins;

  /**
   * @param firstMargin where {@link #fields} begin in the batch
   */
  ThermalReader(
      FastFields fast,
      SlowFields slow,
      int firstMargin,
      SeriesTable.Builder table,
      Accelerator accelerator) {
    this.fast = fast;
    this.slow = slow;
    this.firstMargin = firstMargin;
    margins =
        table.wants(ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS)
            ? new int[THRESHOLDS.size()]
            : new int[0];
    for (int i = 0; i < margins.length; i++) {
      margins[i] =
          table.add(
              Cadence.SLOW,
              Series.of(
                  ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS,
                  accelerator,
                  THRESHOLDS.get(i)));
    }
    core = table.add(Cadence.FAST, Series.of(ACCELERATOR_TEMPERATURE_CELSIUS, accelerator, "core"));
    memory =
        table.add(Cadence.FAST, Series.of(ACCELERATOR_TEMPERATURE_CELSIUS, accelerator, "memory"));
    margin =
        table.add(Cadence.FAST, Series.of(ACCELERATOR_TEMPERATURE_MARGIN_CELSIUS, accelerator));
    for (int i = 0; i < thresholds.length; i++) {
      thresholds[i] =
          table.add(
              Cadence.SLOW,
              Series.of(ACCELERATOR_TEMPERATURE_THRESHOLD_CELSIUS, accelerator, THRESHOLDS.get(i)));
    }
  }

  /** What is read with {@link SlowFields} where the site sees that far. */
  static List<Field> fields(SeriesTable.Builder table) {
    return table.wants(ACCELERATOR_TEMPERATURE_MARGIN_THRESHOLD_CELSIUS)
        ? IntStream.range(0, THRESHOLDS.size())
            .mapToObj(i -> new Field(FIRST_MARGIN_FIELD + i, 0))
            .toList()
        : List.of();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.FAST) {
      readCore(calls);
      fast.batch().settle(calls, FastFields.MEMORY_TEMPERATURE, memory, Prefix.NONE);
      readMargin(calls);
    }
    if (cadence == Cadence.SLOW) {
      for (int i = 0; i < thresholds.length; i++) {
        calls.settleUnsigned(
            thresholds[i],
            calls.nvml().temperatureThreshold(calls.device(), i, calls.out(0)),
            Prefix.NONE);
      }
      for (int i = 0; i < margins.length; i++) {
        slow.batch().settle(calls, firstMargin + i, margins[i], Prefix.NONE);
      }
    }
  }

  /** By the newer function; where that does not serve, by the one that every driver has. */
  private void readCore(DeviceCalls calls) {
    NativeBlock block = calls.block();
    block.putInt(DeviceCalls.OUT, NvmlLayout.TEMPERATURE_V1_VERSION);
    block.putInt(DeviceCalls.OUT + NvmlLayout.TEMPERATURE_SENSOR, CORE_SENSOR);
    int code = calls.nvml().versionedTemperature(calls.device(), calls.out(0));
    if (NvmlCode.absent(code) || code == NvmlCode.INVALID_ARGUMENT) {
      code = calls.nvml().temperature(calls.device(), CORE_SENSOR, calls.out(0));
      calls.mandatory(code);
      calls.settleUnsigned(core, code, Prefix.NONE);
      return;
    }
    calls.mandatory(code);
    boolean read = calls.succeeded(code);
    calls.settle(
        core, code, read ? block.getInt(DeviceCalls.OUT + NvmlLayout.TEMPERATURE_CELSIUS) : 0);
  }

  /** Signed: negative beyond the limit. */
  private void readMargin(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.MARGIN_V1_VERSION);
    int code = calls.nvml().margin(calls.device(), calls.out(0));
    boolean read = calls.succeeded(code);
    calls.settle(
        margin, code, read ? calls.block().getInt(DeviceCalls.OUT + NvmlLayout.MARGIN_CELSIUS) : 0);
  }
}
