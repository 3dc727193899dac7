package io.millwright.drivers.nvml;

import io.millwright.drivers.Source.Outcome;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Readings;

/**
 * One device as its readers see it: the handle to call with, the memory that C writes to, the
 * readings to fill, and what the return codes of this round said about the device as a whole.
 */
final class DeviceCalls {
  /** Where single out-parameters go; {@link FieldBatch}es lie behind. */
  static final int OUT = 0;

  static final int OUT_SIZE = 512;

  /** {@code NVML_VALUE_NOT_AVAILABLE} in an {@code unsigned int}. */
  private static final long NOT_AVAILABLE = 0xFFFFFFFFL;

  private final Nvml nvml;
  private final long device;
  private final NativeBlock block;
  private Readings readings;
  private Cadence cadence = Cadence.ONCE;
  private long nowNanos;
  private int answers;
  private boolean lost;
  private boolean driverGone;
  private boolean handleRefused;
  private boolean mandatoryFailed;
  private boolean failed;

  DeviceCalls(Nvml nvml, long device, NativeBlock block, Readings readings) {
    this.nvml = nvml;
    this.device = device;
    this.block = block;
    this.readings = readings;
  }

  Nvml nvml() {
    return nvml;
  }

  Readings readings() {
    return readings;
  }

  /** What is read from now on goes there. */
  void use(Readings next) {
    readings = next;
  }

  long device() {
    return device;
  }

  NativeBlock block() {
    return block;
  }

  /** The C address of the scratch area, or of a place within it. */
  long out(int offset) {
    return block.address(OUT + offset);
  }

  /** Monotonic time of this round. */
  long nowNanos() {
    return nowNanos;
  }

  void begin(Cadence round, long nanos) {
    nvml.admission().begin(round, nanos);
    join(round, nanos);
  }

  /** Takes part in a round that the device has begun. */
  void join(Cadence round, long nanos) {
    cadence = round;
    nowNanos = nanos;
    failed = false;
    answers = 0;
    lost = false;
    driverGone = false;
    handleRefused = false;
    mandatoryFailed = false;
  }

  /**
   * What the round says of the device. Where nothing answers and the handle itself is refused, the
   * handle is of a device that left or of a driver that was reloaded.
   *
   * @param made calls of the device's own in this round, as against those of its instances
   */
  Outcome outcome(int made) {
    nvml.admission().end();
    if (made == 0 && cadence != Cadence.FAST) {
      return Outcome.ANSWERED; // nothing was asked
    }
    if (driverGone) {
      return Outcome.DRIVER_GONE;
    }
    if (lost) {
      return Outcome.DEVICE_LOST;
    }
    if (answers > 0) {
      return mandatoryFailed ? Outcome.FAILED : Outcome.ANSWERED;
    }
    return handleRefused ? Outcome.DEVICE_LOST : Outcome.FAILED;
  }

  /** A query that every device answers was asked: any failure of it is the device's. */
  void mandatory(int code) {
    mandatoryFailed |= code != NvmlCode.SUCCESS && !NvmlCode.absent(code);
  }

  /** Whether something was answered in this round. */
  boolean answered() {
    return answers > 0;
  }

  /** Whether a call failed in this round that is not simply absent. */
  boolean failed() {
    return failed;
  }

  /** Whether the handle was refused in this round, and nothing was answered. */
  boolean handleRefused() {
    return handleRefused && answers == 0;
  }

  /** Takes note of a code; whether out-parameters may be looked at. */
  boolean succeeded(int code) {
    if (code == NvmlCode.SUCCESS) {
      answers++;
      return true;
    }
    failed |= !NvmlCode.resting(code) && !NvmlCode.absent(code);
    lost |= NvmlCode.lost(code);
    driverGone |= NvmlCode.driverGone(code);
    handleRefused |= code == NvmlCode.INVALID_ARGUMENT;
    return false;
  }

  /**
   * The series gets this value if the code is success, else what the code means; it keeps what it
   * has where the call was not made.
   */
  void settle(int slot, int code, double value) {
    if (NvmlCode.resting(code)) {
      readings.resting(slot, NvmlCode.restsUntil(code));
    } else if (code == NvmlCode.SUCCESS) {
      readings.measured(slot, value);
    } else if (NvmlCode.absent(code)) {
      readings.unsupported(slot);
    } else {
      readings.unavailable(slot, NvmlCode.fault(code));
    }
  }

  /** One call with one {@code unsigned int} at the start of the scratch area. */
  void settleUnsigned(int slot, int code, Prefix prefix) {
    settleUnsigned(slot, code, 0, prefix);
  }

  /** One {@code unsigned int} at an offset of the scratch area, into the metric's base unit. */
  void settleUnsigned(int slot, int code, int offset, Prefix prefix) {
    long raw = succeeded(code) ? block.getUnsigned(OUT + offset) : 0;
    if (raw == NOT_AVAILABLE) {
      readings.unsupported(slot);
    } else {
      settle(slot, code, prefix.of((double) raw));
    }
  }

  void unsupported(int slot) {
    readings.unsupported(slot);
  }

  void unavailable(int slot, Fault fault) {
    readings.unavailable(slot, fault);
  }
}
