package io.millwright.agent.config;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Takes the values of the environment and of the command line. Owned by the thread that reads. */
final class Overrides {
  /** Of the launcher, not of the agent. */
  private static final Set<String> LAUNCHER = Set.of("MILLWRIGHT_HOME", "MILLWRIGHT_JAVA_HOME");

  private final Values values;
  private final Problems problems;

  Overrides(Values values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** Takes the variables whose name begins with {@code MILLWRIGHT_}. */
  void takeEnvironment(Map<String, String> environment) {
    List<String> known = AgentKeys.ALL.stream().map(Key::variable).toList();
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      String name = variable.getKey();
      if (name.startsWith(Key.PREFIX) && !LAUNCHER.contains(name)) {
        Place place = new Place.Variable(name);
        byVariable(name)
            .ifPresentOrElse(
                key -> values.take(key, variable.getValue(), place, problems),
                () -> problems.add(place, unknown(name, known)));
      }
    }
  }

  /** Takes the options, which are named by the path of their key. */
  void takeOptions(Map<String, String> options) {
    for (Map.Entry<String, String> option : new TreeMap<>(options).entrySet()) {
      String name = option.getKey();
      Place place = new Place.Option(name);
      AgentKeys.find(name)
          .ifPresentOrElse(
              key -> values.take(key, option.getValue(), place, problems),
              () -> problems.add(place, unknown(name, AgentKeys.paths())));
    }
  }

  private static Optional<Key<?>> byVariable(String name) {
    return AgentKeys.ALL.stream()
        .filter(key -> key.variable().equals(name))
        .<Key<?>>map(key -> key)
        .findFirst();
  }

  private static String unknown(String name, List<String> known) {
    return "names no key; "
        + Spelling.nearest(name, known)
            .map(near -> "did you mean " + near + "?")
            .orElse("remove it, or see the reference of the configuration");
  }
}
