package io.millwright.collector.incidents;

import java.util.OptionalLong;

/** For what nobody is to be called now, as in a maintenance window. */
@FunctionalInterface
public interface Quiet {
  Quiet NEVER = (node, rule) -> OptionalLong.empty();

  /**
   * Until when pages for what this rule says of this node are held back, by the wall clock in ms;
   * empty where they are not.
   */
  OptionalLong until(String node, String rule);
}
