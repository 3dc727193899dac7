package io.millwright.collector;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The collector's verbs. Exit codes: 0 done, 1 failed, 64 usage, 78 set-up. */
@Command(
    name = "millwright",
    subcommands = CollectorCommand.class,
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = Main.USAGE)
public final class Main implements Runnable {
  static final int USAGE = 64;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs one verb; returns its exit code. */
  public static int run(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setParameterExceptionHandler((exception, rejected) -> usage(exception));
    return line.execute(arguments);
  }

  private static int usage(ParameterException exception) {
    CommandLine line = exception.getCommandLine();
    line.getErr().println(exception.getMessage());
    line.getErr()
        .println("'" + line.getCommandSpec().qualifiedName() + " --help' tells what is allowed");
    return USAGE;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
