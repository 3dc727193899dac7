package io.millwright.protocol.health;

import java.util.Arrays;
import java.util.Optional;

/** How a reading is held against a threshold. */
public enum Comparison {
  BELOW("<"),
  EQUAL("="),
  AT_LEAST(">="),
  ABOVE(">");

  private final String sign;

  Comparison(String sign) {
    this.sign = sign;
  }

  public String sign() {
    return sign;
  }

  public boolean holds(double value, double threshold) {
    return switch (this) {
      case BELOW -> value < threshold;
      case EQUAL -> value == threshold;
      case AT_LEAST -> value >= threshold;
      case ABOVE -> value > threshold;
    };
  }

  /** Whether a value can stand so to both thresholds at once. */
  static boolean meet(Comparison a, double one, Comparison b, double other) {
    if (a == EQUAL) {
      return b.holds(one, other);
    }
    if (b == EQUAL) {
      return a.holds(other, one);
    }
    if ((a == BELOW) == (b == BELOW)) {
      return true;
    }
    double below = a == BELOW ? one : other;
    double above = a == BELOW ? other : one;
    return above < below;
  }

  static Optional<Comparison> ofSign(String sign) {
    return Arrays.stream(values()).filter(one -> one.sign.equals(sign)).findFirst();
  }
}
