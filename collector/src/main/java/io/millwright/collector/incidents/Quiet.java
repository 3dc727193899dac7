package io.millwright.collector.incidents;

import java.util.OptionalLong;

/** For which nodes nobody is to be called now, as in a maintenance window. */
@FunctionalInterface
public interface Quiet {
  Quiet NEVER = node -> OptionalLong.empty();

  /** Until when pages of this node are held back, by the wall clock; empty where they are not. */
  OptionalLong until(String node);
}
