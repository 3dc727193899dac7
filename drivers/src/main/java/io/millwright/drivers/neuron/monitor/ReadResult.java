package io.millwright.drivers.neuron.monitor;

/** What became of a line. */
public sealed interface ReadResult {

  /** A record, perhaps with little in it. */
  record Read(MonitorRecord record) implements ReadResult {}

  /**
   * Not one JSON object.
   *
   * @param why in our words, with the line's column
   */
  record Malformed(String why) implements ReadResult {}
}
