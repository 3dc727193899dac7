package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.UnclaimedView;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code unclaimed}: runs that only their nodes know, and the end of one. */
@Command(
    name = "unclaimed",
    description = {
      "Lists runs that connected nodes have and the collector's book does not know.",
      "They keep their accelerators, and nobody but a person ends them."
    })
final class UnclaimedCommand implements Callable<Integer> {
  private static final String PATH = "/v1/unclaimed";

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  private UnclaimedCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  static CommandLine line(Surroundings around) {
    return new CommandLine(new UnclaimedCommand(around)).addSubcommand(new End(around));
  }

  @Override
  public Integer call() {
    Fetched<UnclaimedView> runs = Fetched.of(connection.collector(), PATH, Views.UNCLAIMED);
    view.screen().list(Views.UNCLAIMED, runs);
    return ExitCode.DONE;
  }

  /** {@code unclaimed end}. */
  @Command(
      name = "end",
      description = {
        "Ends one of them: its processes are stopped as if it had been cancelled.",
        "Needs the role admin. Lists what is unclaimed then."
      })
  static final class End implements Callable<Integer> {
    private static final Pattern ID = Pattern.compile("(.+)-r([1-9][0-9]{0,8})");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(index = "0", paramLabel = "N", description = "The node's name.")
    private String node = "";

    @Parameters(index = "1", paramLabel = "RUN", description = "The run, as in hello-r1.")
    private String run = "";

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    End(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      Matcher id = ID.matcher(run);
      if (!id.matches()) {
        throw new ParameterException(
            spec.commandLine(),
            "RUN: '%s' is refused; allowed is a run such as hello-r1".formatted(run));
      }
      byte[] wish =
          Json.object()
              .put("job", id.group(1))
              .put("run", Integer.parseInt(id.group(2)))
              .put("reason", reason)
              .toString()
              .getBytes(StandardCharsets.UTF_8);
      Collector collector = connection.collector();
      String path = "/v1/nodes/" + Collector.part(node) + "/unclaimed/end";
      JsonNode left = collector.post(path, wish);
      view.screen().list(Views.UNCLAIMED, Fetched.of(collector, left, Views.UNCLAIMED));
      return ExitCode.DONE;
    }
  }
}
