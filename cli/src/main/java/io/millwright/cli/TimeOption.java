package io.millwright.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time on the command line: {@code 2026-11-22T15:00:00Z}, or a span from another, {@code 2h}. */
final class TimeOption implements ITypeConverter<TimeOption.Given> {

  /** What was given. */
  sealed interface Given {
    /** As of a start. */
    long ms(long startMs);
  }

  record At(Instant time) implements Given {
    @Override
    public long ms(long startMs) {
      return time.toEpochMilli();
    }
  }

  record After(Duration span) implements Given {
    @Override
    public long ms(long startMs) {
      return startMs + span.toMillis();
    }
  }

  @Override
  public Given convert(String given) {
    if (given.matches("[0-9]{1,9}[smhd]")) {
      return new After(new SpanOption().convert(given));
    }
    try {
      return new At(OffsetDateTime.parse(given).toInstant());
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "'%s' is refused; allowed is a time with its zone, as in 2026-11-22T15:00:00Z, or a span, as in 2h"
              .formatted(Printable.text(given)));
    }
  }
}
