package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.ReturnView;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
  private static final String PATH = "/v1/returns";

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  static CommandLine line(Surroundings around) {
    return new CommandLine(new ReturnsCommand())
        .addSubcommand(new Add(around))
        .addSubcommand(new ListAll(around))
        .addSubcommand(new End(around));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing: add, list or end");
  }

  private static void show(Screen screen, Collector collector, JsonNode tree) {
    ReturnView one = collector.view(tree, ReturnView.class);
    screen.one(
        Views.RETURNS, tree, () -> List.of(Views.RETURNS.table(List.of(one), screen.wide())));
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
      Collector collector = connection.collector();
      show(view.screen(), collector, collector.post(PATH, wish, JsonNode.class));
      return ExitCode.DONE;
    }
  }

  /** {@code returns list}. */
  @Command(name = "list", description = "Lists the returns, also those that have ended.")
  static final class ListAll implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    ListAll(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      view.screen().list(Views.RETURNS, Fetched.of(connection.collector(), PATH, Views.RETURNS));
      return ExitCode.DONE;
    }
  }

  /** {@code returns end}. */
  @Command(name = "end", description = "Ends a return: nothing is said of the part any more.")
  static final class End implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "ID", description = "Of the return, as in r7.")
    private String id = "";

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    End(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      Collector collector = connection.collector();
      byte[] wish = Json.object().put("reason", reason).toString().getBytes(StandardCharsets.UTF_8);
      String path = PATH + "/" + Collector.part(id) + "/end";
      show(view.screen(), collector, collector.post(path, wish, JsonNode.class));
      return ExitCode.DONE;
    }
  }
}
