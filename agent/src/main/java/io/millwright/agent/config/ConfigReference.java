package io.millwright.agent.config;

import java.util.Locale;

/** The reference of the configuration, {@code docs/configuration.md}, from the table of keys. */
public final class ConfigReference {
  private static final String HEAD =
      """
      # Configuration of the agent

      The agent reads `/etc/millwright/agent.yaml`. What is not set there has its default, and an
      empty file is a good one. An environment variable overrides the file, and the command line
      overrides both.

      The file is UTF-8 YAML of at most 1 MiB, one document without anchors, aliases and tags.
      Durations are whole numbers with a unit: `500ms`, `10s`, `2m`, `1h`. In an environment
      variable or an option, a list is written with commas: `tmpfs,squashfs`.

      Everything is checked, and every mistake is told at once with its place: an unknown key, a
      key given twice, a value that is not allowed. `millwright agent config check` does this and
      exits with 78 when there is a mistake. On SIGHUP the agent reads its configuration again; one
      with a mistake, or one that changes a key which needs a restart, leaves the old one in force
      as a whole.

      This page is generated from the table of keys in the source.

      ## Defaults

      The whole file as it is when nothing is set, on a node whose host name is `node-17`:

      ```yaml
      """;

  private ConfigReference() {}

  /** The page in Markdown. */
  public static String markdown() {
    StringBuilder page = new StringBuilder(HEAD);
    page.append(AgentConfigText.of(AgentConfig.standard("node-17"))).append("```\n\n## Keys\n");
    AgentKeys.ALL.forEach(key -> page.append(entry(key)));
    return page.toString();
  }

  private static String entry(Key<?> key) {
    return String.format(
        Locale.ROOT,
        """

        ### `%s`

        %s

        - default: %s
        - allowed: %s
        - environment: `%s`
        - set by: %s
        - change: %s
        """,
        key.path(),
        key.help(),
        standard(key),
        key.type().allowed(),
        key.variable(),
        key.setBy(),
        key.live() ? "by a reload" : "needs a restart");
  }

  private static <T> String standard(Key<T> key) {
    return switch (key.standard()) {
      case Key.Standard.OfMachine<T>(String what) -> what;
      case Key.Standard.Fixed<T>(T value) ->
          key.type().text(value).map(text -> "`" + text + "`").orElse("not set");
    };
  }
}
