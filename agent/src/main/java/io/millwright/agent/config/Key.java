package io.millwright.agent.config;

import java.util.Locale;
import java.util.function.Function;

/**
 * One key that a site may set.
 *
 * @param path dotted, as {@code nvidia.library}
 * @param standard what holds when nobody sets it
 * @param from where the value stands in the configuration
 * @param setBy who sets it, and when
 * @param help what it does
 * @param live whether a reload can change it in a running agent
 */
record Key<T>(
    String path,
    Type<T> type,
    Standard<T> standard,
    Function<AgentConfig, T> from,
    String setBy,
    String help,
    boolean live) {
  static final String PREFIX = "MILLWRIGHT_";

  /** What holds when nobody sets a key. */
  sealed interface Standard<T> {

    /** A value of the product. */
    record Fixed<T>(T value) implements Standard<T> {}

    /** A value of the machine, known when the agent starts. */
    record OfMachine<T>(String what) implements Standard<T> {}
  }

  /** The same key, which a reload changes because what it sets is asked for each time anew. */
  Key<T> byReload() {
    return new Key<>(path, type, standard, from, setBy, help, true);
  }

  /** The environment variable that sets it. */
  String variable() {
    return PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** The path of the section it stands in, empty at the top. */
  String section() {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }

  /** Its name within its section. */
  String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Its value in a configuration, as text. */
  String shown(AgentConfig config) {
    return type.text(from.apply(config)).orElse("not set");
  }

  /** What to say of a value that is not allowed. */
  String refusal(String given) {
    String plain = path + " is " + Quote.of(given) + ", allowed is " + type.allowed();
    return type.remedy(given).map(remedy -> plain + "; " + remedy).orElse(plain);
  }
}
