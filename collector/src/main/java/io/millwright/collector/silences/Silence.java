package io.millwright.collector.silences;

import java.time.Instant;
import java.util.Collection;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an Alertmanager is to hold back, or holds back.
 *
 * @param window id of the window that it mirrors
 * @param nodes as a regular expression over whole names
 */
public record Silence(
    String window, String nodes, Instant start, Instant end, String by, String comment) {
  /** Behind this word stand the store's id and the window's, at the end of a comment. */
  private static final String MARK = "millwright-window=";

  /** As of Go's regular expressions, in which Alertmanager matches whole values. */
  private static final Pattern SPECIAL = Pattern.compile("[\\\\.+*?()|\\[\\]{}^$]");

  /** Who makes the silences of a store's windows, as Alertmanager shows it. */
  static String author(String store) {
    return "millwright-" + store;
  }

  /** What the comment of a window's silence ends with. */
  static String mark(String store, String window) {
    return MARK + store + "/" + window;
  }

  /** Names of nodes as one expression. */
  static String expression(Collection<String> nodes) {
    return new TreeSet<>(nodes)
        .stream()
            .map(node -> SPECIAL.matcher(node).replaceAll("\\\\$0"))
            .collect(Collectors.joining("|"));
  }

  /** Whether both hold back the same at the same time. */
  boolean sameAs(Silence other) {
    return nodes.equals(other.nodes)
        && end.toEpochMilli() == other.end.toEpochMilli()
        && comment.equals(other.comment);
  }
}
