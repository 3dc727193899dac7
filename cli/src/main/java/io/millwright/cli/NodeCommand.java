package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.AcceleratorView;
import io.millwright.protocol.views.AcceptanceView;
import io.millwright.protocol.views.IncidentView;
import io.millwright.protocol.views.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code node}: one node; a table has its accelerators too, and the evidence. */
@Command(
    name = "node",
    description = "Shows one node, its accelerators, and what speaks against them.")
final class NodeCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Parameters(paramLabel = "N", description = "The node's name.")
  private String name = "";

  NodeCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    Collector collector = connection.collector();
    JsonNode tree = collector.get("/v1/nodes/" + Collector.part(name));
    NodeView node = collector.view(tree, NodeView.class);
    Screen screen = view.screen();
    screen.one(Views.NODES, tree, () -> details(node, collector, screen));
    return ExitCode.DONE;
  }

  private List<Table> details(NodeView node, Collector collector, Screen screen) {
    List<AcceleratorView> accelerators =
        Fetched.of(collector, AcceleratorsCommand.path(name), Views.ACCELERATORS).views();
    Map<String, String> serials = new HashMap<>();
    accelerators.forEach(
        one -> one.serial().ifPresent(serial -> serials.put(one.accelerator(), serial)));
    List<Table> tables = new ArrayList<>();
    tables.add(facts(node, acceptance(collector)));
    if (!accelerators.isEmpty()) {
      tables.add(Views.ACCELERATORS_OF_NODE.table(accelerators, screen.wide()));
    }
    incidents(collector).ifPresent(tables::add);
    String address = collector.address().url();
    node.evidence()
        .forEach(evidence -> tables.add(EvidenceFacts.table(evidence, serials, address)));
    return tables;
  }

  /** A collector of before incidents has none to tell of. */
  private Optional<Table> incidents(Collector collector) {
    try {
      List<IncidentView> open =
          Fetched.of(collector, IncidentsCommand.ofNode("open", name), Views.INCIDENTS).views();
      return open.isEmpty() ? Optional.empty() : Optional.of(Views.INCIDENTS.table(open, false));
    } catch (CollectorException e) {
      if (e.kind() == CollectorException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A node without accelerators has none, and a collector of before acceptance knows none. */
  private Optional<AcceptanceView> acceptance(Collector collector) {
    try {
      JsonNode tree = collector.get("/v1/nodes/" + Collector.part(name) + "/acceptance");
      return Optional.of(collector.view(tree, AcceptanceView.class));
    } catch (CollectorException e) {
      if (e.kind() == CollectorException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Table facts(NodeView node, Optional<AcceptanceView> acceptance) {
    Facts facts = new Facts();
    facts.add("node", node.node());
    facts.addWord("link", node.link());
    facts.addWord("verdict", node.verdict());
    node.duty().ifPresent(duty -> NodeFacts.duty(facts, duty));
    acceptance.ifPresent(known -> NodeFacts.acceptance(facts, known));
    node.serial().ifPresent(serial -> facts.add("serial", serial));
    node.place().ifPresent(place -> NodeFacts.place(facts, place));
    node.tickets().ifPresent(tickets -> facts.add("returned-under", tickets));
    facts.add("last-seen", Amounts.time(node.lastSeenMs()));
    facts.add("clock-offset", node.clockOffsetMs() + "ms");
    facts.add("agent", node.agentVersion());
    node.mode().ifPresent(mode -> facts.add("mode", mode));
    facts.add("simulated", Amounts.yes(node.simulated()));
    facts.add("accelerators", node.acceleratorsUp() + " of " + node.accelerators() + " up");
    facts.add("power", Amounts.watts(node.powerWatts()));
    return facts.table();
  }
}
