package io.millwright.collector;

import io.millwright.collector.trust.Enrolment;
import java.time.Duration;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Days, as in {@code 30d}. */
final class GraceOption implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("\\d{1,3}d");

  @Override
  public Duration convert(String given) {
    if (FORM.matcher(given).matches()) {
      Duration days = Duration.ofDays(Long.parseLong(given.substring(0, given.length() - 1)));
      if (days.compareTo(Enrolment.LONGEST_GRACE) <= 0) {
        return days;
      }
    }
    throw new TypeConversionException(
        "renewal-grace: '%s' is refused; allowed is a whole number of days, from 0d to %dd"
            .formatted(given, Enrolment.LONGEST_GRACE.toDays()));
  }
}
