package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.binding.NativeBlock;

/**
 * Two GPM samples of one device, taken in turn, and what lies between them.
 *
 * <p><i>Lifecycle:</i> {@link #open}, then {@link #take} each interval, {@link #close} before the
 * library is shut down. <i>Threading:</i> its device's lane. <i>Failure:</i> return codes.
 */
final class Gpm {
  /** Closer than this two samples tell nothing (nvml.md 4). */
  static final long LEAST_NANOS = 100_000_000;

  private static final int VERSION = 1; // a plain number: the size is not in it
  private static final int SCRATCH = NvmlLayout.GPM_GET_SIZE;
  private static final int BLOCK = SCRATCH + Long.BYTES;

  private static final int WHOLE = -1;

  private final int gpuInstance;
  private final int[] ids;
  private final NativeBlock block = new NativeBlock(BLOCK);
  private long older;
  private long newer;
  private int samples;
  private boolean open;
  private boolean answered;

  /**
   * @param ids what is asked for; all of them known to the first driver that has GPM, whose last is
   *     97: no id beyond a driver's last may be asked
   */
  Gpm(int... ids) {
    this(WHOLE, ids);
  }

  /** As {@link #Gpm(int...)}, for one GPU instance of the device. */
  static Gpm ofInstance(int gpuInstance, int... ids) {
    return new Gpm(gpuInstance, ids);
  }

  private Gpm(int gpuInstance, int[] ids) {
    this.gpuInstance = gpuInstance;
    this.ids = ids.clone();
  }

  boolean isOpen() {
    return open;
  }

  /** Asks whether the device measures, and allocates: absent where it does not. */
  int open(DeviceCalls calls) {
    block.putInt(SCRATCH, VERSION);
    int code = calls.nvml().gpmSupport(calls.device(), block.address(SCRATCH));
    if (!calls.succeeded(code)) {
      return code;
    }
    if (block.getInt(SCRATCH + NvmlLayout.GPM_SUPPORTED) == 0) {
      return NvmlCode.NOT_SUPPORTED;
    }
    return allocate(calls);
  }

  private int allocate(DeviceCalls calls) {
    int code = calls.nvml().gpmAllocate(block.address(SCRATCH));
    if (code != NvmlCode.SUCCESS) {
      return code;
    }
    older = block.getLong(SCRATCH);
    int second = calls.nvml().gpmAllocate(block.address(SCRATCH));
    if (second != NvmlCode.SUCCESS) {
      calls.nvml().gpmFree(older);
      return second;
    }
    newer = block.getLong(SCRATCH);
    samples = 0;
    open = true;
    return NvmlCode.SUCCESS;
  }

  /** Takes the next sample. */
  int take(DeviceCalls calls) {
    answered = false;
    int code = sample(calls);
    if (!calls.succeeded(code)) {
      if (!NvmlCode.resting(code)) {
        samples = 0; // what lies between a sample and one long after it is no interval of ours
      }
      return code;
    }
    long taken = older;
    older = newer;
    newer = taken;
    samples = Math.min(2, samples + 1);
    return code;
  }

  private int sample(DeviceCalls calls) {
    return gpuInstance == WHOLE
        ? calls.nvml().gpmSample(calls.device(), older)
        : calls.nvml().gpmSample(calls.device(), gpuInstance, older);
  }

  /** Whether there are two samples to lie between. */
  boolean paired() {
    return samples == 2;
  }

  /** Computes all that was asked for, between the last two samples. */
  int compute(DeviceCalls calls) {
    block.putInt(0, VERSION);
    block.putInt(NvmlLayout.GPM_GET_COUNT, ids.length);
    block.putLong(NvmlLayout.GPM_GET_FIRST, older);
    block.putLong(NvmlLayout.GPM_GET_SECOND, newer);
    for (int i = 0; i < ids.length; i++) {
      block.putInt(at(i) + NvmlLayout.GPM_METRIC_ID, ids[i]);
    }
    int code = calls.nvml().gpmMetrics(block.address(0));
    answered = calls.succeeded(code);
    return code;
  }

  /** The return code of one metric of the last computation, which succeeded. */
  int code(int metric) {
    return answered ? block.getInt(at(metric) + NvmlLayout.GPM_METRIC_RETURN) : NvmlCode.NO_DATA;
  }

  /** The number of one metric, whose code was success. */
  double value(int metric) {
    return block.getDouble(at(metric) + NvmlLayout.GPM_METRIC_VALUE);
  }

  private static int at(int metric) {
    return NvmlLayout.GPM_GET_METRICS + metric * NvmlLayout.GPM_METRIC_SIZE;
  }

  /** Gives the samples back; may be opened again. */
  void release(Nvml nvml) {
    if (open) {
      open = false;
      nvml.gpmFree(older);
      nvml.gpmFree(newer);
    }
  }

  /** Gives everything back. */
  void close(Nvml nvml) {
    release(nvml);
    block.close();
  }
}
