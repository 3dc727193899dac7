package io.millwright.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code power}: its one verb is {@code cap}. */
@Command(name = "power", description = "Holds accelerators to a power limit.")
final class PowerCommand implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing: power cap N --watts W");
  }
}
