package io.millwright.simulator.judgement;

import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.simulator.judgement.Trace.Kind;
import io.millwright.simulator.judgement.Trace.Timed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads families of traces. Blocks are parted by empty lines; {@code #} begins a comment line.
 *
 * <pre>
 * family app-xid
 * kind benign                        also device, link, host, silent
 * source https://…                   or: invented: why
 * why The job's own error.           the expert's reasons
 * node b200 8
 * lasts 2h                           ten minutes after the last line, where it is not said
 * each code: 13 | 31 | 43            one trace each; several lines multiply; of several columns the
 * each how what: nvml xid 1 {code} | log kernel NVRM: Xid (PCI:{pci1}): {code}, …
 * 10s job all train                  what happens
 * 60s {what}
 * 2m..10m/30s xid 1 {code}           again and again
 * 70s expect device 1 ok             what the expert says
 * </pre>
 *
 * The first column of a row names the trace, the last one takes the rest of the row. {@code {pci1}}
 * and {@code {serial1}} are those of device 1, {@code {n}} counts repetitions from 0.
 */
final class TraceFile {
  private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)(\\d*)}");
  private static final Pattern REPEATED = Pattern.compile("(\\w+)\\.\\.(\\w+)/(\\w+)");
  private static final long AFTERWARDS = 600;
  private static final long SOON = 60;

  private final Map<String, String> header = new LinkedHashMap<>();
  private final List<Each> each = new ArrayList<>();
  private final List<String> body = new ArrayList<>();

  /** Columns and the rows that fill them. */
  private record Each(List<String> columns, List<List<String>> rows) {}

  private TraceFile() {}

  static List<Trace> traces(String text) {
    List<Trace> traces = new ArrayList<>();
    for (String block : text.split("\\n\\s*\\n")) {
      TraceFile family = new TraceFile();
      block
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(family::take);
      if (!family.header.isEmpty()) {
        traces.addAll(family.members());
      }
    }
    return traces;
  }

  private void take(String line) {
    String[] words = line.split("\\s+", 2);
    if (Character.isDigit(words[0].charAt(0)) || words[0].charAt(0) == '{') {
      body.add(line);
    } else if (words[0].equals("each")) {
      each.add(each(words[1]));
    } else {
      header.put(words[0], words[1]);
    }
  }

  private static Each each(String text) {
    int colon = text.indexOf(": ");
    List<String> columns = List.of(text.substring(0, colon).split(" "));
    List<List<String>> rows =
        Arrays.stream(text.substring(colon + 2).split(" \\| "))
            .map(row -> List.of(row.strip().split(" ", columns.size())))
            .toList();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException("%s does not fill %s".formatted(row, columns));
      }
    }
    return new Each(columns, rows);
  }

  private List<Trace> members() {
    Stream<Map<String, String>> members = Stream.of(Map.of());
    for (Each one : each) {
      members = members.flatMap(known -> one.rows().stream().map(row -> with(known, one, row)));
    }
    return members.map(this::member).toList();
  }

  private static Map<String, String> with(Map<String, String> known, Each each, List<String> row) {
    Map<String, String> next = new LinkedHashMap<>(known);
    for (int i = 0; i < row.size(); i++) {
      next.put(each.columns().get(i), row.get(i));
    }
    return next;
  }

  private Trace member(Map<String, String> columns) {
    String family = required("family");
    String name =
        each.stream()
            .map(one -> columns.getOrDefault(one.columns().getFirst(), ""))
            .collect(Collectors.joining("-"));
    try {
      return new Member(family, name, columns).trace();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the trace %s/%s".formatted(family, name), e);
    }
  }

  private String required(String key) {
    String value = header.get(key);
    if (value == null) {
      throw new IllegalArgumentException("%s lacks the line %s".formatted(header, key));
    }
    return value;
  }

  /** One trace of the family. */
  private final class Member {
    private final String family;
    private final String name;
    private final Map<String, String> columns;
    private final Profile profile;
    private final int devices;
    private final ActText acting;
    private final List<Timed<Act>> acts = new ArrayList<>();
    private final List<Timed<Label>> labels = new ArrayList<>();

    Member(String family, String name, Map<String, String> columns) {
      this.family = family;
      this.name = name;
      this.columns = columns;
      String[] node = filled(required("node"), 0).split(" ");
      this.profile = Profile.of(node[0]);
      this.devices = Integer.parseInt(node[1]);
      this.acting = new ActText(devices);
    }

    Trace trace() {
      for (String line : body) {
        String[] words = line.split("\\s+", 2);
        String times = filled(words[0], 0);
        Matcher repeated = REPEATED.matcher(times);
        if (repeated.matches()) {
          long until = Span.seconds(repeated.group(2));
          long step = Span.seconds(repeated.group(3));
          int n = 0;
          for (long at = Span.seconds(repeated.group(1)); at <= until; at += step) {
            line(at, filled(words[1], n));
            n++;
          }
        } else {
          line(Span.seconds(times), filled(words[1], 0));
        }
      }
      acts.sort(Comparator.comparingLong(Timed::atSeconds));
      labels.sort(Comparator.comparingLong(Timed::atSeconds));
      return new Trace(
          family,
          name,
          Kind.valueOf(required("kind").toUpperCase(Locale.ROOT)),
          filled(required("source"), 0),
          filled(required("why"), 0),
          profile,
          devices,
          lasts(),
          acts,
          labels);
    }

    private long lasts() {
      long last =
          Stream.concat(acts.stream(), labels.stream())
              .mapToLong(Timed::atSeconds)
              .max()
              .orElseThrow();
      return header.containsKey("lasts")
          ? Math.max(last, Span.seconds(filled(required("lasts"), 0)))
          : last + AFTERWARDS;
    }

    private String filled(String text, int n) {
      String before = text;
      String now = once(before, n);
      while (!now.equals(before)) {
        before = now;
        now = once(before, n);
      }
      return now;
    }

    private String once(String text, int n) {
      return PLACE
          .matcher(text)
          .replaceAll(place -> Matcher.quoteReplacement(value(place.group(1), place.group(2), n)));
    }

    /** Braces that hold no name of this file are the labels of a series. */
    private String value(String word, String number, int n) {
      if (columns.containsKey(word + number)) {
        return columns.getOrDefault(word + number, "");
      }
      return switch (word) {
        case "n" -> Integer.toString(n);
        case "pci" -> profile.pci(Integer.parseInt(number));
        case "serial" -> profile.serial(TracedNode.ALONE, Integer.parseInt(number));
        default -> "{" + word + number + "}";
      };
    }

    private void line(long at, String text) {
      String[] words = text.split(" ", 2);
      String rest = words.length > 1 ? words[1] : "";
      if (Set.of("remove", "may", "notice", "clear", "expect").contains(words[0])) {
        label(at, words[0], rest.split(" "));
      } else {
        acts.add(new Timed<>(at, acting.act(words[0], rest)));
      }
    }

    private void label(long at, String verb, String[] words) {
      boolean node = words[0].equals("node");
      List<Integer> subjects = node ? List.of(Label.NODE) : acting.indices(words[1]);
      List<String> rest = List.of(words).subList(node ? 1 : 2, words.length);
      for (int subject : subjects) {
        labels.add(new Timed<>(at, label(verb, subject, rest)));
      }
    }

    private static Label label(String verb, int subject, List<String> rest) {
      return switch (verb) {
        case "remove" ->
            new Label.Remove(
                subject, option(rest, "until", Long.MAX_VALUE / 4), option(rest, "within", SOON));
        case "may" -> new Label.May(subject, option(rest, "until", Long.MAX_VALUE / 4));
        case "notice" -> new Label.Notice(subject, option(rest, "within", SOON));
        case "clear" -> new Label.Clear(subject);
        default ->
            new Label.Expect(
                subject,
                rest.stream()
                    .map(word ->
                        Verdict.ofWord(word)
                            .orElseThrow(
                                () -> new IllegalArgumentException(word + " is no verdict")))
                    .collect(Collectors.toSet()));
      };
    }

    private static long option(List<String> words, String key, long otherwise) {
      int at = words.indexOf(key);
      return at < 0 ? otherwise : Span.seconds(words.get(at + 1));
    }
  }
}
