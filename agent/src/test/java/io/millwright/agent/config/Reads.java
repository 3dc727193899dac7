package io.millwright.agent.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Short ways to read a configuration in a test. */
final class Reads {
  static final ConfigReader READER = new ConfigReader("node-17");
  private static final String FILE = "agent.yaml";

  private Reads() {}

  static ConfigResult file(String yaml) {
    return bytes(yaml.getBytes(StandardCharsets.UTF_8));
  }

  static ConfigResult bytes(byte[] content) {
    return layers(content, Map.of(), Map.of());
  }

  static ConfigResult layers(
      String yaml, Map<String, String> environment, Map<String, String> options) {
    return layers(yaml.getBytes(StandardCharsets.UTF_8), environment, options);
  }

  static ConfigResult layers(
      byte[] content, Map<String, String> environment, Map<String, String> options) {
    return READER.readBytes(
        FILE, content, new ConfigSources(new ConfigFile.None(), environment, options));
  }

  static AgentConfig config(ConfigResult result) {
    return loaded(result).config();
  }

  static ConfigResult.Loaded loaded(ConfigResult result) {
    return switch (result) {
      case ConfigResult.Loaded loaded -> loaded;
      case ConfigResult.Rejected(List<Problem> problems) ->
          throw new AssertionError(ConfigReport.text(problems));
    };
  }

  static List<String> sentences(ConfigResult result) {
    return switch (result) {
      case ConfigResult.Loaded loaded -> throw new AssertionError("loaded: " + loaded.config());
      case ConfigResult.Rejected(List<Problem> problems) ->
          problems.stream().map(Problem::sentence).toList();
    };
  }
}
