package io.millwright.agent.launcher;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A program of the site's that runs as root around jobs, in a unit of its own.
 *
 * @param name of its file in {@code hooks.d}
 * @param deadline after which it is killed and has failed
 * @param devices whose nodes it may open
 * @param every whether each job gets it; otherwise those that name it
 */
public record HookRule(String name, When when, Duration deadline, Devices devices, boolean every) {
  /** Of one whose rule names none. */
  static final Duration DEADLINE = Duration.ofSeconds(30);

  static final Duration LONGEST = Duration.ofMinutes(10);

  /** At which moments of a run. */
  public enum When {
    BEFORE,
    AFTER,
    BOTH;

    /** Whether it runs at this moment too. */
    public boolean at(Moment moment) {
      return this == BOTH || name().equals(moment.name());
    }

    static Optional<When> ofWord(String word) {
      return Arrays.stream(values()).filter(one -> word(one).equals(word)).findFirst();
    }
  }

  /** A moment of a run. */
  public enum Moment {
    BEFORE,
    AFTER;

    public String word() {
      return HookRule.word(this);
    }
  }

  /** What a hook may open beside null, zero, full, random, urandom and tty. */
  public enum Devices {
    NONE,

    /** The nodes that the run gets, or got. */
    RUN;

    static Optional<Devices> ofWord(String word) {
      return Arrays.stream(values()).filter(one -> word(one).equals(word)).findFirst();
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
