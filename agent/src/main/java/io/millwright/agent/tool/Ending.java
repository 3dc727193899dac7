package io.millwright.agent.tool;

/** How a program of the site came to its end. */
public sealed interface Ending {

  /** By itself. */
  record Exited(int code) implements Ending {}

  /**
   * Its deadline passed, or nobody wanted it any more.
   *
   * @param left what of it could not be ended, in one sentence; empty where nothing is left
   */
  record Overran(String left) implements Ending {}

  /** It was not begun. */
  record NotBegun(String why) implements Ending {}
}
