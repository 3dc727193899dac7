package io.millwright.agent.launcher.verb;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What the launcher answers. */
public sealed interface Answer {

  /** Why nothing was done, for good or for now; empty for every other answer. */
  default Optional<String> refusal() {
    return switch (this) {
      case Refused(String why) -> Optional.of(why);
      case Later(String why) -> Optional.of(why);
      case Done _, Capped _, Failed _ -> Optional.empty();
    };
  }

  /** It is done. */
  record Done() implements Answer {}

  /** Nothing was done, and why. */
  record Refused(String sentence) implements Answer {}

  /** Nothing was done, and why; the same may be done if it is asked again. */
  record Later(String sentence) implements Answer {}

  /** Power limits were asked for; of each device what came of it. */
  record Capped(List<Cap> caps) implements Answer {
    public Capped {
      caps = List.copyOf(caps);
    }
  }

  /**
   * What came of one device's power limit.
   *
   * @param device its UUID
   * @param result a word, or a word and a reason behind a colon
   * @param setMilliwatts what the driver was told; empty where it was told nothing
   * @param inForceMilliwatts what is in force, as read back; empty where it could not be read
   */
  record Cap(
      String device, String result, OptionalLong setMilliwatts, OptionalLong inForceMilliwatts) {}

  /** It was begun, now counts as begun for ever, and the program was not reached; and why. */
  record Failed(String sentence) implements Answer {}
}
