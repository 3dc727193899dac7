package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.AcceptanceView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code acceptance}: whether the equipment of nodes was accepted. */
@Command(
    name = "acceptance",
    description = {
      "Lists whether the equipment of each node was accepted; of one node, what it is.",
      "A node whose serial numbers, firmware or driver changed since is not accepted any more."
    })
final class AcceptanceCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Parameters(arity = "0..1", paramLabel = "N", description = "The node's name; all without it.")
  private @Nullable String node;

  AcceptanceCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    Collector collector = connection.collector();
    if (node == null) {
      view.screen()
          .list(Views.ACCEPTANCE, Fetched.of(collector, "/v1/acceptance", Views.ACCEPTANCE));
      return ExitCode.DONE;
    }
    show(
        view.screen(),
        collector,
        collector.get("/v1/nodes/" + Collector.part(node) + "/acceptance"));
    return ExitCode.DONE;
  }

  private static void show(Screen screen, Collector collector, JsonNode tree) {
    AcceptanceView one = collector.view(tree, AcceptanceView.class);
    screen.one(Views.ACCEPTANCE, tree, () -> tables(one, screen));
  }

  private static List<Table> tables(AcceptanceView node, Screen screen) {
    Facts facts = new Facts();
    facts.add("node", node.node());
    facts.addWord("acceptance", node.state());
    facts.add("withheld", Amounts.yes(node.withheld()));
    node.changes().forEach(change -> facts.add("changed", change));
    if (!node.why().isEmpty()) {
      facts.add("why", node.why());
    }
    facts.add("changed-at", Amounts.time(node.changedMs()));
    node.pass()
        .ifPresent(pass ->
            facts.add(
                "accepted",
                "%s by %s: %s".formatted(Amounts.time(pass.atMs()), pass.by(), pass.evidence())));
    node.chassis().forEach((what, serial) -> facts.add("chassis-" + what, serial));
    node.drivers().forEach((vendor, version) -> facts.add("driver-" + vendor, version));
    List<Table> tables = new ArrayList<>(List.of(facts.table()));
    tables.add(Views.EQUIPMENT.table(node.devices(), screen.wide()));
    return tables;
  }

  /** {@code accept}. */
  @Command(
      name = "accept",
      description = {
        "Accepts the equipment that a node tells of now, without a test.",
        "Needs the role operator. What the node does not tell now is not a part of it."
      })
  static final class Accept implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "N", description = "The node's name.")
    private String node = "";

    @Option(
        names = "--reason",
        paramLabel = "R",
        required = true,
        description = "Why, in a few words; it is written down.")
    private String reason = "";

    Accept(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      Collector collector = connection.collector();
      byte[] wish = Json.object().put("reason", reason).toString().getBytes(StandardCharsets.UTF_8);
      show(
          view.screen(),
          collector,
          collector.post("/v1/nodes/" + Collector.part(node) + "/accept", wish, JsonNode.class));
      return ExitCode.DONE;
    }
  }
}
