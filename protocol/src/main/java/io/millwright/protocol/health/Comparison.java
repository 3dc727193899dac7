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

  static Optional<Comparison> ofSign(String sign) {
    return Arrays.stream(values()).filter(one -> one.sign.equals(sign)).findFirst();
  }
}
