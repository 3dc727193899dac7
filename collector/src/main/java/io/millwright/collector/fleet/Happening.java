package io.millwright.collector.fleet;

/** An event that has no number yet. */
record Happening(long wallMs, String kind, String subject, String message) {
  FleetEvent numbered(long sequence) {
    return new FleetEvent(sequence, wallMs, kind, subject, message);
  }
}
