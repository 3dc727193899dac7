package io.millwright.agent.dialect;

import io.millwright.protocol.exposition.PageBuffer;

/** How a number is written. */
enum NumberForm {
  /** {@code %d} of the nearest whole number. */
  WHOLE {
    @Override
    void write(double value, PageBuffer page) {
      page.appendWhole((long) Math.rint(value));
    }
  },
  /** {@code %d} after a division that leaves the rest out. */
  FLOOR {
    @Override
    void write(double value, PageBuffer page) {
      page.appendWhole((long) Math.floor(value));
    }
  },
  /** As our own page writes it. */
  SHORTEST {
    @Override
    void write(double value, PageBuffer page) {
      page.append(value);
    }
  },
  /** {@code %f}: six decimals. */
  DECIMAL {
    @Override
    void write(double value, PageBuffer page) {
      page.appendDecimal(value);
    }
  };

  abstract void write(double value, PageBuffer page);
}
