package io.millwright.protocol.vocabulary.health;

/** What a verdict is of. */
public sealed interface Subject {

  /** The node itself, apart from its devices. */
  record Node() implements Subject {}

  /**
   * One accelerator.
   *
   * @param index number on the node, as in the label {@code accelerator}
   */
  record Device(String index, String uuid) implements Subject {}
}
