package io.millwright.agent.config;

import java.util.List;

/** What came of reading a configuration: all of it, or every reason why not. */
public sealed interface ConfigResult {

  /**
   * The configuration is good.
   *
   * @param sha256 of the effective configuration in its canonical form {@link AgentConfigText}, in
   *     lower-case hexadecimal: two nodes with the same value do the same, whichever way each was
   *     told; it does not depend on comments, order or spelling
   */
  record Loaded(AgentConfig config, String sha256) implements ConfigResult {}

  /** The configuration is refused, and nothing of it is in force. Never empty. */
  record Rejected(List<Problem> problems) implements ConfigResult {
    public Rejected {
      problems = List.copyOf(problems);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("a configuration was rejected without a reason");
      }
    }
  }
}
