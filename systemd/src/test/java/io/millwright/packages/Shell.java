package io.millwright.packages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of this machine to its end. */
final class Shell {
  private Shell() {}

  /**
   * @param text what it said, on stdout and stderr
   */
  record Ended(int code, String text) {
    /** Its text, where it ended well. */
    String good() {
      if (code != 0) {
        throw new AssertionError("ended with " + code + ":\n" + text);
      }
      return text;
    }
  }

  static Ended run(String... command) {
    return run(Duration.ofMinutes(5), Map.of(), List.of(command));
  }

  static Ended run(Duration patience, Map<String, String> environment, List<String> command) {
    try {
      Path said = Files.createTempFile("millwright-shell", ".log");
      try {
        return run(patience, environment, command, said);
      } finally {
        Files.delete(said);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException("running " + command, broken);
    }
  }

  /** With what it says kept in a file, which can be read while it runs. */
  static Ended run(
      Duration patience, Map<String, String> environment, List<String> command, Path said)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      boolean ended = process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(said);
      return new Ended(process.exitValue(), ended ? text : text + "\nnot done within " + patience);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
