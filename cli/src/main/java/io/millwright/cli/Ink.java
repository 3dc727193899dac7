package io.millwright.cli;

/** How a cell looks where there is colour. */
enum Ink {
  PLAIN(""),
  TITLE("\u001b[1m"),
  GOOD("\u001b[32m"),
  PENDING("\u001b[33m"),
  BAD("\u001b[31m");

  private static final String END = "\u001b[0m";

  private final String begin;

  Ink(String begin) {
    this.begin = begin;
  }

  String on(String text) {
    return this == PLAIN ? text : begin + text + END;
  }

  /** Of a word for a state, a link, a verdict or an outcome. */
  static Ink of(String word) {
    return switch (word) {
      case "running", "completed", "up", "connected", "ok" -> GOOD;
      case "ended", "stopped-by-request", "-" -> PLAIN;
      case "queued",
          "placed",
          "accepted",
          "preparing",
          "ready",
          "starting",
          "stopping",
          "cleaning",
          "preempted",
          "stale",
          "skipped",
          "warn",
          "degraded",
          "unknown" ->
          PENDING;
      default -> BAD;
    };
  }
}
