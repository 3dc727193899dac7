package io.millwright.drivers.nvml;

/** {@code nvmlValueType_t}: which member of a value's union is to be read. */
final class ValueType {
  static final int DOUBLE = 0;
  static final int UNSIGNED_INT = 1;
  static final int UNSIGNED_LONG = 2;
  static final int UNSIGNED_LONG_LONG = 3;
  static final int SIGNED_LONG_LONG = 4;
  static final int SIGNED_INT = 5;
  static final int UNSIGNED_SHORT = 6;

  private ValueType() {}

  /** A type that nobody knows yet has no member of the union to read. */
  static boolean known(int type) {
    return type >= DOUBLE && type <= UNSIGNED_SHORT;
  }
}
