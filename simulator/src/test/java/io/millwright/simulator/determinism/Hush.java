package io.millwright.simulator.determinism;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Takes the place of the log while histories run, which would write some hundred lines each, and
 * listens for errors that no fault of a history explains.
 */
final class Hush extends PrintStream {
  private static final List<String> ALARMING =
      List.of(
          "a task of the jobs room failed",
          "a batch of facts failed",
          "a fact was lost",
          "a turn of the jobs failed",
          "the events cannot be kept",
          "a placement was refused by the book",
          "node and book speak of other runs"); // no history changes either behind the other's back

  private final ThreadLocal<String> heard = ThreadLocal.withInitial(() -> "");
  private final PrintStream aloud;
  private final boolean loud;

  /**
   * @param loud whether everything is printed all the same
   */
  Hush(PrintStream aloud, boolean loud) {
    super(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    this.aloud = aloud;
    this.loud = loud;
  }

  @Override
  public void println(String line) {
    if (loud) {
      aloud.println(line);
    }
    for (String alarm : ALARMING) {
      if (line.contains(alarm)) {
        heard.set(line);
      }
    }
  }

  /** More of the last line, as the trace of a failure. */
  @Override
  public void println(Object more) {
    if (loud) {
      aloud.println(more);
    }
    if (!heard.get().isEmpty() && heard.get().length() < 2_000) {
      heard.set(heard.get() + "\n" + more);
    }
  }

  boolean loud() {
    return loud;
  }

  /** What this thread said of that kind since it was asked last; empty for nothing. */
  String heard() {
    String line = heard.get();
    heard.set("");
    return line;
  }
}
