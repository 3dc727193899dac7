package io.millwright.drivers.nvml;

/**
 * The prefix of the unit in which the library tells a whole number. What is a fraction of the base
 * unit is divided, never multiplied: 795170 mW / 1000 is the double nearest to 795.17, and 795170 *
 * 0.001 is not.
 */
enum Prefix {
  MEGA {
    @Override
    double of(double raw) {
      return raw * 1e6;
    }
  },
  KIBI {
    @Override
    double of(double raw) {
      return raw * 1024;
    }
  },
  NONE {
    @Override
    double of(double raw) {
      return raw;
    }
  },
  PERCENT {
    @Override
    double of(double raw) {
      return raw / 1e2;
    }
  },
  MILLI {
    @Override
    double of(double raw) {
      return raw / 1e3;
    }
  },
  NANO {
    @Override
    double of(double raw) {
      return raw / 1e9;
    }
  };

  /** In the base unit. */
  abstract double of(double raw);
}
