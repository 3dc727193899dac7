package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A site's own names for fields in the dialect of 4.9, from a file: a classic name, blanks, the
 * name in 4.9; empty lines and lines with a sharp are passed over.
 *
 * <pre>
 * # as our exporter 4.9.1 has them
 * DCGM_FI_DEV_FB_USED   DCGM_FI_DEV_FB_USED_BYTES
 * </pre>
 */
public final class NameCorrections {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]{0,199}");
  private static final int LONGEST = 60;

  private final Map<String, FieldRow> known = new LinkedHashMap<>();
  private final Map<String, String> corrections = new LinkedHashMap<>();
  private final Map<String, Integer> lineOf = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final String file;

  private NameCorrections(DcgmFields fields, String file) {
    this.file = file;
    for (FieldRow row : fields.rows()) {
      boolean metric =
          !(row.source() instanceof Source.Nothing) && !(row.source() instanceof Source.OfInfo);
      if (metric) { // what is a label keeps its name
        known.put(row.classic().name(), row);
      }
    }
  }

  /**
   * The names of 4.9 by classic names.
   *
   * @param file its name, for the messages
   * @throws DialectException with a sentence for every line that is wrong
   */
  public static Map<String, String> of(String file, List<String> lines, DcgmFields fields) {
    NameCorrections reading = new NameCorrections(fields, file);
    for (int i = 0; i < lines.size(); i++) {
      reading.take(i + 1, lines.get(i).strip());
    }
    reading.refuseDoubles();
    if (!reading.problems.isEmpty()) {
      throw new DialectException(reading.problems);
    }
    return Map.copyOf(reading.corrections);
  }

  private void take(int line, String text) {
    if (text.isEmpty() || text.startsWith("#")) {
      return;
    }
    String[] words = text.split("\\s+", -1);
    if (words.length != 2) {
      refuse(
          line,
          shown(text)
              + " has "
              + (words.length == 1 ? "1 word" : words.length + " words")
              + ", allowed is a classic name and its name in 4.9; write both with a blank"
              + " between them");
    } else if (!known.containsKey(words[0])) {
      refuse(
          line,
          shown(words[0])
              + " is no classic name of a field on the page"
              + nearest(words[0])
              + "; docs/dcgm-fields.md lists them");
    } else if (!NAME.matcher(words[1]).matches()) {
      refuse(
          line,
          shown(words[1])
              + " names no metric, allowed are at most 200 letters, digits, underscores and colons"
              + " that do not begin with a digit; correct it");
    } else if (corrections.containsKey(words[0])) {
      refuse(
          line,
          words[0] + " stands in line " + lineOf.get(words[0]) + " already; keep one of them");
    } else {
      corrections.put(words[0], words[1]);
      lineOf.put(words[0], line);
    }
  }

  private String nearest(String word) {
    return Spelling.nearest(word, List.copyOf(known.keySet()))
        .map(name -> ", perhaps " + name)
        .orElse("");
  }

  /** A family stands once on a page, whoever gave it its name. */
  private void refuseDoubles() {
    Map<String, String> byNewer = new HashMap<>();
    for (FieldRow row : known.values()) {
      String classic = row.classic().name();
      String newer =
          Optional.ofNullable(corrections.get(classic)).orElseGet(() -> row.newer().name());
      String other = byNewer.put(newer, classic);
      if (other != null) {
        String blamed = corrections.containsKey(classic) ? classic : other;
        refuse(
            lineOf.getOrDefault(blamed, 0),
            newer
                + " would be the name of both "
                + other
                + " and "
                + classic
                + "; give each its own");
      }
    }
  }

  private void refuse(int line, String sentence) {
    problems.add(file + " line " + line + ": " + sentence);
  }

  /** Bounded, and no character can steer a terminal. */
  private static String shown(String text) {
    String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    return '"' + cut.replaceAll("[^\\p{Graph} ]", "?") + '"';
  }
}
