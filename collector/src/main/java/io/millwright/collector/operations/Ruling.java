package io.millwright.collector.operations;

/** What became of what a person asked for. */
public sealed interface Ruling<T> {

  /** It is so, durably. */
  record Done<T>(T value) implements Ruling<T> {}

  /** It is not, and the sentence says why. */
  record Refused<T>(String sentence) implements Ruling<T> {}

  /** There is no such thing. */
  record Unknown<T>(String sentence) implements Ruling<T> {}
}
