package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.config.AgentConfigText;
import io.millwright.agent.config.ConfigReport;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.config.SiteRules;
import io.millwright.agent.dialect.DialectException;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.TlsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The daemon and its configuration. */
@Command(
    name = "agent",
    description = "The daemon.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      AgentCommand.Run.class,
      JoinCommand.class,
      AgentCommand.Config.class,
      DoctorCommand.class,
      CommandLine.HelpCommand.class
    })
final class AgentCommand implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a verb is missing: run, join, config or doctor");
  }

  /** Runs until it is told to stop. */
  @Command(
      name = "run",
      description =
          "Runs the agent until it is told to stop; SIGHUP reads the configuration again.",
      mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    @Mixin private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() throws InterruptedException {
      return new Daemon(options.reading(), System.err).runUntilStopped();
    }
  }

  /** Looks at the configuration. */
  @Command(
      name = "config",
      description = "Looks at the configuration.",
      mixinStandardHelpOptions = true,
      subcommands = {Check.class, Show.class})
  static final class Config implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "a verb is missing: check or show");
    }
  }

  /** Says every problem at once. */
  @Command(
      name = "check",
      description =
          "Says every problem of the configuration at once; exit code 78 if there is one.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Mixin private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() {
      return switch (options.reading().get()) {
        case ConfigResult.Loaded(var config, String ignored) -> checked(config);
        case ConfigResult.Rejected(var problems) -> {
          System.err.print(ConfigReport.text(problems));
          yield ExitCode.CONFIGURATION;
        }
      };
    }

    /** What the configuration names is looked at too, where the agent reads it but once. */
    private static int checked(AgentConfig config) {
      try {
        Dialects.of(config);
      } catch (DialectException e) {
        System.err.print(Daemon.sentences(e));
        return ExitCode.CONFIGURATION;
      }
      try {
        checkIdentity(config);
      } catch (TlsException | IllegalArgumentException e) {
        System.err.println("collector.credentials: " + e.getMessage());
        return ExitCode.CONFIGURATION;
      }
      if (Agent.siteRules(config).read() instanceof SiteRules.Result.Refused(var problems)) {
        System.err.print(ConfigReport.text(problems));
        return ExitCode.CONFIGURATION;
      }
      System.out.println("configuration is good");
      return ExitCode.DONE;
    }

    /** Whose certificate it is; a file may also be checked where its node has not joined. */
    private static void checkIdentity(AgentConfig config) {
      Path identity = Path.of(config.collector().credentials()).resolve(Credentials.IDENTITY_FILE);
      if (!config.collector().wanted() || !Files.exists(identity)) {
        return;
      }
      if (Files.isReadable(identity)) {
        Uplinks.of(config, Clock.system());
      } else {
        System.err.println(
            "collector.credentials: not looked at, as only the agent and root may read "
                + identity);
      }
    }
  }

  /** Prints what would be in force. */
  @Command(
      name = "show",
      description = "Prints the configuration that would be in force, defaults included.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Mixin private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() {
      return switch (options.reading().get()) {
        case ConfigResult.Loaded(var config, String ignored) -> {
          System.out.print(AgentConfigText.of(config));
          yield ExitCode.DONE;
        }
        case ConfigResult.Rejected(var problems) -> {
          System.err.print(ConfigReport.text(problems));
          yield ExitCode.CONFIGURATION;
        }
      };
    }
  }
}
