package io.millwright.collector.fleet;

/** An event that has no number yet. */
record Happening(long wallMs, String kind, String subject, String message, String ticket) {
  Happening(long wallMs, String kind, String subject, String message) {
    this(wallMs, kind, subject, message, "");
  }

  FleetEvent numbered(long sequence) {
    return new FleetEvent(sequence, wallMs, kind, subject, message, ticket);
  }
}
