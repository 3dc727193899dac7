package io.millwright.protocol.exposition;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a reader understands of a page; strict where a scraper is. */
record ParsedPage(
    Map<String, String> types,
    Map<String, String> helps,
    Map<String, String> units,
    Map<String, Double> values,
    List<String> familiesInOrder,
    boolean ended) {

  static ParsedPage of(String text) {
    return new Parser().parse(text);
  }

  /** Reads line by line and complains of everything a scraper would refuse. */
  private static final class Parser {
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, String> helps = new LinkedHashMap<>();
    private final Map<String, String> units = new LinkedHashMap<>();
    private final Map<String, Double> values = new LinkedHashMap<>();
    private final List<String> families = new ArrayList<>();
    private final Set<String> closed = new HashSet<>();
    private boolean ended;

    ParsedPage parse(String text) {
      if (!text.isEmpty() && !text.endsWith("\n")) {
        throw new IllegalArgumentException("no line feed at the end");
      }
      text.lines().forEach(this::line);
      return new ParsedPage(types, helps, units, values, families, ended);
    }

    private void line(String line) {
      if (ended) {
        throw new IllegalArgumentException("after the end: " + line);
      }
      if (line.equals("# EOF")) {
        ended = true;
      } else if (line.startsWith("# ")) {
        String[] words = line.split(" ", 4);
        switch (words[1]) {
          case "TYPE" -> once(types, words[2], words[3]);
          case "HELP" -> once(helps, words[2], unescaped(words.length > 3 ? words[3] : ""));
          case "UNIT" -> once(units, words[2], words[3]);
          default -> throw new IllegalArgumentException(line);
        }
      } else {
        sample(line);
      }
    }

    private void sample(String line) {
      int nameEnd = indexOfAny(line, "{ ");
      String name = line.substring(0, nameEnd);
      Map<String, String> labels = new TreeMap<>();
      int at = line.charAt(nameEnd) == '{' ? labels(line, nameEnd + 1, labels) : nameEnd;
      if (line.charAt(at) != ' ') {
        throw new IllegalArgumentException("no blank before the value: " + line);
      }
      enter(name);
      once(values, name + labels, number(line.substring(at + 1)));
    }

    private static int labels(String line, int start, Map<String, String> labels) {
      int at = start;
      while (line.charAt(at) != '}') {
        int equals = line.indexOf('=', at);
        int close = equals + 2;
        while (line.charAt(close) != '"') {
          close += line.charAt(close) == '\\' ? 2 : 1;
        }
        String before =
            labels.put(line.substring(at, equals), unescaped(line.substring(equals + 2, close)));
        if (before != null) {
          throw new IllegalArgumentException("a label twice: " + line);
        }
        at = line.charAt(close + 1) == ',' ? close + 2 : close + 1;
      }
      return at + 1;
    }

    private void enter(String name) {
      String current = families.isEmpty() ? "" : families.getLast();
      if (name.equals(current)) {
        return;
      }
      if (!closed.add(name)) {
        throw new IllegalArgumentException("family in two pieces: " + name);
      }
      families.add(name);
    }

    private static double number(String text) {
      return switch (text) {
        case "+Inf" -> Double.POSITIVE_INFINITY;
        case "-Inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(text);
      };
    }

    private static <T> void once(Map<String, T> into, String key, T value) {
      if (into.put(key, value) != null) {
        throw new IllegalArgumentException("twice: " + key);
      }
    }

    private static int indexOfAny(String line, String chars) {
      for (int i = 0; i < line.length(); i++) {
        if (chars.indexOf(line.charAt(i)) >= 0) {
          return i;
        }
      }
      throw new IllegalArgumentException(line);
    }

    private static String unescaped(String text) {
      StringBuilder plain = new StringBuilder();
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '\\') {
          c = text.charAt(++i);
          c = c == 'n' ? '\n' : c;
        }
        plain.append(c);
      }
      return plain.toString();
    }
  }
}
