package io.millwright.collector.trust;

import io.millwright.protocol.tls.Names;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the authority took back, as in
 *
 * <pre>
 * node gpu-07
 * at 2026-11-23T00:30:00Z
 * by ops
 * reason the machine was stolen
 * </pre>
 *
 * @param subject the node's name, or the serial number in small hexadecimal digits
 * @param at to the second; of a node all that was issued until then is meant
 * @param by who said so
 * @param reason one line of 1 to 200 characters
 */
public record Revocation(Kind kind, String subject, Instant at, String by, String reason) {
  /** Longer than a revocation takes from its making until it is on the disk. */
  private static final Duration AHEAD = Duration.ofSeconds(2);

  private static final Pattern FORM =
      Pattern.compile(
          "(node|serial|hardware) (\\S+)\nat (\\S+)\nby (\\S+)\nreason (.+)\n", Pattern.UNIX_LINES);
  private static final Pattern SERIAL = Pattern.compile("[1-9a-f][0-9a-f]{0,39}");
  private static final Pattern REASON = Pattern.compile("[^\\p{Cc}\\x{2028}\\x{2029}]{1,200}");
  private static final Pattern BY = Pattern.compile("[\\x21-\\x7e]{1,64}");

  /** What is taken back. */
  public enum Kind {
    /** All certificates of a node that were issued until then. */
    NODE,
    /** One certificate. */
    SERIAL,
    /** What is known of a node's hardware; its certificates stay good. */
    HARDWARE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Revocation {
    if (kind == Kind.SERIAL) {
      require("serial", subject, SERIAL, "1 to 40 hexadecimal digits that begin with no 0");
    } else {
      Names.node(subject);
    }
    require("reason", reason, REASON, "one line of 1 to 200 characters");
    require("by", by, BY, "1 to 64 visible characters of ASCII without blanks");
  }

  private static void require(String field, String given, Pattern form, String allowed) {
    if (!form.matcher(given).matches()) {
      throw new IllegalArgumentException(
          "%s: '%s' is refused; allowed is %s"
              .formatted(field, given.replaceAll("\\p{Cntrl}", "?"), allowed));
    }
  }

  /**
   * One that is made now. Of a node it reaches two seconds ahead: a certificate that is issued
   * while the revocation is on its way to the disk is of those that are meant. Whoever joins after
   * it gets one that counts as later, whatever the clock says.
   */
  public static Revocation made(Kind kind, String subject, Instant now, String by, String reason) {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    return new Revocation(
        kind, subject, kind == Kind.NODE ? second.plus(AHEAD) : second, by, reason);
  }

  /** A serial number as openssl and our log write it, in the form of {@link #subject}. */
  public static String serial(String given) {
    String digits = given.toLowerCase(Locale.ROOT).replace(":", "").replaceFirst("^0+", "");
    require("serial", digits, SERIAL, "1 to 40 hexadecimal digits, with or without colons");
    return digits;
  }

  /** As it is kept. */
  public String text() {
    return "%s %s\nat %s\nby %s\nreason %s\n".formatted(kind.word(), subject, at, by, reason);
  }

  /** The one of this text; empty where it is none. */
  public static Optional<Revocation> parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      Kind kind =
          Arrays.stream(Kind.values())
              .filter(one -> one.word().equals(parts.group(1)))
              .findFirst()
              .orElseThrow();
      return Optional.of(
          new Revocation(
              kind, parts.group(2), Instant.parse(parts.group(3)), parts.group(4), parts.group(5)));
    } catch (DateTimeParseException | IllegalArgumentException none) {
      return Optional.empty();
    }
  }
}
