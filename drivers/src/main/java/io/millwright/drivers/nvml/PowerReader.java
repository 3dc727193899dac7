package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_INSTANT_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_LIMIT_WATTS;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WATTS;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.stream.IntStream;

/** Power by scope, limits. */
final class PowerReader implements Reader {
  /** In the order of the batch of {@link FastFields}. */
  private static final List<String> SCOPES = List.of("gpu", "module", "memory");

  private static final List<String> LIMITS =
      List.of("enforced", "requested", "default", "min", "max");

  private static final int MOST = 4;

  private static final List<Integer> LIMIT_IDS =
      List.of(
          FieldIds.POWER_LIMIT_ENFORCED,
          FieldIds.POWER_LIMIT_REQUESTED,
          FieldIds.POWER_LIMIT_DEFAULT,
          FieldIds.POWER_LIMIT_MIN,
          FieldIds.POWER_LIMIT_MAX);

  private final FastFields fast;
  private final MediumFields limits;
  private final int[] watts = new int[SCOPES.size()];

  /** Empty where the site does not see that far. */
  private final int[] instants;

  private final int[] gpuLimits = new int[LIMITS.size()];
  private final int[] moduleLimits = new int[LIMITS.size()];
  private boolean averageKnown;
  private double averageWatts;
  private boolean limitKnown;
  private double limitWatts;

  PowerReader(
      FastFields fast, MediumFields limits, SeriesTable.Builder table, Accelerator accelerator) {
    this.fast = fast;
    this.limits = limits;
    for (int i = 0; i < watts.length; i++) {
      watts[i] = fastSeries(table, accelerator, ACCELERATOR_POWER_WATTS, SCOPES.get(i));
    }
    instants = table.wants(ACCELERATOR_POWER_INSTANT_WATTS) ? new int[SCOPES.size()] : new int[0];
    for (int i = 0; i < instants.length; i++) {
      instants[i] = fastSeries(table, accelerator, ACCELERATOR_POWER_INSTANT_WATTS, SCOPES.get(i));
    }
    for (int i = 0; i < LIMITS.size(); i++) {
      gpuLimits[i] = limitSeries(table, accelerator, i, "gpu");
      moduleLimits[i] = limitSeries(table, accelerator, i, "module");
    }
  }

  /** The limits as fields, first of the GPU and then of the module. */
  static List<Field> limitFields() {
    return IntStream.range(0, 2)
        .boxed()
        .flatMap(scope -> LIMIT_IDS.stream().map(id -> new Field(id, scope)))
        .toList();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.FAST) {
      readPower(calls);
    }
    if (cadence == Cadence.MEDIUM) {
      readLimits(calls);
    }
  }

  private void readPower(DeviceCalls calls) {
    FieldBatch batch = fast.batch();
    for (int i = 0; i < watts.length; i++) {
      batch.settle(calls, FastFields.POWER + i, watts[i], Prefix.MILLI);
    }
    for (int i = 0; i < instants.length; i++) {
      batch.settle(calls, FastFields.POWER_INSTANT + i, instants[i], Prefix.MILLI);
    }
    int code = batch.code(calls, FastFields.POWER);
    averageKnown = code == NvmlCode.SUCCESS;
    if (averageKnown) {
      averageWatts = Prefix.MILLI.of(batch.value(calls, FastFields.POWER));
    } else if (NvmlCode.absent(code)) {
      readPowerByFunction(calls);
    }
  }

  private void readPowerByFunction(DeviceCalls calls) {
    int code = calls.nvml().powerUsage(calls.device(), calls.out(0));
    calls.settleUnsigned(watts[0], code, Prefix.MILLI);
    averageKnown = code == NvmlCode.SUCCESS;
    if (averageKnown) {
      averageWatts = Prefix.MILLI.of((double) calls.block().getUnsigned(DeviceCalls.OUT));
    }
  }

  /** Whether the last tick has told the GPU's power. */
  boolean averageKnown() {
    return averageKnown;
  }

  /** The GPU's power of the last tick, as the device averages it. */
  double averageWatts() {
    return averageWatts;
  }

  /** Whether the device has told the highest power it may be set to. */
  boolean limitKnown() {
    return limitKnown;
  }

  /** The highest power the device may be set to. */
  double limitWatts() {
    return limitWatts;
  }

  private void limit(boolean known, double watts) {
    limitKnown = known && watts > 0;
    limitWatts = watts;
  }

  private void readLimits(DeviceCalls calls) {
    FieldBatch batch = limits.batch();
    for (int i = 0; i < LIMITS.size(); i++) {
      batch.settle(calls, MediumFields.LIMITS + i, gpuLimits[i], Prefix.MILLI);
      batch.settle(calls, MediumFields.LIMITS + LIMITS.size() + i, moduleLimits[i], Prefix.MILLI);
    }
    int most = MediumFields.LIMITS + MOST;
    int code = batch.code(calls, most);
    boolean told = code == NvmlCode.SUCCESS;
    if (told || NvmlCode.absent(code)) { // what could not be read now is what it was
      limit(told, told ? Prefix.MILLI.of(batch.value(calls, most)) : 0);
    }
    if (NvmlCode.absent(batch.code(calls, MediumFields.LIMITS))) {
      readLimitsByFunction(calls);
    }
  }

  /** Drivers before 535 have no such fields. */
  private void readLimitsByFunction(DeviceCalls calls) {
    Nvml nvml = calls.nvml();
    long device = calls.device();
    long out = calls.out(0);
    calls.settleUnsigned(gpuLimits[0], nvml.enforcedPowerLimit(device, out), Prefix.MILLI);
    calls.settleUnsigned(gpuLimits[1], nvml.requestedPowerLimit(device, out), Prefix.MILLI);
    calls.settleUnsigned(gpuLimits[2], nvml.defaultPowerLimit(device, out), Prefix.MILLI);
    int code = nvml.powerLimitConstraints(device, out, calls.out(Integer.BYTES));
    calls.settleUnsigned(gpuLimits[3], code, Prefix.MILLI);
    calls.settleUnsigned(gpuLimits[MOST], code, Integer.BYTES, Prefix.MILLI);
    boolean told = code == NvmlCode.SUCCESS;
    int most = DeviceCalls.OUT + Integer.BYTES;
    limit(told, told ? Prefix.MILLI.of((double) calls.block().getUnsigned(most)) : 0);
  }

  private static int fastSeries(
      SeriesTable.Builder table, Accelerator accelerator, Metric metric, String scope) {
    return table.add(Cadence.FAST, Series.of(metric, accelerator, scope));
  }

  private static int limitSeries(
      SeriesTable.Builder table, Accelerator accelerator, int limit, String scope) {
    return table.add(
        Cadence.MEDIUM,
        Series.of(ACCELERATOR_POWER_LIMIT_WATTS, accelerator, LIMITS.get(limit), scope));
  }
}
