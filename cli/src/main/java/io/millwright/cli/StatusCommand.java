package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.views.EvidenceView;
import io.millwright.protocol.views.FleetVersionsView;
import io.millwright.protocol.views.FleetView;
import io.millwright.protocol.views.NodeView;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code status}: how the fleet is, in at most ten lines, and as an exit code: 0 ok, 10 degraded,
 * 11 failed, 12 unknown, 13 unreachable.
 */
@Command(
    name = "status",
    description = {
      "Says how the fleet is, in at most ten lines.",
      "Exit codes: 0 ok, 10 degraded, 11 failed, 12 unknown, 13 the collector cannot be reached."
    })
final class StatusCommand implements Callable<Integer> {
  private static final int MOST_TROUBLES = 4;

  private final Surroundings around;

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      description =
          "version: a line for each agent version, with its nodes, what they told and its incidents. The exit code is the fleet's all the same.")
  private @Nullable String by;

  @Spec private CommandSpec spec = CommandSpec.create();

  StatusCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  /** One reason why something is not well. */
  private record Trouble(String verdict, String words) {
    Verdict badness() {
      return Verdict.ofWord(verdict).orElse(Verdict.UNKNOWN);
    }
  }

  @Override
  public Integer call() {
    if (by != null && !by.equals("version")) {
      throw new ParameterException(
          spec.commandLine(), "--by: '%s' is refused; allowed is version".formatted(by));
    }
    try {
      return shown(connection.collector());
    } catch (CollectorException e) {
      if (e.kind() != CollectorException.Kind.AWAY) {
        throw e;
      }
      around.say(e.sentence());
      return ExitCode.UNREACHABLE;
    }
  }

  private int shown(Collector collector) {
    JsonNode tree = collector.get("/v1/fleet");
    FleetView fleet = collector.view(tree, FleetView.class);
    Verdict verdict =
        Verdict.ofWord(fleet.verdict())
            .orElseThrow(
                () -> collector.strange("has the verdict '%s'".formatted(fleet.verdict())));
    if (by == null) {
      view.screen()
          .one(Views.FLEET, tree, () -> List.of(facts(fleet, troubles(collector, verdict))));
    } else {
      versions(collector);
    }
    return switch (verdict) {
      case OK -> ExitCode.DONE;
      case DEGRADED -> ExitCode.DEGRADED;
      case FAILED -> ExitCode.VERDICT_FAILED;
      case UNKNOWN -> ExitCode.UNKNOWN;
    };
  }

  private void versions(Collector collector) {
    JsonNode tree = collector.get("/v1/fleet?by=version");
    FleetVersionsView versions = collector.view(tree, FleetVersionsView.class);
    Screen screen = view.screen();
    screen.rows(
        Views.VERSIONS,
        tree,
        () -> List.of(Views.VERSIONS.table(versions.versions(), screen.wide())));
  }

  /** What counts for a verdict, the worst first. */
  private static List<Trouble> troubles(Collector collector, Verdict verdict) {
    if (verdict == Verdict.OK) {
      return List.of();
    }
    List<Trouble> troubles = new ArrayList<>();
    for (NodeView node : Fetched.of(collector, "/v1/nodes", Views.NODES).views()) {
      troubles.addAll(troubles(node));
    }
    troubles.sort(Comparator.comparing(Trouble::badness).reversed());
    return troubles;
  }

  private static List<Trouble> troubles(NodeView node) {
    List<Trouble> troubles =
        node.evidence().stream()
            .filter(evidence -> !evidence.observeOnly() || isAwaited(node, evidence))
            .map(evidence -> new Trouble(evidence.verdict(), words(node, evidence)))
            .toList();
    return troubles.isEmpty() && !node.verdict().equals(Verdict.OK.word())
        ? List.of(new Trouble(node.verdict(), node.node() + ": its agent does not tell why"))
        : troubles;
  }

  /** What is unknown because it has not answered yet is told by what is only shown. */
  private static boolean isAwaited(NodeView node, EvidenceView evidence) {
    return evidence.verdict().equals(Verdict.UNKNOWN.word())
        && node.verdict().equals(Verdict.UNKNOWN.word());
  }

  private static Table facts(FleetView fleet, List<Trouble> troubles) {
    Facts facts = new Facts();
    facts.addWord("verdict", fleet.verdict());
    facts.add("nodes", nodes(fleet));
    facts.add("accelerators", accelerators(fleet));
    facts.add("power", Amounts.watts(fleet.powerWatts()));
    facts.add("simulated", Amounts.yes(fleet.simulated()));
    troubles.stream()
        .limit(MOST_TROUBLES)
        .forEach(trouble -> facts.add(trouble.verdict(), trouble.words()));
    if (troubles.size() > MOST_TROUBLES) {
      facts.add(
          "and",
          "%d more; 'millwright node N' has them".formatted(troubles.size() - MOST_TROUBLES));
    }
    return facts.table();
  }

  /** {@code 3, of which 2 connected: 1 ok, 1 degraded, 1 unknown}. */
  private static String nodes(FleetView fleet) {
    return "%d, of which %d connected%s"
        .formatted(
            fleet.nodes(),
            fleet.nodesConnected(),
            counts(
                fleet.nodesOk(), fleet.nodesDegraded(), fleet.nodesFailed(), fleet.nodesUnknown()));
  }

  private static String accelerators(FleetView fleet) {
    return "%d, of which %d up%s"
        .formatted(
            fleet.accelerators(),
            fleet.acceleratorsUp(),
            counts(
                fleet.acceleratorsOk(),
                fleet.acceleratorsDegraded(),
                fleet.acceleratorsFailed(),
                fleet.acceleratorsUnknown()));
  }

  private static String counts(int ok, int degraded, int failed, int unknown) {
    List<String> counts = new ArrayList<>();
    count(counts, ok, Verdict.OK);
    count(counts, degraded, Verdict.DEGRADED);
    count(counts, failed, Verdict.FAILED);
    count(counts, unknown, Verdict.UNKNOWN);
    return counts.isEmpty() ? "" : ": " + String.join(", ", counts);
  }

  private static void count(List<String> counts, int many, Verdict verdict) {
    if (many > 0) {
      counts.add(many + " " + verdict.word());
    }
  }

  /** {@code node1 accelerator 3: xid-79: Xid 79; advice: reboot-node}. */
  private static String words(NodeView node, EvidenceView evidence) {
    String subject =
        node.node() + evidence.accelerator().map(number -> " accelerator " + number).orElse("");
    return "%s: %s: %s; advice: %s"
        .formatted(subject, evidence.rule(), evidence.observed(), evidence.advice());
  }
}
