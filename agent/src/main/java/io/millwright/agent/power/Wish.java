package io.millwright.agent.power;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cap that stands until it is taken away.
 *
 * @param watts that were asked for
 * @param milliwatts that the device was set to: another number where it allows no such
 */
record Wish(int watts, long milliwatts) {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5}):([1-9][0-9]{0,11})");
  private static final long MILLI = 1000;

  /** One that no device has been told of yet. */
  static Wish of(int watts) {
    return new Wish(watts, watts * MILLI);
  }

  String text() {
    return watts + ":" + milliwatts;
  }

  static Optional<Wish> of(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Wish(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }
}
