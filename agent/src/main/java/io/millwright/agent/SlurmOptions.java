package io.millwright.agent;

import io.millwright.agent.scheduler.Scontrol;
import io.millwright.agent.scheduler.SlurmHealth;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the verbs have in common that Slurm calls. */
final class SlurmOptions {
  @SuppressWarnings("unused") // a word that has to be there
  @Option(
      names = "--slurm",
      required = true,
      description = "The scheduler that calls is Slurm; there is no other yet.")
  private boolean slurm;

  @Option(
      names = "--door",
      paramLabel = "DIRECTORY",
      description =
          "Where the agent's door is, 'scheduler' beneath its health.directory; ${DEFAULT-VALUE}"
              + " otherwise.")
  private Path door = Path.of("/var/lib/millwright/agent/health/scheduler");

  @Option(
      names = "--scontrol",
      paramLabel = "FILE",
      description = "Slurm's program; ${DEFAULT-VALUE} otherwise. SLURM_CONF is handed on to it.")
  private Path scontrol = Path.of("/usr/bin/scontrol");

  @Option(
      names = "--node",
      paramLabel = "N",
      description =
          "The node as Slurm names it; SLURMD_NODENAME otherwise, else the host name without its"
              + " domain.")
  private @Nullable String node;

  @Option(
      names = "--deadline",
      paramLabel = "D",
      converter = DurationOption.class,
      description = "So long the agent, and each call of scontrol, is waited for; 5s otherwise.")
  private Duration deadline = Duration.ofSeconds(5);

  Path door() {
    return door;
  }

  Duration deadline() {
    return deadline;
  }

  SlurmHealth health(Clock clock) {
    return new SlurmHealth(
        new Scontrol(
            new Tool(clock), scontrol, Optional.ofNullable(System.getenv("SLURM_CONF")), deadline),
        node());
  }

  private String node() {
    String given = node == null ? System.getenv("SLURMD_NODENAME") : node;
    return given == null || given.isEmpty() ? host() : given;
  }

  private static String host() {
    try {
      String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      int dot = host.indexOf('.');
      return dot < 0 ? host : host.substring(0, dot);
    } catch (IOException e) {
      return "localhost";
    }
  }

  static String away(IOException failure) {
    return "the agent does not answer (%s); see that it runs with mode: assist"
        .formatted(failure.getMessage());
  }
}
