package io.millwright.agent.power;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A power limit of one accelerator.
 *
 * @param watts that were asked for
 * @param milliwatts that the device was set to: another number where it allows no such
 */
record Limit(int watts, long milliwatts) {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5}):([1-9][0-9]{0,11})");
  private static final long MILLI = 1000;

  /** One that no device has been told of yet. */
  static Limit of(int watts) {
    return new Limit(watts, watts * MILLI);
  }

  String text() {
    return watts + ":" + milliwatts;
  }

  /** Empty for what is none. */
  static Optional<Limit> of(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(new Limit(Integer.parseInt(form.group(1)), Long.parseLong(form.group(2))))
        : Optional.empty();
  }
}
