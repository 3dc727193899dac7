package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Text;

/**
 * What all files of one device share while they are read: the text, the watch, and how the round
 * has gone so far.
 */
final class SysfsRound {
  private final Text text = new Text();
  private final CallWatch watch;
  private int answered;
  private int failed;
  private boolean reopened;

  SysfsRound(CallWatch watch) {
    this.watch = watch;
  }

  void begin() {
    answered = 0;
    failed = 0;
    reopened = false;
  }

  Text text() {
    return text;
  }

  CallWatch watch() {
    return watch;
  }

  void answered() {
    answered++;
  }

  void failed() {
    failed++;
  }

  /** A file was another one than before: the driver may have been reloaded. */
  void reopened() {
    reopened = true;
  }

  boolean anyReopened() {
    return reopened;
  }

  /** Whether no file was asked. */
  boolean idle() {
    return answered == 0 && failed == 0;
  }

  /** Whether no file has answered. */
  boolean silent() {
    return answered == 0;
  }
}
