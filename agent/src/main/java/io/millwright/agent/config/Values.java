package io.millwright.agent.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The values read so far, the last one given for a key in force. Owned by the thread that reads.
 */
final class Values {
  private record Given(Object value, Place place) {}

  private final Map<String, Given> byPath = new HashMap<>();

  private Values() {}

  /** The defaults, on a machine of that name. */
  static Values of(String hostName) {
    Values values = new Values();
    values.byPath.put(AgentKeys.NODE_NAME.path(), new Given(hostName, new Place.Machine()));
    return values;
  }

  <T> void put(Key<T> key, T value, Place place) {
    byPath.put(key.path(), new Given(value, place));
  }

  /** Takes the value that the text stands for; what is not allowed is a problem. */
  <T> void take(Key<T> key, String text, Place place, Problems problems) {
    key.type()
        .parse(text)
        .ifPresentOrElse(
            value -> put(key, value, place), () -> problems.add(key, place, key.refusal(text)));
  }

  /** What was given, else the default. */
  <T> T get(Key<T> key) {
    Given given = byPath.get(key.path());
    if (given != null) {
      // put() takes only a T for a Key<T>, and there is one key to a path.
      @SuppressWarnings("unchecked")
      T value = (T) given.value();
      return value;
    }
    return switch (key.standard()) {
      case Key.Standard.Fixed<T>(T value) -> value;
      case Key.Standard.OfMachine<T>(String what) ->
          throw new IllegalStateException(key.path() + " lacks " + what);
    };
  }

  /** Where the value was given; empty for a default. */
  Optional<Place> place(Key<?> key) {
    return Optional.ofNullable(byPath.get(key.path())).map(Given::place);
  }
}
