package io.millwright.agent;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The agent over this machine's real hardware, for a person at a terminal. */
@Command(
    name = "up",
    description = "Watches this machine: its host, and its accelerators when a driver is there.",
    footer =
        "From a source checkout, over simulated GPUs or Trainium devices: --simulate b200, trn3, … [--node NAME]"
            + " [--scenario LINE]; 'up --simulate b200 --help' has all profiles.",
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      converter = DurationOption.class,
      description = "Ends by itself after this long, as in 20s or 5m; otherwise with Ctrl-C.")
  private @Nullable Duration longest;

  private Runnable afterwards = () -> {};

  /** What is done once the agent has stopped. */
  void afterwards(Runnable done) {
    afterwards = done;
  }

  @Override
  public Integer call() throws InterruptedException {
    return new Daemon(options.reading(), System.err, afterwards)
        .run(Optional.ofNullable(longest), agent -> greet(agent, System.out));
  }

  private static void greet(Agent agent, PrintStream out) {
    out.println(agent.accelerators());
    out.println("metrics: " + agent.url());
    out.flush();
  }
}
