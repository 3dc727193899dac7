package io.millwright.agent.config;

import java.util.Comparator;

/** Where a value or a problem stands. */
public sealed interface Place {

  /**
   * The order in which places are reported: the file from top to bottom, then what overrides it.
   */
  Comparator<Place> ORDER =
      Comparator.comparingInt(Place::rank)
          .thenComparingInt(Place::lineOrZero)
          .thenComparingInt(Place::columnOrZero);

  /** A character of a file; line and column count from 1. */
  record Line(String file, int line, int column) implements Place {}

  /** A file as a whole. */
  record WholeFile(String file) implements Place {}

  /** An environment variable. */
  record Variable(String name) implements Place {}

  /** An option of the command line, without its dashes. */
  record Option(String name) implements Place {}

  /** The machine that the agent runs on. */
  record Machine() implements Place {}

  /** The running agent. */
  record Reload() implements Place {}

  /** The place as a message begins with it. */
  default String text() {
    return switch (this) {
      case Line(String file, int line, int column) -> name(file) + ":" + line + ":" + column;
      case WholeFile(String file) -> name(file);
      case Variable(String name) -> "environment " + name(name);
      case Option(String name) -> "option --" + name(name);
      case Machine() -> "this machine";
      case Reload() -> "reload";
    };
  }

  private static String name(String given) {
    return Quote.bare(given, 200);
  }

  private int rank() {
    return switch (this) {
      case WholeFile _ -> 0;
      case Line _ -> 1;
      case Variable _ -> 2;
      case Option _ -> 3;
      case Machine _ -> 4;
      case Reload _ -> 5;
    };
  }

  private int lineOrZero() {
    return this instanceof Line line ? line.line() : 0;
  }

  private int columnOrZero() {
    return this instanceof Line line ? line.column() : 0;
  }
}
