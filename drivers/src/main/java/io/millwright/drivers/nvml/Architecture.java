package io.millwright.drivers.nvml;

/** {@code NVML_DEVICE_ARCH_*}. */
final class Architecture {
  static final int KEPLER = 2;
  static final int MAXWELL = 3;
  static final int PASCAL = 4;
  static final int VOLTA = 5;
  static final int TURING = 6;
  static final int AMPERE = 7;
  static final int ADA = 8;
  static final int HOPPER = 9;
  static final int BLACKWELL = 10;
  static final int RUBIN = 13;

  private Architecture() {}

  /** The word of a label, {@code unknown(n)} for one that came later. */
  static String word(int architecture) {
    return switch (architecture) {
      case KEPLER -> "kepler";
      case MAXWELL -> "maxwell";
      case PASCAL -> "pascal";
      case VOLTA -> "volta";
      case TURING -> "turing";
      case AMPERE -> "ampere";
      case ADA -> "ada";
      case HOPPER -> "hopper";
      case BLACKWELL -> "blackwell";
      case RUBIN -> "rubin";
      default -> "unknown(" + architecture + ")";
    };
  }
}
