package io.millwright.simulator.determinism;

/**
 * The process is gone, in the middle of what it did. An error, so that nobody makes light of it.
 */
final class Crash extends Error {
  private static final long serialVersionUID = 1;

  Crash() {
    super("the process has crashed", null, false, false);
  }
}
