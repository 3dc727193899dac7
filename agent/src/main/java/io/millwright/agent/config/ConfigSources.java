package io.millwright.agent.config;

import java.util.Map;

/**
 * Where a configuration is read from; each overrides the one before it.
 *
 * @param environment the whole environment; only names that begin with {@code MILLWRIGHT_} count
 * @param options values from the command line by the dotted path of their key, as {@code
 *     nvidia.library}
 */
public record ConfigSources(
    ConfigFile file, Map<String, String> environment, Map<String, String> options) {
  public ConfigSources {
    environment = Map.copyOf(environment);
    options = Map.copyOf(options);
  }
}
