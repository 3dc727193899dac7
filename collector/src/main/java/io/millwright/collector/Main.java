package io.millwright.collector;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.ArrayList;
import java.util.List;
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
    line.getErr().println(sentence(exception));
    line.getErr()
        .println("'" + line.getCommandSpec().qualifiedName() + " --help' tells what is allowed");
    return USAGE;
  }

  /** With the nearest right word, where a word was not known. */
  private static String sentence(ParameterException exception) {
    if (!(exception instanceof CommandLine.UnmatchedArgumentException unmatched)) {
      return String.valueOf(exception.getMessage());
    }
    CommandLine.Model.CommandSpec spec = exception.getCommandLine().getCommandSpec();
    List<String> words = new ArrayList<>(spec.subcommands().keySet());
    spec.options().forEach(option -> words.addAll(List.of(option.names())));
    String meant =
        unmatched.getUnmatched().stream()
            .findFirst()
            .flatMap(given -> Spelling.nearest(given, words))
            .map(word -> "; did you mean " + word + "?")
            .orElse("");
    return "'" + String.join(" ", unmatched.getUnmatched()) + "' is not known here" + meant;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
