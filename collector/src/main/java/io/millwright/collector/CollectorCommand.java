package io.millwright.collector;

import io.millwright.collector.drift.DriftCommand;
import io.millwright.collector.trust.CaCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code millwright collector}. */
@Command(
    name = "collector",
    description = "The collector: keeps the fleet.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RunCommand.class,
      ConfigCommand.class,
      CaCommand.class,
      TokenCommand.class,
      DriftCommand.class,
      VerifyAuditCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      CommandLine.HelpCommand.class
    })
public final class CollectorCommand implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "a verb is missing: run, config, ca, token, drift, backup, restore or verify-audit");
  }
}
