package io.millwright.dashboards;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Prometheus's own judge of files, from -Dpromtool; tests that need it are skipped without it. */
record Promtool(Path program) {

  static Promtool orSkip() {
    Path program = Path.of(System.getProperty("promtool", ""));
    assumeTrue(
        Files.isRegularFile(program) && Files.isExecutable(program),
        "promtool is not at -Dpromtool"); // without one it is the directory that this runs in
    return new Promtool(program);
  }

  /** How it ended, and all that it said. */
  record Said(int exit, String text) {}

  Said run(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("promtool does not end: " + text);
    }
    return new Said(process.exitValue(), text);
  }
}
