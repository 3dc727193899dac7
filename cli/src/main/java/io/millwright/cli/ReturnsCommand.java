package io.millwright.cli;

import io.millwright.protocol.views.ReturnView;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code returns}: parts that go back to whoever made them. */
@Command(
    name = "returns",
    description = "Says under which ticket a part goes back, and whether it was seen again.")
final class ReturnsCommand implements Runnable {
  private static final Entries<ReturnView> ENTRIES = new Entries<>("/v1/returns", Views.RETURNS);

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  static CommandLine line(Surroundings around) {
    return new CommandLine(new ReturnsCommand())
        .addSubcommand(new Add(around))
        .addSubcommand(ENTRIES.list(around, "Lists the returns, also those that have ended."))
        .addSubcommand(ENTRIES.end(around, "Ends a return: nothing is said of the part any more."));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing: add, list or end");
  }

  /** {@code returns add}. */
  @Command(
      name = "add",
      description =
          "What is told of the part carries the ticket; it is said where the part is seen again.")
  static final class Add implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "SERIAL", description = "The part's serial number.")
    private String serial = "";

    @Option(
        names = "--ticket",
        paramLabel = "T",
        required = true,
        description = "By which the maker or the site knows the case.")
    private String ticket = "";

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    Add(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      byte[] wish =
          Json.object()
              .put("serial", serial)
              .put("ticket", ticket)
              .put("reason", reason)
              .toString()
              .getBytes(StandardCharsets.UTF_8);
      ENTRIES.add(connection, view, wish);
      return ExitCode.DONE;
    }
  }
}
