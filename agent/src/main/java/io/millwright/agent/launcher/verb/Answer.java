package io.millwright.agent.launcher.verb;

/** What the launcher answers. */
public sealed interface Answer {

  /** It is done. */
  record Done() implements Answer {}

  /** Nothing was done, and why. */
  record Refused(String sentence) implements Answer {}

  /** It was begun, now counts as begun for ever, and the program was not reached; and why. */
  record Failed(String sentence) implements Answer {}
}
