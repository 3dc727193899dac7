package io.millwright.agent;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The verbs of the agent. Exit codes: 0 done, 1 failed, 64 usage, 78 configuration. */
@Command(
    name = "millwright",
    description = "The node agent of on-premises AI factories.",
    subcommands = {
      UpCommand.class,
      AgentCommand.class,
      HealthCommand.class,
      PrepareCommand.class,
      ReleaseCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeOnInvalidInput = ExitCode.USAGE,
    exitCodeOnExecutionException = ExitCode.FAILED)
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  Main() {
    spec = CommandLine.Model.CommandSpec.create();
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs one verb; returns its exit code. */
  public static int run(String... arguments) {
    return commandLine(new Main()).execute(arguments);
  }

  /**
   * Runs {@code up}; returns its exit code.
   *
   * @param afterwards done once the agent has stopped, also where a signal ends the process; not
   *     where it never started
   */
  public static int up(Runnable afterwards, String... arguments) {
    CommandLine line = commandLine(new Main());
    CommandLine up = line.getSubcommands().getOrDefault("up", line);
    if (up.getCommand() instanceof UpCommand command) {
      command.afterwards(afterwards);
    }
    return line.execute(arguments);
  }

  /** The command line of these verbs, with our exit codes and error texts. */
  public static CommandLine commandLine(Object verbs) {
    CommandLine line = new CommandLine(verbs);
    line.setParameterExceptionHandler((exception, rejected) -> usage(exception));
    return line;
  }

  private static int usage(ParameterException exception) {
    CommandLine line = exception.getCommandLine();
    line.getErr().println(sentence(exception) + meant(exception));
    line.getErr()
        .println("'" + line.getCommandSpec().qualifiedName() + " --help' tells what is allowed");
    return ExitCode.USAGE;
  }

  private static String sentence(ParameterException exception) {
    return exception instanceof CommandLine.UnmatchedArgumentException unmatched
        ? "'" + String.join(" ", unmatched.getUnmatched()) + "' is not known here"
        : String.valueOf(exception.getMessage());
  }

  /** The nearest right word, where a word was not known. */
  private static String meant(ParameterException exception) {
    if (!(exception instanceof CommandLine.UnmatchedArgumentException unmatched)) {
      return "";
    }
    CommandLine.Model.CommandSpec spec = exception.getCommandLine().getCommandSpec();
    List<String> words = new ArrayList<>(spec.subcommands().keySet());
    spec.options().forEach(option -> words.addAll(List.of(option.names())));
    return unmatched.getUnmatched().stream()
        .findFirst()
        .flatMap(given -> Spelling.nearest(given, words))
        .map(word -> "; did you mean " + word + "?")
        .orElse("");
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }

  /** What {@code --version} prints. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"millwright " + BuildFacts.read().version()};
    }
  }
}
