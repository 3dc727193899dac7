package io.millwright.agent.config;

import java.nio.file.Path;

/** The file a configuration comes from. */
public sealed interface ConfigFile {

  /** Named by an operator: it is a problem when it is not there. */
  record Required(Path path) implements ConfigFile {}

  /** The usual place: defaults hold when nothing is there. */
  record IfPresent(Path path) implements ConfigFile {}

  /** None: defaults, environment and command line only. */
  record None() implements ConfigFile {}
}
