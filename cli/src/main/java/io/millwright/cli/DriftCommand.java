package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.DriftView;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code drift}: which accelerators have another driver or firmware than they should. */
@Command(
    name = "drift",
    description = {
      "Lists accelerators whose driver or firmware differs from the site's signed set,",
      "and where it says nothing, from most of their SKU in the fleet and in their domain."
    })
final class DriftCommand implements Callable<Integer> {
  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(names = "--node", paramLabel = "N", description = "Of this node alone.")
  private @Nullable String node;

  DriftCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    Collector collector = connection.collector();
    JsonNode tree =
        collector.get("/v1/drift" + (node == null ? "" : "?node=" + Collector.part(node)));
    DriftView drift = collector.view(tree, DriftView.class);
    Screen screen = view.screen();
    screen.rows(Views.DRIFT, tree, () -> tables(drift, screen));
    return ExitCode.DONE;
  }

  private static List<Table> tables(DriftView drift, Screen screen) {
    Facts facts = new Facts();
    facts.add(
        "desired",
        drift
            .desired()
            .map(DriftCommand::words)
            .orElse("none; compared with the fleet's majority"));
    facts.add("compared", drift.compared() + " nodes");
    drift.unmatched().forEach(sku -> facts.add("unmatched", sku + ": no such accelerator is seen"));
    facts.add("differences", differences(drift));
    return List.of(facts.table(), Views.DRIFT.table(drift.differences(), screen.wide()));
  }

  private static String differences(DriftView drift) {
    int listed = drift.differences().size();
    int more = drift.more().orElse(0);
    return more == 0
        ? Integer.toString(listed)
        : "%d; %d of them are not listed, --node lists those of one node"
            .formatted(listed + more, more);
  }

  private static String words(DriftView.Desired desired) {
    return desired.name()
        + desired.trouble().map(why -> " (an older one holds: " + why + ")").orElse("");
  }
}
