package io.millwright.collector.trust;

import io.millwright.protocol.tls.Names;
import io.millwright.protocol.tls.Role;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What may stand behind an option of {@link CaCommand}. */
final class CaWords {
  private CaWords() {}

  static final class SiteName extends Name {
    SiteName() {
      super(Names::site);
    }
  }

  static final class NodeName extends Name {
    NodeName() {
      super(Names::node);
    }
  }

  static final class CollectorName extends Name {
    CollectorName() {
      super(Names::collector);
    }
  }

  static final class OperatorName extends Name {
    OperatorName() {
      super(Names::operator);
    }
  }

  static final class HostName extends Name {
    HostName() {
      super(Hosts::checked);
    }
  }

  static final class Serial extends Name {
    Serial() {
      super(Revocation::serial);
    }
  }

  /** A text with a rule. */
  abstract static class Name implements ITypeConverter<String> {
    private final UnaryOperator<String> rule;

    Name(UnaryOperator<String> rule) {
      this.rule = rule;
    }

    @Override
    public String convert(String given) {
      try {
        return rule.apply(given);
      } catch (IllegalArgumentException refused) {
        throw new TypeConversionException(refused.getMessage());
      }
    }
  }

  /** A role by its word. */
  static final class RoleWord implements ITypeConverter<Role> {
    @Override
    public Role convert(String given) {
      return Role.ofWord(given)
          .orElseThrow(() ->
              new TypeConversionException(
                  "role: '%s' is refused; allowed is viewer, operator or admin".formatted(given)));
    }
  }

  /** The life of a token. */
  static final class Ttl implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,5})([smhd])");
    private static final Duration LEAST = Duration.ofMinutes(1);
    private static final Duration MOST = Duration.ofDays(7);

    @Override
    public Duration convert(String given) {
      Matcher parts = FORM.matcher(given);
      if (!parts.matches()) {
        throw refused(given);
      }
      long amount = Long.parseLong(parts.group(1));
      Duration ttl =
          switch (parts.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
      if (ttl.compareTo(LEAST) < 0 || ttl.compareTo(MOST) > 0) {
        throw refused(given);
      }
      return ttl;
    }

    private static TypeConversionException refused(String given) {
      return new TypeConversionException(
          "ttl: '%s' is refused; allowed is a whole number with s, m, h or d, from 1m to 7d"
              .formatted(given));
    }
  }
}
