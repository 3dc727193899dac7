package io.millwright.protocol.health;

import java.time.Duration;

/** What ends a rule that speaks; the column {@code ends}. */
public sealed interface Ending {

  /** The condition was seen not to hold for so long. */
  record Not(Duration held) implements Ending {}

  /** The reading stood so to another threshold for so long: hysteresis. */
  record Value(Comparison comparison, double threshold, Duration held) implements Ending {}

  /** A reset of the device is seen, or a reboot. */
  record Reset() implements Ending {}

  /** A reboot is seen. */
  record Boot() implements Ending {}

  /** No further event for so long; a reset or a reboot too. */
  record Quiet(Duration held) implements Ending {}
}
