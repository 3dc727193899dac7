package io.millwright.simulator;

import io.millwright.agent.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Faults of simulated hardware. What is not simulated has no control socket and cannot be reached.
 */
@Command(
    name = "simulate",
    description = "Breaks and mends simulated hardware, and simulates nodes.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SimulateCommand.Fault.class,
      SimulateCommand.Control.class,
      SimulateNeuron.class,
      SimulateFleet.class
    })
final class SimulateCommand implements Runnable {
  private static final String NODE =
      "Name of one of 'demo' or 'up --simulate', or the directory of one, with / before it.";

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a verb is missing: fault, control, neuron or fleet");
  }

  /** One fault. */
  @Command(
      name = "fault",
      description =
          "Makes or ends a fault: hang, release, lost, gone, return, reset; of GPUs also 'xid 79', 'slow 500';"
              + " of Neuron devices also 'ecc hbm 1', 'link efa down', 'status hw_error 1'. All: simulator/README.md.",
      mixinStandardHelpOptions = true)
  static final class Fault implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NODE", description = NODE)
    private String node = "";

    @Parameters(index = "1", paramLabel = "DEVICE", description = "0, 1, … or all")
    private String device = "";

    @Parameters(index = "2..*", paramLabel = "KIND", arity = "1..*")
    private List<String> kind = List.of();

    @Override
    public Integer call() {
      String words = String.join(" ", kind).replaceFirst("^xid:", "xid ");
      return send(node, "fault " + device + " " + words);
    }
  }

  /** Any command. */
  @Command(
      name = "control",
      description = "Sends one command to a simulated node, as in: control node1 get 3",
      mixinStandardHelpOptions = true)
  static final class Control implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NODE", description = NODE)
    private String node = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", arity = "1..*")
    private List<String> command = List.of();

    @Override
    public Integer call() {
      return send(node, String.join(" ", command));
    }
  }

  /** A name is looked for where {@code demo} and {@code up} keep theirs. */
  private static Path place(String node) {
    return node.startsWith("/") ? Path.of(node) : SimulatedNodes.running(node);
  }

  private static int send(String node, String command) {
    SimulatedNode simulated;
    try {
      simulated = SimulatedNode.at(place(node));
    } catch (IllegalArgumentException refused) {
      System.err.println(refused.getMessage());
      return ExitCode.USAGE;
    }
    if (!Files.exists(simulated.controlSocket())) {
      System.err.println(
          "node "
              + node
              + " is not simulated here: start it with './millwright demo', or with "
              + (node.startsWith("/")
                  ? "'./millwright simulate neuron " + node + "'"
                  : "'./millwright up --simulate b200 --node " + node + "'"));
      return ExitCode.FAILED;
    }
    try {
      simulated.command(command).forEach(System.out::println);
      return ExitCode.DONE;
    } catch (IllegalArgumentException refused) {
      System.err.println(refused.getMessage());
      return ExitCode.USAGE;
    } catch (IOException e) {
      System.err.println(
          "node " + node + " does not answer: is it still running? " + e.getMessage());
      return ExitCode.FAILED;
    }
  }
}
