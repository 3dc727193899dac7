package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;

/** {@code nvmlReturn_t}: what a code means for a value, for a device and for the driver. */
public final class NvmlCode {
  public static final int SUCCESS = 0;
  public static final int UNINITIALIZED = 1;
  public static final int INVALID_ARGUMENT = 2;
  public static final int NOT_SUPPORTED = 3;
  public static final int NO_PERMISSION = 4;
  public static final int ALREADY_INITIALIZED = 5;
  public static final int NOT_FOUND = 6;
  public static final int INSUFFICIENT_SIZE = 7;
  public static final int INSUFFICIENT_POWER = 8;
  public static final int DRIVER_NOT_LOADED = 9;
  public static final int TIMEOUT = 10;
  public static final int IRQ_ISSUE = 11;
  public static final int LIBRARY_NOT_FOUND = 12;
  public static final int FUNCTION_NOT_FOUND = 13;
  public static final int CORRUPTED_INFOROM = 14;
  public static final int GPU_IS_LOST = 15;
  public static final int RESET_REQUIRED = 16;
  public static final int OPERATING_SYSTEM = 17;
  public static final int LIB_RM_VERSION_MISMATCH = 18;
  public static final int IN_USE = 19;
  public static final int MEMORY = 20;
  public static final int NO_DATA = 21;
  public static final int VGPU_ECC_NOT_SUPPORTED = 22;
  public static final int INSUFFICIENT_RESOURCES = 23;
  public static final int FREQ_NOT_SUPPORTED = 24;
  public static final int ARGUMENT_VERSION_MISMATCH = 25;
  public static final int DEPRECATED = 26;
  public static final int NOT_READY = 27;
  public static final int GPU_NOT_FOUND = 28;
  public static final int INVALID_STATE = 29;
  public static final int RESET_TYPE_NOT_SUPPORTED = 30;
  public static final int UNKNOWN = 999;

  /** Not asked now, because the call was demoted: no code of the library's. */
  private static final int RESTING_TO_MEDIUM = -2;

  private static final int RESTING_TO_SLOW = -3;

  private NvmlCode() {}

  /** In the place of a call that is made at this cadence only: its readings stay as they are. */
  static int resting(Cadence cadence) {
    return switch (cadence) {
      case FAST, MEDIUM -> RESTING_TO_MEDIUM;
      case SLOW, ONCE -> RESTING_TO_SLOW;
    };
  }

  static boolean resting(int code) {
    return code == RESTING_TO_MEDIUM || code == RESTING_TO_SLOW;
  }

  /** At which cadence a call is made that rests now. */
  static Cadence restsUntil(int code) {
    return code == RESTING_TO_MEDIUM ? Cadence.MEDIUM : Cadence.SLOW;
  }

  /** It will not be otherwise until the driver is another one; "no data" may be. */
  static boolean refusal(int code) {
    return absent(code) && code != NO_DATA;
  }

  /** The driver did what was asked, counted what there was no room for, or had nothing new. */
  static boolean answers(int code) {
    return code == SUCCESS || code == INSUFFICIENT_SIZE || code == NOT_FOUND;
  }

  /** Whether asking as often as before is of no use: neither an answer nor a plain refusal. */
  static boolean failure(int code) {
    return !answers(code) && !refusal(code) && !lost(code) && !driverGone(code);
  }

  /** Whether an older function may do what this one does not: nvml.md 2, "fallback". */
  public static boolean fallsBack(int code) {
    return code == NOT_SUPPORTED || code == FUNCTION_NOT_FOUND || code == ARGUMENT_VERSION_MISMATCH;
  }

  /** The device or the driver does not have what was asked for: the value is absent. */
  public static boolean absent(int code) {
    return switch (code) {
      case NOT_SUPPORTED, FUNCTION_NOT_FOUND, NO_DATA, ARGUMENT_VERSION_MISMATCH, DEPRECATED ->
          true;
      default -> false;
    };
  }

  /** The device fell off the bus. */
  public static boolean lost(int code) {
    return code == GPU_IS_LOST;
  }

  /** The driver behind the library is gone, or was exchanged under it. */
  public static boolean driverGone(int code) {
    return switch (code) {
      case UNINITIALIZED, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, LIB_RM_VERSION_MISMATCH -> true;
      default -> false;
    };
  }

  /** What a value says that could not be read for this code. */
  public static Fault fault(int code) {
    return switch (code) {
      case NO_PERMISSION -> Fault.PERMISSION;
      case TIMEOUT -> Fault.TIMEOUT;
      case GPU_IS_LOST, RESET_REQUIRED -> Fault.DEVICE_LOST;
      case NOT_FOUND, GPU_NOT_FOUND -> Fault.NOT_FOUND;
      default -> Fault.OTHER;
    };
  }

  /**
   * NVIDIA's word for a code. A table of our own: the library's {@code nvmlErrorString} of driver
   * 535 says "Unknown Error" from 28 on.
   */
  public static String word(int code) {
    return switch (code) {
      case SUCCESS -> "success";
      case UNINITIALIZED -> "uninitialized";
      case INVALID_ARGUMENT -> "invalid argument";
      case NOT_SUPPORTED -> "not supported";
      case NO_PERMISSION -> "no permission";
      case ALREADY_INITIALIZED -> "already initialized";
      case NOT_FOUND -> "not found";
      case INSUFFICIENT_SIZE -> "insufficient size";
      case INSUFFICIENT_POWER -> "insufficient power";
      case DRIVER_NOT_LOADED -> "driver not loaded";
      case TIMEOUT -> "timeout";
      case IRQ_ISSUE -> "interrupt issue";
      case LIBRARY_NOT_FOUND -> "library not found";
      case FUNCTION_NOT_FOUND -> "function not found";
      case CORRUPTED_INFOROM -> "corrupted InfoROM";
      case GPU_IS_LOST -> "GPU is lost";
      case RESET_REQUIRED -> "reset required";
      case OPERATING_SYSTEM -> "operating system call failed";
      case LIB_RM_VERSION_MISMATCH -> "library and driver versions differ";
      case IN_USE -> "in use";
      case MEMORY -> "out of memory";
      case NO_DATA -> "no data";
      case VGPU_ECC_NOT_SUPPORTED -> "vGPU ECC not supported";
      case INSUFFICIENT_RESOURCES -> "insufficient resources";
      case FREQ_NOT_SUPPORTED -> "frequency not supported";
      case ARGUMENT_VERSION_MISMATCH -> "argument version mismatch";
      case DEPRECATED -> "deprecated";
      case NOT_READY -> "not ready";
      case GPU_NOT_FOUND -> "GPU not found";
      case INVALID_STATE -> "invalid state";
      case RESET_TYPE_NOT_SUPPORTED -> "reset type not supported";
      case UNKNOWN -> "unknown error";
      default -> "unknown(" + code + ")";
    };
  }
}
