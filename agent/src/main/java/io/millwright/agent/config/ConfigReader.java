package io.millwright.agent.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Reads the agent's configuration: defaults, then the file, the environment and the command line,
 * each over the one before.
 *
 * <p><b>Lifecycle:</b> stateless; one reader serves the start and every reload. <b>Threading:</b>
 * any thread; reads a file, so not one that must not block. <b>Failure:</b> never throws for what
 * it was given to read: all that is wrong comes back as {@link ConfigResult.Rejected}.
 */
public final class ConfigReader {
  private final String hostName;

  /**
   * A reader on a machine.
   *
   * @param hostName the name of the node when the site gives it none
   */
  public ConfigReader(String hostName) {
    this.hostName = hostName;
  }

  /** Reads all sources and tells every problem in them. */
  public ConfigResult read(ConfigSources sources) {
    Problems problems = new Problems();
    Values values = Values.of(hostName);
    takeFile(sources.file(), values, problems);
    return finish(sources, values, problems);
  }

  /** As {@link #read}, with the content of the file at hand; its name is for the messages. */
  ConfigResult readBytes(String file, byte[] content, ConfigSources sources) {
    Problems problems = new Problems();
    Values values = Values.of(hostName);
    new FileText(file, problems)
        .decode(content)
        .ifPresent(text -> takeText(file, text, values, problems));
    return finish(sources, values, problems);
  }

  private static void takeFile(ConfigFile file, Values values, Problems problems) {
    switch (file) {
      case ConfigFile.None() -> {}
      case ConfigFile.Required(Path path) -> takePath(path, values, problems);
      case ConfigFile.IfPresent(Path path) -> {
        // A dangling link is there, and a mistake.
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
          takePath(path, values, problems);
        }
      }
    }
  }

  private static void takePath(Path path, Values values, Problems problems) {
    String name = path.toString();
    new FileText(name, problems)
        .read(path)
        .ifPresent(text -> takeText(name, text, values, problems));
  }

  private static void takeText(String file, String text, Values values, Problems problems) {
    YamlParser.parse(file, text, problems)
        .ifPresent(root -> new FileLayer(values, problems).take(root));
  }

  private static ConfigResult finish(ConfigSources sources, Values values, Problems problems) {
    Overrides overrides = new Overrides(values, problems);
    overrides.takeEnvironment(sources.environment());
    overrides.takeOptions(sources.options());
    checkName(values, problems);
    checkOrder(AgentKeys.SAMPLING_FAST, AgentKeys.SAMPLING_MEDIUM, values, problems);
    checkOrder(AgentKeys.SAMPLING_MEDIUM, AgentKeys.SAMPLING_SLOW, values, problems);
    if (!problems.isEmpty()) {
      return new ConfigResult.Rejected(problems.inOrder());
    }
    AgentConfig config = AgentKeys.assemble(values);
    return new ConfigResult.Loaded(config, sha256(AgentConfigText.of(config)));
  }

  /** The host name is no one's choice, and need not be a name that a node can have. */
  private static void checkName(Values values, Problems problems) {
    String name = values.get(AgentKeys.NODE_NAME);
    if (AgentKeys.NODE_NAME.type().parse(name).isEmpty()) {
      problems.add(
          new Place.Machine(),
          "the host name cannot name the node: "
              + AgentKeys.NODE_NAME.refusal(name)
              + "; set node.name");
    }
  }

  private static void checkOrder(
      Key<Duration> shorter, Key<Duration> longer, Values values, Problems problems) {
    if (problems.concern(shorter) || problems.concern(longer)) {
      return;
    }
    Duration less = values.get(shorter);
    Duration more = values.get(longer);
    if (less.compareTo(more) <= 0) {
      return;
    }
    Place place =
        values.place(shorter).or(() -> values.place(longer)).orElseGet(Place.Machine::new);
    problems.add(
        place,
        String.format(
            "%s is %s and %s is %s, allowed is fast <= medium <= slow; lower the first or raise"
                + " the second",
            shorter.path(), Durations.text(less), longer.path(), Durations.text(more)));
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java runtime has SHA-256", absent);
    }
  }
}
