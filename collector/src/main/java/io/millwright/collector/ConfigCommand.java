package io.millwright.collector;

import io.millwright.collector.self.Descriptors;
import io.millwright.protocol.clock.Clock;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code collector config}. */
@Command(
    name = "config",
    description = "Looks at what a collector would run with.",
    mixinStandardHelpOptions = true,
    subcommands = {ConfigCommand.Check.class, CommandLine.HelpCommand.class})
final class ConfigCommand implements Runnable {
  private static final int DONE = 0;
  private static final int USAGE = 64;
  private static final int CONFIGURATION = 78;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a verb is missing: check");
  }

  /** {@code collector config check}. Exit codes: 0 good, 64 usage, 78 a mistake. */
  @Command(
      name = "check",
      description = {
        "Says every mistake of the options of 'collector run' and of what they name at once; exit code 78 if there is one.",
        "It starts nothing and changes nothing, also beside a collector that runs: run it as the collector's user."
      },
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Mixin private CollectorArguments arguments = new CollectorArguments();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() {
      List<String> usage = arguments.usage(Runtime.getRuntime().maxMemory());
      List<String> mistakes = new ArrayList<>(usage);
      mistakes.addAll(new SetUpCheck(arguments, Clock.system()).everything());
      if (!mistakes.isEmpty()) {
        PrintWriter err = spec.commandLine().getErr();
        mistakes.forEach(err::println);
        return usage.isEmpty()
            ? CONFIGURATION
            : USAGE; // as 'collector run', which looks no further
      }
      files().ifPresent(sentence -> spec.commandLine().getErr().println("note: " + sentence));
      spec.commandLine().getOut().println("configuration is good");
      return DONE;
    }

    /**
     * The limit of whoever checks, which may not be the unit's: no mistake of the configuration.
     */
    private Optional<String> files() {
      return Descriptors.own().tooFew(arguments.expectedNodes());
    }
  }
}
