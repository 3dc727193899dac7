package io.millwright.agent.launcher;

/** Whether this node carries out jobs. */
public sealed interface Execution {

  /** It does what this allows. */
  record On(Policy policy) implements Execution {}

  /** It only watches, and why. */
  record Off(String sentence) implements Execution {}
}
