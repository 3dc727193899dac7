package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.views.IncidentView;
import io.millwright.protocol.views.SchedulerReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code incidents}: what is open, one with its evidence, or a line for Slurm. */
@Command(
    name = "incidents",
    description = "Lists open incidents, one physical cause each, or shows one with its evidence.")
final class IncidentsCommand implements Callable<Integer> {
  private final Surroundings around;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Parameters(paramLabel = "ID", arity = "0..1", description = "One incident, with its evidence.")
  private @Nullable String id;

  @Option(names = "--all", description = "Closed ones too.")
  private boolean all;

  @Option(names = "--node", paramLabel = "N", description = "Only those that touch this node.")
  private @Nullable String node;

  @Option(
      names = "--slurm-reason",
      paramLabel = "N",
      description =
          "One line about this node for 'scontrol update … reason='; nothing where none is open.")
  private @Nullable String reason;

  static CommandLine line(Surroundings around) {
    return new CommandLine(new IncidentsCommand(around)).addSubcommand(new Close(around));
  }

  IncidentsCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    boolean oneAndList = id != null && (all || node != null);
    boolean lineAndOther = reason != null && (id != null || node != null);
    if (oneAndList || lineAndOther) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "ID, --node and --slurm-reason do not go together: name one incident, or list those of a node");
    }
    if (reason != null) {
      return slurm(reason);
    }
    return id == null ? list() : one(id);
  }

  private int list() {
    view.screen()
        .list(Views.INCIDENTS, Fetched.of(connection.collector(), path(), Views.INCIDENTS));
    return ExitCode.DONE;
  }

  private String path() {
    String path = all ? "/v1/incidents" : "/v1/incidents?state=open";
    return node == null ? path : ofNode(all ? "all" : "open", node);
  }

  /** Of one node. */
  static String ofNode(String state, String name) {
    return "/v1/incidents?state=%s&node=%s".formatted(state, Collector.part(name));
  }

  private int one(String wanted) {
    Collector collector = connection.collector();
    JsonNode tree = collector.get("/v1/incidents/" + Collector.part(wanted));
    IncidentView incident = collector.view(tree, IncidentView.class);
    view.screen().one(Views.INCIDENTS, tree, () -> details(incident, collector.address().url()));
    return ExitCode.DONE;
  }

  private static List<Table> details(IncidentView incident, String collector) {
    List<Table> tables = new ArrayList<>();
    tables.add(facts(incident));
    incident.evidence().forEach(evidence -> tables.add(evidence(evidence, collector)));
    return tables;
  }

  /** What is known of it at a glance. */
  static Table facts(IncidentView incident) {
    Facts facts = new Facts();
    facts.add("incident", incident.id());
    facts.add("state", incident.state());
    facts.add("severity", incident.severity());
    facts.add("summary", incident.summary());
    facts.add("opened", Amounts.time(incident.openedMs()));
    incident.closedMs().ifPresent(at -> facts.add("closed", Amounts.time(at)));
    incident.closedBy().ifPresent(who -> facts.add("closed-by", who));
    incident.closeReason().ifPresent(why -> facts.add("reason", why));
    facts.add("called", incident.page());
    incident
        .root()
        .flatMap(IncidentView.Root::serial)
        .ifPresent(serial -> facts.add("serial", serial));
    incident.tickets().ifPresent(tickets -> facts.add("returned-under", tickets));
    facts.add("in-30-days", Integer.toString(incident.repeats()));
    facts.add("nodes", String.join(",", incident.nodes()));
    if (!incident.jobs().isEmpty()) {
      facts.add("jobs", String.join(",", incident.jobs()));
    }
    if (!incident.aliases().isEmpty()) {
      facts.add("also", String.join(",", incident.aliases()));
    }
    return facts.table();
  }

  private static Table evidence(IncidentView.Evidence evidence, String collector) {
    Facts facts = new Facts();
    String where =
        evidence
            .accelerator()
            .map(number -> evidence.node() + " accelerator " + number)
            .orElse(evidence.node());
    facts.addWord(where, evidence.verdict());
    evidence.serial().ifPresent(serial -> facts.add("serial", serial));
    facts.add("rule", evidence.rule() + version(evidence));
    facts.add("observed", evidence.observed());
    facts.add("since", Amounts.time(evidence.sinceMs()));
    facts.add(
        "advice", evidence.advice() + evidence.scope().map(what -> ", of the " + what).orElse(""));
    evidence.clears().ifPresent(words -> facts.add("clears", words));
    evidence.clearedMs().ifPresent(at -> facts.add("cleared", Amounts.time(at)));
    evidence.runbook().ifPresent(path -> facts.add("runbook", collector + path));
    return facts.table();
  }

  private static String version(IncidentView.Evidence evidence) {
    return evidence.version().isPresent() ? " version " + evidence.version().getAsInt() : "";
  }

  /** {@code incidents close}. */
  @Command(
      name = "close",
      description = {
        "Closes an incident whose cause will not report again, as of a node that is gone for good.",
        "Needs the role operator. What comes afterwards is a new incident."
      })
  static final class Close implements Callable<Integer> {
    @Mixin private ConnectionOptions connection;
    @Mixin private ViewOptions view;

    @Parameters(paramLabel = "ID", description = "Of the incident, as in inc-2026-1122-7.")
    private String id = "";

    @Option(
        names = "--reason",
        paramLabel = "R",
        required = true,
        description = "Why, in a few words; it is shown to others and written down.")
    private String reason = "";

    @Option(
        names = "--anyway",
        description = "Also while its evidence stands; that opens no other until it says more.")
    private boolean anyway;

    Close(Surroundings around) {
      this.connection = new ConnectionOptions(around);
      this.view = new ViewOptions(around);
    }

    @Override
    public Integer call() {
      ObjectNode wish = Json.object().put("reason", reason);
      if (anyway) {
        wish.put("anyway", true);
      }
      Collector collector = connection.collector();
      JsonNode tree =
          collector.post(
              "/v1/incidents/" + Collector.part(id) + "/close",
              wish.toString().getBytes(StandardCharsets.UTF_8),
              JsonNode.class);
      IncidentView incident = collector.view(tree, IncidentView.class);
      view.screen().one(Views.INCIDENTS, tree, () -> details(incident, collector.address().url()));
      return ExitCode.DONE;
    }
  }

  private int slurm(String name) {
    Fetched<IncidentView> open =
        Fetched.of(connection.collector(), ofNode("open", name), Views.INCIDENTS);
    Optional<IncidentView> worst =
        open.views().stream()
            .filter(one -> one.severity().equals("critical"))
            .findFirst()
            .or(() -> open.views().stream().findFirst());
    worst.ifPresent(one -> around.out().println(SchedulerReason.of(one.id(), one.summary())));
    return ExitCode.DONE;
  }
}
