package io.millwright.agent.config;

import io.millwright.protocol.tls.HostPort;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What the value of a key may be, and how it is written.
 *
 * @param <T> the value once it is read
 */
sealed interface Type<T> {

  /** The value, or empty when the text is not allowed. */
  Optional<T> parse(String text);

  /** The value written as a list; empty for everything that is not one. */
  default Optional<T> parse(List<String> items) {
    return Optional.empty();
  }

  /** The value as YAML that reads back as the same value; empty when it is not set. */
  Optional<String> text(T value);

  /** What is allowed, as a noun with its bounds. */
  String allowed();

  /** What to write instead, where that can be told. */
  default Optional<String> remedy(String given) {
    return Optional.empty();
  }

  /** Whether quotes around the value keep its meaning. */
  default boolean quotable() {
    return true;
  }

  /** Whether the file has a list here. */
  default boolean isList() {
    return false;
  }

  /** Text of a certain form; control characters are refused in all of them. */
  record Text(Predicate<String> form, String allowed) implements Type<String> {
    static Text of(String form, String allowed) {
      return new Text(Pattern.compile(form).asMatchPredicate(), allowed);
    }

    @Override
    public Optional<String> parse(String text) {
      return Optional.of(text).filter(Quote::isVisible).filter(form);
    }

    @Override
    public Optional<String> text(String value) {
      return Optional.of('"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    }
  }

  /** On or off. */
  record Switch() implements Type<Boolean> {
    private static final Pattern ON = Pattern.compile("(?i)true|yes|y|on|1|enabled?");
    private static final Pattern OFF = Pattern.compile("(?i)false|no|n|off|0|disabled?");

    @Override
    public Optional<Boolean> parse(String text) {
      return switch (text) {
        case "true" -> Optional.of(true);
        case "false" -> Optional.of(false);
        default -> Optional.empty();
      };
    }

    @Override
    public Optional<String> text(Boolean value) {
      return Optional.of(value.toString());
    }

    @Override
    public String allowed() {
      return "true or false";
    }

    @Override
    public Optional<String> remedy(String given) {
      if (ON.matcher(given).matches()) {
        return Optional.of("write true");
      }
      return OFF.matcher(given).matches() ? Optional.of("write false") : Optional.empty();
    }

    @Override
    public boolean quotable() {
      return false;
    }
  }

  /** A whole number between bounds, both allowed. */
  record Whole(int least, int most) implements Type<Integer> {
    private static final Pattern FORM = Pattern.compile("0|-?[1-9][0-9]{0,8}");

    @Override
    public Optional<Integer> parse(String text) {
      return Optional.of(text)
          .filter(FORM.asMatchPredicate())
          .map(Integer::valueOf)
          .filter(n -> least <= n && n <= most);
    }

    @Override
    public Optional<String> text(Integer value) {
      return Optional.of(value.toString());
    }

    @Override
    public String allowed() {
      return "a whole number from " + least + " to " + most;
    }

    @Override
    public boolean quotable() {
      return false;
    }
  }

  /** A whole number that need not be set. */
  record Count(Whole whole) implements Type<OptionalInt> {
    @Override
    public Optional<OptionalInt> parse(String text) {
      return whole.parse(text).map(OptionalInt::of);
    }

    @Override
    public Optional<String> text(OptionalInt value) {
      return value.isPresent() ? whole.text(value.getAsInt()) : Optional.empty();
    }

    @Override
    public String allowed() {
      return whole.allowed();
    }

    @Override
    public boolean quotable() {
      return false;
    }
  }

  /** A duration between bounds, both allowed. */
  record Span(Duration least, Duration most) implements Type<Duration> {
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    @Override
    public Optional<Duration> parse(String text) {
      return Durations.parse(text).filter(d -> least.compareTo(d) <= 0 && d.compareTo(most) <= 0);
    }

    @Override
    public Optional<String> text(Duration value) {
      return Optional.of(Durations.text(value));
    }

    @Override
    public String allowed() {
      return "a duration from "
          + Durations.text(least)
          + " to "
          + Durations.text(most)
          + " in whole ms, s, m or h";
    }

    @Override
    public Optional<String> remedy(String given) {
      return NUMBER.matcher(given).matches() && parse(given + "s").isPresent()
          ? Optional.of("write " + given + "s for seconds")
          : Optional.empty();
    }
  }

  /** An address to listen on. */
  record Address() implements Type<HostPort> {
    @Override
    public Optional<HostPort> parse(String text) {
      return HostPort.parse(text);
    }

    @Override
    public Optional<String> text(HostPort value) {
      return Optional.of('"' + value.toString() + '"');
    }

    @Override
    public String allowed() {
      return "host:port or [IPv6]:port with a port from 0 to 65535";
    }

    @Override
    public Optional<String> remedy(String given) {
      return nearby(given)
          .flatMap(HostPort::parse)
          .map(address -> "write \"" + address + "\"" + meaning(address));
    }

    private static Optional<String> nearby(String given) {
      if (given.matches("[*]?:[0-9]{1,5}")) {
        return Optional.of("0.0.0.0" + given.substring(given.indexOf(':')));
      }
      if (given.matches("[0-9]{1,5}")) {
        return Optional.of("127.0.0.1:" + given);
      }
      int colon = given.lastIndexOf(':');
      return colon < 0
          ? Optional.of(given + ":9460")
          : Optional.of("[" + given.substring(0, colon) + "]" + given.substring(colon));
    }

    private static String meaning(HostPort address) {
      return address.host().equals("0.0.0.0") ? " for every address of the node" : "";
    }
  }

  /** A list of texts of one form. From the environment and the command line: with commas. */
  record Texts(Text item, int most) implements Type<List<String>> {
    @Override
    public Optional<List<String>> parse(String text) {
      return text.isEmpty() ? Optional.of(List.of()) : parse(List.of(text.split(",", -1)));
    }

    @Override
    public Optional<List<String>> parse(List<String> items) {
      boolean good =
          items.size() <= most && items.stream().allMatch(text -> item.parse(text).isPresent());
      return good ? Optional.of(List.copyOf(items)) : Optional.empty();
    }

    @Override
    public Optional<String> text(List<String> value) {
      List<String> items = value.stream().flatMap(text -> item.text(text).stream()).toList();
      return Optional.of("[" + String.join(", ", items) + "]");
    }

    @Override
    public String allowed() {
      return "a list of at most " + most + ", each " + item.allowed();
    }

    @Override
    public boolean isList() {
      return true;
    }
  }
}
