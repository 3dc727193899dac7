package io.millwright.collector.scheduler;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs one program of the site to its end, or to its deadline.
 *
 * <p>Its environment has a path and a language and nothing else; it reads nothing; of what it
 * prints the first {@value #MOST_KEPT} bytes are kept. What it began itself and left behind is
 * killed with it at the deadline, as far as it is still its child.
 *
 * <p><i>Threading:</i> the caller's, which waits. <i>Failure:</i> one sentence; never an exception.
 */
final class Command {
  static final int MOST_KEPT = 4096;

  private static final Duration LOOK = Duration.ofMillis(20);
  private static final int LONGEST_WORDS = 200;
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8");

  private final Clock clock;

  Command(Clock clock) {
    this.clock = clock;
  }

  /**
   * Runs it.
   *
   * @return why it failed; empty where it ended with 0
   */
  Optional<String> run(List<String> argv, Duration deadline) {
    Path program = Path.of(argv.getFirst());
    if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
      return Optional.of("%s is no program that the collector's user may run".formatted(program));
    }
    ProcessBuilder builder = new ProcessBuilder(argv).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(ENVIRONMENT);
    builder.directory(Path.of("/").toFile());
    try {
      return awaited(builder.start(), clock.nanos() + deadline.toNanos());
    } catch (IOException e) {
      return Optional.of("%s could not be begun: %s".formatted(program, e.getMessage()));
    }
  }

  /** What it left behind may hold the pipe, so that its end is not waited for. */
  private Optional<String> awaited(Process process, long untilNanos) throws IOException {
    byte[] kept = new byte[MOST_KEPT];
    int length = 0;
    process.getOutputStream().close();
    try (InputStream printed = process.getInputStream()) {
      while (true) {
        boolean alive = process.isAlive();
        length = drained(printed, kept, length);
        if (!alive) {
          int code = process.exitValue();
          return code == 0
              ? Optional.empty()
              : Optional.of("it ended with %d%s".formatted(code, words(kept, length)));
        }
        if (clock.nanos() - untilNanos >= 0) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          return Optional.of(
              "it had not ended by its deadline and was killed%s".formatted(words(kept, length)));
        }
        clock.parkUntil(clock.nanos() + LOOK.toNanos());
      }
    }
  }

  /** Takes what is there, keeps the first of it; how much is kept. */
  private static int drained(InputStream printed, byte[] kept, int length) throws IOException {
    byte[] scratch = new byte[8192];
    int now = length;
    int rounds = 64;
    while (printed.available() > 0 && rounds-- > 0) {
      int count = printed.read(scratch, 0, Math.min(scratch.length, printed.available()));
      int taken = Math.min(Math.max(count, 0), kept.length - now);
      System.arraycopy(scratch, 0, kept, now, taken);
      now += taken;
    }
    return now;
  }

  /** Its last word, in one line of plain characters. */
  private static String words(byte[] kept, int length) {
    String text =
        new String(kept, 0, length, StandardCharsets.UTF_8)
            .replaceAll("\\s+", " ")
            .replaceAll("[^\\x20-\\x7e]", "?")
            .strip();
    if (text.isEmpty()) {
      return "";
    }
    return ": " + text.substring(0, Math.min(text.length(), LONGEST_WORDS));
  }
}
