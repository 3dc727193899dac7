package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.RecoveryView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code recovery}: what a collector waits for whose store is older than its nodes. */
@Command(
    name = "recovery",
    description = {
      "Shows whether the collector's store is older than what its nodes know.",
      "After a restore no job is placed or stopped before all nodes have said what they have."
    })
final class RecoveryCommand implements Callable<Integer> {
  private static final String PATH = "/v1/recovery";

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  private RecoveryCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  static CommandLine line(Surroundings around) {
    return new CommandLine(new RecoveryCommand(around))
        .addSubcommand(new Lost(around))
        .addSubcommand(new Release(around));
  }

  @Override
  public Integer call() {
    Collector collector = connection.collector();
    show(view.screen(), collector, collector.get(PATH));
    return ExitCode.DONE;
  }

  private static void show(Screen screen, Collector collector, JsonNode tree) {
    RecoveryView one = collector.view(tree, RecoveryView.class);
    screen.one(Views.RECOVERY, tree, () -> tables(one));
  }

  private static List<Table> tables(RecoveryView recovery) {
    Facts facts = new Facts();
    facts.addWord("recovery", recovery.phase());
    recovery.sinceMs().ifPresent(at -> facts.add("since", Amounts.time(at)));
    if (!recovery.why().isEmpty()) {
      facts.add("why", recovery.why());
    }
    facts.add("answered", Integer.toString(recovery.answered()));
    recovery.waitingFor().forEach(node -> facts.add("waits-for", node));
    recovery.lost().forEach(node -> facts.add("lost", node));
    recovery.held().forEach(run -> facts.add("held", run));
    recovery.strangers().forEach(one -> facts.add("unknown-run", one.run() + " on " + one.node()));
    facts.add("nodes-that-refuse", Integer.toString(recovery.refusingNodes()));
    return new ArrayList<>(List.of(facts.table()));
  }

  private static int post(
      ConnectionOptions connection, ViewOptions view, String path, JsonNode wish) {
    Collector collector = connection.collector();
    byte[] body = wish.toString().getBytes(StandardCharsets.UTF_8);
    show(view.screen(), collector, collector.post(PATH + path, body, JsonNode.class));
    return ExitCode.DONE;
  }

  /** {@code recovery lost}. */
  @Command(
      name = "lost",
      description = {
        "Waits for a node no more: its runs end as lost when the recovery ends.",
        "Needs the role admin. What still runs on the node is stopped once it comes back."
      })
  static final class Lost implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "N", description = "The node's name.")
    private String node = "";

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    Lost(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      return post(connection, view, "/lost", Json.object().put("node", node).put("reason", reason));
    }
  }

  /** {@code recovery release}. */
  @Command(
      name = "release",
      description = {
        "Lets the runs go on that were queued in the older store.",
        "Needs the role admin. Cancel first those that were cancelled since the backup."
      })
  static final class Release implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Option(names = "--reason", paramLabel = "R", required = true, description = "Why.")
    private String reason = "";

    Release(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      return post(connection, view, "/release", Json.object().put("reason", reason));
    }
  }
}
