package io.millwright.agent.launcher.root;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * Variables in the syntax of systemd's environment files, which take no text between double quotes
 * for what it is but these four characters after a backslash. Values hold no control character; the
 * vocabulary refuses them. Pure.
 */
final class EnvironmentText {
  private EnvironmentText() {}

  static String of(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(one -> one.getKey() + "=\"" + escaped(one.getValue()) + "\"\n")
        .collect(Collectors.joining());
  }

  /** As podman reads it of a file: what is behind the first equals sign stands for itself. */
  static String plain(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(one -> {
          if (one.getValue().chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a control character in a value");
          }
          return one.getKey() + "=" + one.getValue() + "\n";
        })
        .collect(Collectors.joining());
  }

  private static String escaped(String value) {
    StringBuilder text = new StringBuilder(value.length() + 8);
    value
        .chars()
        .forEach(c -> {
          if (Character.isISOControl(c)) {
            throw new IllegalArgumentException("a control character in a value");
          }
          if (c == '"' || c == '\\' || c == '`' || c == '$') {
            text.append('\\');
          }
          text.append((char) c);
        });
    return text.toString();
  }
}
