package io.millwright.cli;

import io.millwright.protocol.clock.Clock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Somebody's shell: runs verbs in this process and keeps what they said. */
final class Shell {
  final Map<String, String> env = new HashMap<>();
  final Path home;
  byte[] in = new byte[0];
  boolean terminal;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Of a user with this home, and nothing else. */
  Shell(Path home) {
    this.home = home;
    env.put("XDG_RUNTIME_DIR", home.resolve("runtime").toString());
    env.put("PATH", "/usr/bin:/bin");
  }

  Shell(Path home, StandIn collector) {
    this(home);
    env.put("MILLWRIGHT_COLLECTOR", collector.url());
  }

  int run(String... arguments) {
    return Main.run(
        new Surroundings(
            env,
            home,
            "anna",
            new ByteArrayInputStream(in),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            Clock.system(),
            List.of("up", "simulate", "benchmark")),
        arguments);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  byte[] outBytes() {
    return out.toByteArray();
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
