package io.millwright.agent.config;

import java.util.Optional;

/**
 * The effective configuration as YAML, every key in the order of the reference. It reads back as
 * the same configuration. Excerpt:
 *
 * <pre>
 * node:
 *   name: "node-17"
 *   rack: ""
 * </pre>
 */
public final class AgentConfigText {
  private AgentConfigText() {}

  /** The text; a key that is not set and has no default is left out. */
  public static String of(AgentConfig config) {
    StringBuilder text = new StringBuilder();
    String section = "";
    for (Key<?> key : AgentKeys.ALL) {
      if (!key.section().equals(section) && !key.section().isEmpty()) {
        text.append(key.section()).append(":\n");
      }
      section = key.section();
      line(key, config).ifPresent(text::append);
    }
    return text.toString();
  }

  private static <T> Optional<String> line(Key<T> key, AgentConfig config) {
    String indent = key.section().isEmpty() ? "" : "  ";
    return key.type()
        .text(key.from().apply(config))
        .map(value -> indent + key.name() + ": " + value + "\n");
  }
}
