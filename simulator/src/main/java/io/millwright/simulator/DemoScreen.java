package io.millwright.simulator;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the table is drawn: in place on a terminal, block after block elsewhere. <i>Threading:</i>
 * the main thread.
 */
final class DemoScreen {
  private static final Duration BETWEEN_BLOCKS = Duration.ofSeconds(10);
  private static final String HOME = "\u001b[?7l\u001b[H"; // lines are cut, not wrapped
  private static final String REST_OF_LINE = "\u001b[K\n";
  private static final String REST_OF_SCREEN = "\u001b[J\u001b[?7h";
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final PrintStream out;
  private final Clock clock;
  private final boolean terminal;
  private final boolean inPlace;
  private boolean drawn;
  private long lastBlockNanos;

  DemoScreen(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
    this.terminal = isTerminal();
    this.inPlace =
        terminal && !Optional.ofNullable(System.getenv("TERM")).orElse("dumb").equals("dumb");
  }

  /** By what the output leads to: a JVM's console looks at the input as well. */
  private static boolean isTerminal() {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.matches("/dev/(pts/|tty|console).*");
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a person reads it, and no file keeps it. */
  boolean terminal() {
    return terminal;
  }

  Ink ink() {
    String noColour = Optional.ofNullable(System.getenv("NO_COLOR")).orElse("");
    return new Ink(inPlace && noColour.isEmpty());
  }

  /** A line that stays. */
  void say(String line) {
    out.println(line);
    out.flush();
  }

  /**
   * Draws the table.
   *
   * @param news whether something happened that a block must not miss
   */
  void draw(List<String> lines, boolean news) {
    if (inPlace) {
      out.print((drawn ? "" : CLEAR) + HOME + String.join(REST_OF_LINE, lines));
      out.print(REST_OF_LINE + REST_OF_SCREEN);
    } else if (news || !drawn || clock.nanos() - lastBlockNanos >= BETWEEN_BLOCKS.toNanos()) {
      lastBlockNanos = clock.nanos();
      out.println(String.join("\n", lines) + "\n");
    }
    drawn = true;
    out.flush();
  }
}
