package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that runs to its end, under a deadline. */
final class Command {
  private Command() {}

  /**
   * @param exit its exit code
   * @param text what it printed on both streams
   */
  record Result(int exit, String text) {
    /** The text of one that went well. */
    String good() {
      assertThat(exit).as(text).isZero();
      return text.strip();
    }
  }

  static Result run(Duration longest, Map<String, String> environment, List<String> words) {
    try {
      Path output = Files.createTempFile("command", ".txt");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(longest.toNanos(), TimeUnit.NANOSECONDS);
        if (!ended) {
          process.destroyForcibly();
        }
        assertThat(ended)
            .as("%s runs for longer than %s: %s", words, longest, Files.readString(output))
            .isTrue();
        return new Result(process.exitValue(), Files.readString(output));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("running " + words, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + words, e);
    }
  }

  static Result run(String... words) {
    return run(Duration.ofSeconds(60), Map.of(), List.of(words));
  }

  /** Whether a program is on the PATH of this machine. */
  static boolean isThere(String program) {
    return run("sh", "-c", "command -v " + program).exit() == 0;
  }
}
