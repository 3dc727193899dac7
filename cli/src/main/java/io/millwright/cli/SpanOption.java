package io.millwright.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A span of time on the command line: {@code 90s}, {@code 10m}, {@code 2h}, {@code 1d}. */
final class SpanOption implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd])");

  @Override
  public Duration convert(String given) {
    Matcher parts = FORM.matcher(given);
    if (!parts.matches()) {
      throw new TypeConversionException(
          "'%s' is refused; allowed is a whole number with s, m, h or d, as in 90s or 2h"
              .formatted(given));
    }
    long amount = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
