package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENERGY_JOULES_TOTAL;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/**
 * The energy counter, under the scope that it covers. A device that reports no module's power has
 * only the scope of the GPU; where it shares its module with a processor, energy is absent until
 * {@link EnergyScope} has found which power the counter is the integral of.
 */
final class EnergyReader implements Reader {
  private static final List<String> SCOPES = List.of("gpu", "module", "memory");
  private static final int GPU = 0;
  private static final int MODULE = 1;

  private final FastFields fast;
  private final int[] joules = new int[SCOPES.size()];
  private final double[] watts = new double[SCOPES.size()];
  private final boolean[] known = new boolean[SCOPES.size()];
  private boolean sharesModule;
  private final EnergyScope scope = new EnergyScope(SCOPES.size());

  EnergyReader(FastFields fast, SeriesTable.Builder table, Accelerator accelerator) {
    this.fast = fast;
    for (int i = 0; i < joules.length; i++) {
      joules[i] =
          table.add(
              Cadence.FAST, Series.of(ACCELERATOR_ENERGY_JOULES_TOTAL, accelerator, SCOPES.get(i)));
    }
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.FAST) {
      return;
    }
    FieldBatch batch = fast.batch();
    int code = batch.code(calls, FastFields.ENERGY);
    if (NvmlCode.absent(code)) {
      code = calls.nvml().energy(calls.device(), calls.out(0));
      boolean read = code == NvmlCode.SUCCESS;
      show(calls, code, read ? (double) calls.block().getLong(DeviceCalls.OUT) : 0);
    } else {
      show(calls, code, code == NvmlCode.SUCCESS ? batch.value(calls, FastFields.ENERGY) : 0);
    }
  }

  private void show(DeviceCalls calls, int code, double millijoules) {
    boolean read = calls.succeeded(code);
    double counted = Prefix.MILLI.of(millijoules);
    int covered = covered(calls, read, counted);
    for (int i = 0; i < joules.length; i++) {
      if (i == covered) {
        calls.settle(joules[i], code, counted);
      } else {
        calls.unsupported(joules[i]);
      }
    }
  }

  private int covered(DeviceCalls calls, boolean read, double counted) {
    FieldBatch batch = fast.batch();
    int module = batch.code(calls, FastFields.POWER + MODULE);
    sharesModule |= module == NvmlCode.SUCCESS;
    if (NvmlCode.absent(module) && !sharesModule) {
      return GPU;
    }
    for (int i = 0; i < watts.length; i++) {
      known[i] = batch.code(calls, FastFields.POWER + i) == NvmlCode.SUCCESS;
      watts[i] = known[i] ? Prefix.MILLI.of(batch.value(calls, FastFields.POWER + i)) : 0;
    }
    if (read) {
      scope.take(calls.nowNanos(), counted, watts, known);
    }
    return scope.found();
  }
}
