package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What people enter and end by hand: windows, overrides, returns. The verbs {@code list} and {@code
 * end} are the same for all of them.
 *
 * @param path where the collector has them, as in {@code /v1/maintenance}
 */
record Entries<T>(String path, Listing<T> listing) {

  /** Sends what is entered, and shows what has come of it. */
  void add(ConnectionOptions connection, ViewOptions view, byte[] wish) {
    send(connection, view, path, wish);
  }

  private void send(ConnectionOptions connection, ViewOptions view, String to, byte[] wish) {
    Collector collector = connection.collector();
    JsonNode tree = collector.post(to, wish, JsonNode.class);
    T one = collector.view(tree, listing.type());
    Screen screen = view.screen();
    screen.one(listing, tree, () -> List.of(listing.table(List.of(one), screen.wide())));
  }

  /**
   * @param description of the verb, in one sentence
   */
  CommandLine list(Surroundings around, String description) {
    return described(new CommandLine(new ListAll(around, this)), description);
  }

  /**
   * @param description of the verb, in one sentence
   */
  CommandLine end(Surroundings around, String description) {
    return described(new CommandLine(new End(around, this)), description);
  }

  private static CommandLine described(CommandLine line, String description) {
    line.getCommandSpec().usageMessage().description(description);
    return line;
  }

  /** The verb {@code list}. */
  @Command(name = "list")
  private static final class ListAll implements Callable<Integer> {
    private final Entries<?> entries;

    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    ListAll(Surroundings around, Entries<?> entries) {
      this.entries = entries;
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      show(entries);
      return ExitCode.DONE;
    }

    private <T> void show(Entries<T> all) {
      view.screen()
          .list(all.listing(), Fetched.of(connection.collector(), all.path(), all.listing()));
    }
  }

  /** The verb {@code end}. */
  @Command(name = "end")
  private static final class End implements Callable<Integer> {
    private final Entries<?> entries;

    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "ID", description = "As the verb list shows it.")
    private String id = "";

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    End(Surroundings around, Entries<?> entries) {
      this.entries = entries;
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      byte[] wish = Json.object().put("reason", reason).toString().getBytes(StandardCharsets.UTF_8);
      entries.send(connection, view, entries.path() + "/" + Collector.part(id) + "/end", wish);
      return ExitCode.DONE;
    }
  }
}
