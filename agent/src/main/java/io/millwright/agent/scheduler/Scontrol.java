package io.millwright.agent.scheduler;

import io.millwright.agent.tool.Ended;
import io.millwright.agent.tool.Ending;
import io.millwright.agent.tool.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Slurm's own program by which its controller is asked and told. One owner thread, which waits for
 * it no longer than the deadline.
 */
public final class Scontrol {
  private static final String ENV = "/usr/bin/env";
  private static final int SHOWN = 200;

  private final Tool tool;
  private final Path program;
  private final Optional<String> configuration;
  private final Duration deadline;

  /**
   * @param program as {@code /usr/bin/scontrol}
   * @param configuration value of {@code SLURM_CONF}; empty where the program is to find it
   * @param deadline of each call
   */
  public Scontrol(Tool tool, Path program, Optional<String> configuration, Duration deadline) {
    this.tool = tool;
    this.program = program;
    this.configuration = configuration;
    this.deadline = deadline;
  }

  /**
   * What it prints.
   *
   * @throws IOException where it fails or takes too long; the message is one sentence
   */
  String run(String... words) throws IOException {
    List<String> argv = new ArrayList<>();
    argv.add(ENV);
    configuration.ifPresent(file -> argv.add("SLURM_CONF=" + file));
    argv.add(program.toString());
    argv.addAll(List.of(words));
    Ended ended = tool.run(argv, Path.of("/"), deadline);
    String printed = new String(ended.output(), StandardCharsets.UTF_8).strip();
    return switch (ended.ending()) {
      case Ending.Exited(int code) when code == 0 -> printed;
      case Ending.Exited(int code) -> throw new IOException(said(words, "exit " + code, printed));
      case Ending.Overran(String left) ->
          throw new IOException(
              said(words, "no answer within " + deadline.toMillis() + " ms", left));
      case Ending.NotBegun(String why) -> throw new IOException(said(words, "not begun", why));
    };
  }

  private String said(String[] words, String how, String more) {
    String plain = more.replaceAll("[^\\x20-\\x7e]+", " ").strip();
    return "%s %s: %s%s"
        .formatted(
            program,
            String.join(" ", words),
            how,
            plain.isEmpty() ? "" : ": " + plain.substring(0, Math.min(plain.length(), SHOWN)));
  }
}
