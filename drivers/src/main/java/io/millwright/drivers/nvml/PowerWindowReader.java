package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WINDOW_SAMPLES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_WINDOW_WATTS;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/**
 * Power over the last minute. The lowest and highest of a GPU are those of the driver's own buffer,
 * where it has one, and of each tick's reading; of a module or its memory they are of the ticks
 * alone. How many samples that were stands beside them.
 */
final class PowerWindowReader implements Reader {
  /** In the order of the batch of {@link FastFields}. */
  private static final List<String> SCOPES = List.of("gpu", "module", "memory");

  private static final int GPU = 0;

  private final FastFields fast;
  private final PowerReader power;
  private final PowerBuffer buffer = new PowerBuffer();
  private final MinuteWindow ofDriver = new MinuteWindow();
  private final MinuteWindow averages = new MinuteWindow();
  private final Scope[] scopes = new Scope[SCOPES.size()];
  private final int driverSamples;
  private final int mean;
  private final int lowest;
  private final int highest;
  private boolean noBuffer;

  /** The ticks of one scope and where they are shown. */
  private record Scope(MinuteWindow ticks, int least, int most, int samples) {}

  PowerWindowReader(
      FastFields fast, PowerReader power, SeriesTable.Builder table, Accelerator accelerator) {
    this.fast = fast;
    this.power = power;
    for (int i = 0; i < scopes.length; i++) {
      String scope = SCOPES.get(i);
      scopes[i] =
          new Scope(
              new MinuteWindow(),
              add(table, Series.of(ACCELERATOR_POWER_WINDOW_WATTS, accelerator, "min", scope)),
              add(table, Series.of(ACCELERATOR_POWER_WINDOW_WATTS, accelerator, "max", scope)),
              add(table, Series.of(ACCELERATOR_POWER_WINDOW_SAMPLES, accelerator, scope, "agent")));
    }
    driverSamples =
        add(table, Series.of(ACCELERATOR_POWER_WINDOW_SAMPLES, accelerator, "gpu", "driver"));
    mean = add(table, Series.of(ACCELERATOR_POWER_UTILIZATION_RATIO, accelerator, "avg"));
    lowest = add(table, Series.of(ACCELERATOR_POWER_UTILIZATION_RATIO, accelerator, "min"));
    highest = add(table, Series.of(ACCELERATOR_POWER_UTILIZATION_RATIO, accelerator, "max"));
  }

  private static int add(SeriesTable.Builder table, Series series) {
    return table.add(Cadence.FAST, series);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.FAST) {
      return;
    }
    readBuffer(calls);
    for (int i = 0; i < scopes.length; i++) {
      readTick(calls, i);
    }
    readUtilization(calls);
  }

  @Override
  public void askAnew() {
    noBuffer = false;
  }

  private void readBuffer(DeviceCalls calls) {
    ofDriver.at(calls.nowNanos());
    if (noBuffer) {
      return;
    }
    int code = buffer.read(calls);
    noBuffer = NvmlCode.refusal(code);
    boolean read = code == NvmlCode.SUCCESS || code == NvmlCode.NOT_FOUND; // nothing new
    if (code == NvmlCode.SUCCESS) {
      calls.succeeded(code);
      buffer.addTo(ofDriver);
    } else if (!read) {
      calls.succeeded(code);
    }
    calls.settle(driverSamples, read ? NvmlCode.SUCCESS : code, ofDriver.count());
  }

  /** What is instantaneous; where a scope has only a mean, that. */
  private void readTick(DeviceCalls calls, int i) {
    Scope scope = scopes[i];
    FieldBatch batch = fast.batch();
    int entry = FastFields.POWER_INSTANT + i;
    if (NvmlCode.absent(batch.code(calls, entry))) {
      entry = FastFields.POWER + i;
    }
    int code = batch.code(calls, entry);
    scope.ticks().at(calls.nowNanos());
    if (code == NvmlCode.SUCCESS) {
      scope.ticks().add(Prefix.MILLI.of(batch.value(calls, entry)));
    } else if (i == GPU && power.averageKnown()) {
      code = NvmlCode.SUCCESS; // a driver without such fields
      scope.ticks().add(power.averageWatts());
    }
    show(calls, scope, code, i == GPU ? ofDriver : scope.ticks());
  }

  private static void show(DeviceCalls calls, Scope scope, int code, MinuteWindow other) {
    MinuteWindow ticks = scope.ticks();
    if (ticks.count() == 0 && other.count() == 0) {
      calls.settle(scope.least(), code == NvmlCode.SUCCESS ? NvmlCode.NO_DATA : code, 0);
      calls.settle(scope.most(), code == NvmlCode.SUCCESS ? NvmlCode.NO_DATA : code, 0);
    } else {
      double least = Math.min(ticks.least(), other.least());
      calls.settle(scope.least(), NvmlCode.SUCCESS, least);
      calls.settle(scope.most(), NvmlCode.SUCCESS, Math.max(ticks.most(), other.most()));
    }
    calls.settle(scope.samples(), code, ticks.count());
  }

  private void readUtilization(DeviceCalls calls) {
    averages.at(calls.nowNanos());
    if (power.averageKnown()) {
      averages.add(power.averageWatts());
    }
    boolean known = averages.count() > 0 && power.limitKnown();
    int code = known ? NvmlCode.SUCCESS : NvmlCode.NO_DATA;
    double full = power.limitWatts();
    calls.settle(mean, code, known ? averages.mean() / full : 0);
    calls.settle(lowest, code, known ? averages.least() / full : 0);
    calls.settle(highest, code, known ? averages.most() / full : 0);
  }

  @Override
  public void close(DeviceCalls calls) {
    buffer.close();
  }
}
