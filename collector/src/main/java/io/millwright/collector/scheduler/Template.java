package io.millwright.collector.scheduler;

import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program and its arguments, in which {@code {node}}, {@code {reason}} and {@code {incident}}
 * stand for what is known when it is run. Each argument stays one argument: there is no shell.
 *
 * @param argv the first an absolute path without a placeholder
 */
record Template(List<String> argv) {
  private static final int MOST_WORDS = 64;
  private static final int LONGEST_WORD = 1024;
  private static final List<String> KNOWN = List.of("node", "reason", "incident");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

  Template {
    argv = List.copyOf(argv);
  }

  /**
   * Reads one.
   *
   * @param field by which a mistake is named
   * @throws JsonMistake with one sentence
   */
  static Template of(String field, List<String> argv) {
    if (argv.isEmpty() || argv.size() > MOST_WORDS) {
      throw JsonMistake.refused(
          field,
          "%d words".formatted(argv.size()),
          "a program and its arguments, 1 to %d".formatted(MOST_WORDS));
    }
    if (!Path.of(argv.getFirst()).isAbsolute() || argv.getFirst().contains("{")) {
      throw JsonMistake.refused(
          field + "[0]",
          Shown.quoted(argv.getFirst()),
          "the absolute path of a program, as in /usr/bin/scontrol");
    }
    boolean named = false;
    for (int i = 0; i < argv.size(); i++) {
      String word = argv.get(i);
      if (word.length() > LONGEST_WORD || word.chars().anyMatch(Character::isISOControl)) {
        throw JsonMistake.refused(
            "%s[%d]".formatted(field, i),
            Shown.quoted(word),
            "up to %d characters, none of them a control character".formatted(LONGEST_WORD));
      }
      for (Matcher found = PLACEHOLDER.matcher(word); found.find(); ) {
        if (!KNOWN.contains(found.group(1))) {
          throw JsonMistake.refused(
              "%s[%d]".formatted(field, i),
              Shown.quoted(found.group()),
              "{node}, {reason} and {incident}");
        }
        named |= found.group(1).equals("node");
      }
    }
    if (!named) {
      throw JsonMistake.refused(
          field, "a command without {node}", "one that says which node it is about");
    }
    return new Template(argv);
  }

  /** What is put in is not looked at for placeholders again. */
  List<String> filled(String node, String reason, String incident) {
    Map<String, String> values = Map.of("node", node, "reason", reason, "incident", incident);
    List<String> words = new ArrayList<>();
    for (String word : argv) {
      words.add(
          PLACEHOLDER
              .matcher(word)
              .replaceAll(found ->
                  Matcher.quoteReplacement(values.getOrDefault(found.group(1), found.group()))));
    }
    return words;
  }
}
