package io.millwright.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The verbs that look at a fleet and give it work, through a collector's REST. Exit codes: 0 done,
 * 1 failed, 64 usage, 78 configuration; {@code run --wait} passes the job's own, {@code status} has
 * one for each verdict.
 */
@Command(
    name = "millwright",
    description = "Looks at a fleet of accelerators, and gives it work.",
    exitCodeOnInvalidInput = ExitCode.USAGE,
    exitCodeOnExecutionException = ExitCode.FAILED)
public final class Main implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  public static void main(String[] arguments) {
    System.exit(run(Surroundings.ofProcess(), arguments));
  }

  /** The verbs as they are, for manuals and completions. */
  public static CommandLine verbs() {
    return commandLine(Surroundings.ofProcess());
  }

  /** Runs one verb; returns its exit code. */
  static int run(Surroundings around, String... arguments) {
    int code = commandLine(around).execute(arguments);
    around.out().flush();
    return code;
  }

  private static CommandLine commandLine(Surroundings around) {
    CommandLine run = new CommandLine(new RunCommand(around));
    CommandLine line = new CommandLine(new Main());
    line.getCommandSpec().addOption(help());
    line.addSubcommand(run)
        .addSubcommand(new SubmitCommand(around))
        .addSubcommand(new JobsCommand(around))
        .addSubcommand(new JobCommand(around))
        .addSubcommand(new LogsCommand(around))
        .addSubcommand(new CancelCommand(around))
        .addSubcommand(
            new CommandLine(new PowerCommand()).addSubcommand(new PowerCapCommand(around)))
        .addSubcommand(new DutyCommand.Cordon(around))
        .addSubcommand(new DutyCommand.Uncordon(around))
        .addSubcommand(new DutyCommand.Drain(around))
        .addSubcommand(new DutyCommand.Lost(around))
        .addSubcommand(MaintenanceCommand.line(around))
        .addSubcommand(OverrideCommand.line(around))
        .addSubcommand(ReturnsCommand.line(around))
        .addSubcommand(RecoveryCommand.line(around))
        .addSubcommand(UnclaimedCommand.line(around))
        .addSubcommand(new AcceptanceCommand(around))
        .addSubcommand(new AcceptanceCommand.Accept(around))
        .addSubcommand(new DriftCommand(around))
        .addSubcommand(new ActsCommand(around))
        .addSubcommand(AuditCommand.line(around))
        .addSubcommand(new UsageCommand(around))
        .addSubcommand(new DoctorCommand(around))
        .addSubcommand(new StatusCommand(around))
        .addSubcommand(new NodesCommand(around))
        .addSubcommand(new NodeCommand(around))
        .addSubcommand(new AcceleratorsCommand(around))
        .addSubcommand(new EventsCommand(around))
        .addSubcommand(IncidentsCommand.line(around));
    line.setOut(new PrintWriter(around.out(), true, StandardCharsets.UTF_8));
    line.setExpandAtFiles(false); // '@x' is an argument of the job's program, never a file of ours
    run.setStopAtPositional(true); // and '-x' behind it is no option
    line.setParameterExceptionHandler((exception, rejected) -> usage(exception, around));
    line.setExecutionExceptionHandler((exception, failed, rejected) -> failure(exception, around));
    return line;
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .scopeType(ScopeType.INHERIT)
        .description("Shows this help.")
        .build();
  }

  private static int usage(ParameterException exception, Surroundings around) {
    around.say(sentence(exception, around));
    around.say(
        "'%s --help' tells what is allowed"
            .formatted(exception.getCommandLine().getCommandSpec().qualifiedName()));
    return ExitCode.USAGE;
  }

  private static String sentence(ParameterException exception, Surroundings around) {
    if (!(exception instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return String.valueOf(exception.getMessage());
    }
    String given = unmatched.getUnmatched().getFirst();
    return "'"
        + given
        + "' is not known here"
        + Words.meant(named(given), words(exception, around));
  }

  /** {@code --gpu} of {@code --gpu=4}. */
  private static String named(String given) {
    int end = given.indexOf('=');
    return given.startsWith("-") && end > 0 ? given.substring(0, end) : given;
  }

  private static List<String> words(ParameterException exception, Surroundings around) {
    CommandLine line = exception.getCommandLine();
    List<String> words = new ArrayList<>(line.getSubcommands().keySet());
    if (line.getParent() == null) {
      words.addAll(around.otherVerbs());
    }
    line.getCommandSpec().options().forEach(option -> words.addAll(List.of(option.names())));
    return words;
  }

  private static int failure(Exception exception, Surroundings around) throws Exception {
    around.out().flush();
    return switch (exception) {
      case CollectorException refused -> refused(refused, around);
      case SetUpException broken -> {
        around.say(String.valueOf(broken.getMessage()));
        yield ExitCode.CONFIGURATION;
      }
      default -> throw exception;
    };
  }

  private static int refused(CollectorException refused, Surroundings around) {
    around.say(refused.sentence());
    if (refused.kind() == CollectorException.Kind.FORBIDDEN) {
      around.say("--token-file FILE names the file with the token to send");
    }
    return ExitCode.FAILED;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
