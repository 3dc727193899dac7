package io.millwright.simulator;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The verbs that exist only with the simulator: simulated hardware, and breaking it. */
@Command(
    name = "millwright",
    subcommands = {DemoCommand.class, SimulatedUp.class, SimulateCommand.class},
    mixinStandardHelpOptions = true)
public final class Main implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs one verb; returns its exit code. */
  public static int run(String... arguments) {
    return io.millwright.agent.Main.commandLine(new Main()).execute(arguments);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a verb is missing");
  }
}
