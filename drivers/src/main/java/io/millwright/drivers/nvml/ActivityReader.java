package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ENGINE_ACTIVE_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_SM_OCCUPANCY_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_UTILIZATION_RATIO;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What the engines of a device do, by GPM: one sample a tick, and the mean since the last one.
 *
 * <p>While somebody else has the counters (a DCGM host engine), it asks for nothing and gives its
 * samples back. The bandwidth of the memory is then that of {@link LoadReader}, as on devices
 * before Hopper.
 */
final class ActivityReader implements Reader {
  private static final List<String> ENGINES =
      List.of("graphics", "sm", "tensor", "fp64", "fp32", "fp16", "int");

  /** The engines, the bandwidth of the memory, and the warps resident on the multiprocessors. */
  private static final int[] IDS = {1, 2, 5, 11, 12, 13, 4, 10, 3};

  private static final int GRAPHICS = 0;
  private static final int BANDWIDTH = 7;
  private static final int OCCUPANCY = 8;

  private final BooleanSupplier granted;
  private final Gpm gpm;
  private final OptionalInt utilization;

  /** One a metric that the site wants, in the order of {@link #IDS}. */
  private final int[] slots;

  private final int[] codes;
  private final double[] ratios;
  private boolean absent;
  private boolean measured;
  private boolean bandwidth;
  private long takenNanos;

  /**
   * @param granted whether the counters are ours to use now
   */
  ActivityReader(BooleanSupplier granted, SeriesTable.Builder table, Accelerator accelerator) {
    this(granted, table, accelerator, Gpm::new, OptionalInt.empty());
  }

  /**
   * Of one GPU instance. The driver has no utilization of it: what its graphics engine was busy is
   * shown as that.
   */
  static ActivityReader ofInstance(
      BooleanSupplier granted,
      SeriesTable.Builder table,
      Accelerator accelerator,
      int gpuInstance) {
    int utilization =
        table.add(Cadence.FAST, Series.of(ACCELERATOR_UTILIZATION_RATIO, accelerator));
    return new ActivityReader(
        granted,
        table,
        accelerator,
        ids -> Gpm.ofInstance(gpuInstance, ids),
        OptionalInt.of(utilization));
  }

  private ActivityReader(
      BooleanSupplier granted,
      SeriesTable.Builder table,
      Accelerator accelerator,
      Function<int[], Gpm> gpmOf,
      OptionalInt utilization) {
    this.granted = granted;
    this.utilization = utilization;
    boolean occupancy = table.wants(ACCELERATOR_SM_OCCUPANCY_RATIO);
    int[] ids = Arrays.copyOf(IDS, occupancy ? IDS.length : OCCUPANCY);
    gpm = gpmOf.apply(ids);
    slots = new int[ids.length];
    codes = new int[ids.length];
    ratios = new double[ids.length];
    for (int i = 0; i < BANDWIDTH; i++) {
      slots[i] =
          table.add(
              Cadence.FAST,
              Series.of(ACCELERATOR_ENGINE_ACTIVE_RATIO, accelerator, ENGINES.get(i)));
    }
    slots[BANDWIDTH] =
        table.add(
            Cadence.FAST, Series.of(ACCELERATOR_MEMORY_BANDWIDTH_UTILIZATION_RATIO, accelerator));
    if (occupancy) {
      slots[OCCUPANCY] =
          table.add(Cadence.FAST, Series.of(ACCELERATOR_SM_OCCUPANCY_RATIO, accelerator));
    }
  }

  /** Where the bandwidth is written by whoever reads it. */
  int bandwidthSlot() {
    return slots[BANDWIDTH];
  }

  /** Whether this reader is the source of the bandwidth; the other one keeps silent then. */
  boolean tellsBandwidth() {
    return bandwidth;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.FAST || absent) {
      return;
    }
    if (!granted.getAsBoolean()) {
      standDown(calls);
      return;
    }
    if (!gpm.isOpen() && !opened(calls)) {
      return;
    }
    if (measured && calls.nowNanos() - takenNanos < Gpm.LEAST_NANOS) {
      show(calls); // a tick before its time: what was measured a moment ago stands
      return;
    }
    takenNanos = calls.nowNanos();
    measure(calls);
  }

  private void standDown(DeviceCalls calls) {
    gpm.release(calls.nvml());
    forget();
    for (int i = 0; i < slots.length; i++) {
      if (i != BANDWIDTH) {
        calls.unavailable(slots[i], Fault.IN_USE);
      }
    }
    if (utilization.isPresent()) {
      calls.unavailable(utilization.getAsInt(), Fault.IN_USE);
      calls.unavailable(slots[BANDWIDTH], Fault.IN_USE); // nobody else tells it
    }
  }

  private void forget() {
    measured = false;
    bandwidth = false;
  }

  private boolean opened(DeviceCalls calls) {
    int code = gpm.open(calls);
    if (code != NvmlCode.SUCCESS) {
      absent = NvmlCode.refusal(code);
      fail(calls, code);
    }
    return code == NvmlCode.SUCCESS;
  }

  private void measure(DeviceCalls calls) {
    int code = gpm.take(calls);
    if (code == NvmlCode.SUCCESS && !gpm.paired()) {
      forget();
      return;
    }
    if (code == NvmlCode.SUCCESS) {
      code = gpm.compute(calls);
    }
    if (code != NvmlCode.SUCCESS) {
      fail(calls, code);
      return;
    }
    for (int i = 0; i < codes.length; i++) {
      take(i);
    }
    measured = true;
    bandwidth |= codes[BANDWIDTH] == NvmlCode.SUCCESS;
    show(calls);
  }

  /** A ratio that is none is no reading. */
  private void take(int metric) {
    codes[metric] = gpm.code(metric);
    if (codes[metric] == NvmlCode.SUCCESS) {
      ratios[metric] = Prefix.PERCENT.of(gpm.value(metric));
      if (!Double.isFinite(ratios[metric]) || ratios[metric] < 0) {
        codes[metric] = NvmlCode.UNKNOWN;
      }
    }
  }

  private void show(DeviceCalls calls) {
    for (int i = 0; i < slots.length; i++) {
      if (i != BANDWIDTH || bandwidth) {
        calls.settle(slots[i], codes[i], ratios[i]);
      }
    }
    if (utilization.isPresent()) {
      calls.settle(utilization.getAsInt(), codes[GRAPHICS], ratios[GRAPHICS]);
    }
  }

  private void fail(DeviceCalls calls, int code) {
    measured = false;
    bandwidth &= !NvmlCode.absent(code); // the other source tells it again
    for (int i = 0; i < slots.length; i++) {
      if (i != BANDWIDTH || bandwidth) {
        calls.settle(slots[i], code, 0);
      }
    }
    if (utilization.isPresent()) {
      calls.settle(utilization.getAsInt(), code, 0);
    }
  }

  @Override
  public void askAnew() {
    absent = false;
  }

  @Override
  public void close(DeviceCalls calls) {
    gpm.close(calls.nvml());
  }
}
