package io.millwright.collector.export;

import io.millwright.collector.operations.StrictYaml;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where samples go, and how.
 *
 * @param format by which
 * @param url of the receiver
 * @param authorization the header of that name; empty for none
 * @param authority file of the certificates that a receiver by https may be signed by; empty for
 *     those of the machine
 * @param labels that every series gets, where it has none of the name
 * @param interval from one sample of a series to the next
 * @param timeout for a request and its answer
 * @param queueBytes of requests that wait on the disk
 * @param backfill how old a sample of an agent's spool may be that is sent; empty where none is
 */
public record ExportOptions(
    Format format,
    URI url,
    Optional<Secret> authorization,
    Optional<Path> authority,
    Map<String, String> labels,
    Duration interval,
    Duration timeout,
    long queueBytes,
    Optional<Duration> backfill) {
  private static final int LARGEST = 64 << 10;
  private static final Duration USUAL_INTERVAL = Duration.ofSeconds(15);
  private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(30);
  private static final long USUAL_MEBIBYTES = 1024;
  private static final int MOST_LABELS = 16;
  private static final int LONGEST_LABEL = 256;
  private static final Pattern SECONDS = Pattern.compile("([1-9][0-9]{0,2})s");
  private static final Duration LONGEST_BACKFILL = Duration.ofDays(7);
  private static final Pattern BACKFILL = Pattern.compile("([1-9][0-9]{0,4})([mh])");
  private static final Pattern MEBIBYTES = Pattern.compile("[1-9][0-9]{0,5}");
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z][a-zA-Z0-9_]{0,99}");
  private static final List<String> FIELDS =
      List.of(
          "url",
          "token_file",
          "user",
          "password_file",
          "ca_file",
          "labels",
          "interval",
          "timeout",
          "queue_mebibytes",
          "backfill");

  public ExportOptions {
    labels = Map.copyOf(labels);
  }

  /** What is never shown. */
  public record Secret(String header) {
    @Override
    public String toString() {
      return "Secret";
    }
  }

  /** Of a receiver that wants no more than its address. */
  public static ExportOptions of(Format format, URI url) {
    return new ExportOptions(
        format,
        url,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        USUAL_INTERVAL,
        USUAL_TIMEOUT,
        USUAL_MEBIBYTES << 20,
        Optional.empty());
  }

  /** The same, which sends late samples up to this age, too. */
  public ExportOptions withBackfill(Duration oldest) {
    return new ExportOptions(
        format,
        url,
        authorization,
        authority,
        labels,
        interval,
        timeout,
        queueBytes,
        Optional.of(oldest));
  }

  /**
   * Reads the site's file.
   *
   * @throws IOException where it, or a file that it names, cannot be read
   * @throws IllegalArgumentException where it has a mistake; one sentence
   */
  public static ExportOptions read(Format format, Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IllegalArgumentException(
          "%s %s: %d bytes are refused; allowed are up to %d"
              .formatted(format.words(), file, Files.size(file), LARGEST));
    }
    try {
      return of(format, Files.readString(file, StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "%s %s: it is not UTF-8; write it in UTF-8".formatted(format.words(), file), e);
    } catch (JsonMistake e) {
      throw new IllegalArgumentException(
          "%s %s: %s".formatted(format.words(), file, e.getMessage()), e);
    }
  }

  static ExportOptions of(Format format, String text) throws IOException {
    Fields fields = Fields.of("", StrictYaml.tree(text), FIELDS);
    return new ExportOptions(
        format,
        url(format, fields.text("url")),
        authorization(fields),
        fields.optionalText("ca_file").map(Path::of),
        fields.has("labels") ? labels(fields.textMap("labels")) : Map.of(),
        fields
            .optionalText("interval")
            .map(given -> span("interval", given, 300))
            .orElse(USUAL_INTERVAL),
        fields
            .optionalText("timeout")
            .map(given -> span("timeout", given, 120))
            .orElse(USUAL_TIMEOUT),
        fields.optionalText("queue_mebibytes").map(ExportOptions::mebibytes).orElse(USUAL_MEBIBYTES)
            << 20,
        fields.optionalText("backfill").map(ExportOptions::age));
  }

  /** A password in an address would be seen by whoever reads a log. */
  private static URI url(Format format, String given) {
    String allowed =
        "an address such as https://HOST:PORT%s, without a user".formatted(format.path());
    URI uri;
    try {
      uri = new URI(given);
    } catch (URISyntaxException _) { // its message shows the whole of it
      throw JsonMistake.refused("url", "what is no address", allowed);
    }
    String scheme = String.valueOf(uri.getScheme());
    if (uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getRawFragment() != null
        || !List.of("http", "https").contains(scheme)) {
      throw JsonMistake.refused(
          "url", Shown.quoted("%s://%s".formatted(scheme, String.valueOf(uri.getHost()))), allowed);
    }
    return uri;
  }

  private static Optional<Secret> authorization(Fields fields) throws IOException {
    boolean basic = fields.has("user") || fields.has("password_file");
    if (fields.has("token_file") && basic) {
      throw new JsonMistake(
          "token_file: it goes with neither user nor password_file; allowed is one of the two ways");
    }
    if (basic && !(fields.has("user") && fields.has("password_file"))) {
      throw new JsonMistake("user: it and password_file go together; name both or neither");
    }
    if (fields.has("token_file")) {
      return Optional.of(new Secret("Bearer " + token(fields.text("token_file"))));
    }
    if (!basic) {
      return Optional.empty();
    }
    String both = fields.text("user") + ":" + secret(fields.text("password_file"));
    return Optional.of(
        new Secret(
            "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8))));
  }

  /** The JDK's message of a header that it refuses has all of it. */
  private static String token(String file) throws IOException {
    String token = secret(file);
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new JsonMistake(
          "%s: what it holds is refused; allowed is one word of printable ASCII"
              .formatted(Shown.text(file)));
    }
    return token;
  }

  private static String secret(String file) throws IOException {
    String secret = Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
    if (secret.isEmpty() || secret.chars().anyMatch(Character::isISOControl)) {
      throw new JsonMistake(
          "%s: what it holds is refused; allowed is one line that is not empty"
              .formatted(Shown.text(file)));
    }
    return secret;
  }

  private static Map<String, String> labels(Map<String, String> given) {
    if (given.size() > MOST_LABELS) {
      throw JsonMistake.refused("labels", given.size() + " of them", "up to " + MOST_LABELS);
    }
    given.forEach((name, value) -> {
      if (!LABEL.matcher(name).matches()) {
        throw JsonMistake.refused(
            "labels",
            Shown.quoted(name),
            "a name of letters, digits and underscores that begins with a letter");
      }
      if (value.isEmpty()
          || value.length() > LONGEST_LABEL
          || value.chars().anyMatch(Character::isISOControl)) {
        throw JsonMistake.refused(
            "labels." + name,
            Shown.quoted(value),
            "a text of 1 to %d characters".formatted(LONGEST_LABEL));
      }
    });
    return given;
  }

  private static Duration span(String field, String given, int most) {
    Matcher matcher = SECONDS.matcher(given);
    long seconds = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    if (seconds < 1 || seconds > most) {
      throw JsonMistake.refused(field, Shown.quoted(given), "1s to %ds".formatted(most));
    }
    return Duration.ofSeconds(seconds);
  }

  private static Duration age(String given) {
    Matcher matcher = BACKFILL.matcher(given);
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      Duration age =
          matcher.group(2).equals("h") ? Duration.ofHours(number) : Duration.ofMinutes(number);
      if (age.compareTo(LONGEST_BACKFILL) <= 0) {
        return age;
      }
    }
    throw JsonMistake.refused("backfill", Shown.quoted(given), "1m to 168h, as in 30m or 2h");
  }

  private static long mebibytes(String given) {
    if (!MEBIBYTES.matcher(given).matches()) {
      throw JsonMistake.refused(
          "queue_mebibytes", Shown.quoted(given), "a number from 1 to 999999");
    }
    return Long.parseLong(given);
  }
}
