package io.millwright.cli;

import io.millwright.protocol.views.AcceleratorView;
import io.millwright.protocol.views.AcceptanceView;
import io.millwright.protocol.views.ActView;
import io.millwright.protocol.views.AuditHeadView;
import io.millwright.protocol.views.AuditView;
import io.millwright.protocol.views.DoctorView;
import io.millwright.protocol.views.DriftView;
import io.millwright.protocol.views.DutyView;
import io.millwright.protocol.views.EventView;
import io.millwright.protocol.views.EvidenceView;
import io.millwright.protocol.views.FleetVersionsView;
import io.millwright.protocol.views.FleetView;
import io.millwright.protocol.views.IncidentView;
import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.NodeView;
import io.millwright.protocol.views.OverrideView;
import io.millwright.protocol.views.PowerView;
import io.millwright.protocol.views.RecoveryView;
import io.millwright.protocol.views.ReturnView;
import io.millwright.protocol.views.UnclaimedView;
import io.millwright.protocol.views.UsageView;
import io.millwright.protocol.views.WindowView;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The columns of everything that is listed. */
final class Views {
  private static final int NODES_SHOWN = 2;

  static final Listing<JobView> JOBS =
      new Listing<>(
          "jobs",
          JobView.class,
          List.of(
              Column.of("JOB", "job", JobView::job),
              Column.of("RUN", "run", job -> Integer.toString(job.run())),
              Column.word("STATE", "state", JobView::state),
              new Column<>("NODES", "nodes", false, job -> Cell.plain(nodes(job.nodes()))),
              Column.of("DEVICES", "devices", Views::devices),
              Column.of("USER", "user", JobView::user),
              Column.word("OUTCOME", "outcome", job -> job.outcome().orElse("-")),
              Column.of("WALL", "wall_ms", job -> Amounts.span(job.wallMs())),
              Column.of("ENERGY", "joules", job -> Amounts.joules(job.joules())),
              Column.wide("PROJECT", "project", JobView::project),
              Column.wide("PRIORITY", "priority", job -> Integer.toString(job.priority())),
              Column.wide("SUBMITTED", "submitted_ms", job -> Amounts.time(job.submittedMs())),
              Column.wide("COMMAND", "argv", job -> String.join(" ", job.argv())),
              Column.wide("WAITING", "waiting", job -> Amounts.text(job.waiting()))));

  static final Listing<AcceptanceView> ACCEPTANCE =
      new Listing<>(
          "acceptance",
          AcceptanceView.class,
          List.of(
              Column.of("NODE", "node", AcceptanceView::node),
              Column.word("ACCEPTANCE", "state", AcceptanceView::state),
              Column.of("WITHHELD", "withheld", node -> Amounts.yes(node.withheld())),
              Column.of("CHANGED", "changed_ms", node -> Amounts.time(node.changedMs())),
              Column.of("WHY", "why", node -> dash(node.why()))));

  static final Listing<AcceptanceView.Device> EQUIPMENT =
      new Listing<>(
          "devices",
          AcceptanceView.Device.class,
          List.of(
              Column.of("SLOT", "slot", AcceptanceView.Device::slot),
              Column.of("ACCELERATOR", "index", AcceptanceView.Device::index),
              Column.of("MODEL", "model", AcceptanceView.Device::model),
              Column.of("SERIAL", "serial", device -> dash(device.serial())),
              Column.of("FIRMWARE", "firmware", device -> dash(versions(device.firmware()))),
              Column.wide("UUID", "uuid", AcceptanceView.Device::uuid)));

  static final Listing<DriftView.Difference> DRIFT =
      new Listing<>(
          "differences",
          DriftView.Difference.class,
          List.of(
              Column.of("NODE", "node", DriftView.Difference::node),
              Column.of("ACCELERATOR", "index", DriftView.Difference::index),
              Column.of("SKU", "sku", DriftView.Difference::sku),
              Column.of("COMPONENT", "component", DriftView.Difference::component),
              Column.of("ACTUAL", "actual", DriftView.Difference::actual),
              Column.of("WANTED", "wanted", one -> one.wanted().orElse("no majority")),
              Column.of("AGAINST", "against", DriftView.Difference::against),
              Column.wide("DOMAIN", "domain", one -> one.domain().orElse("-")),
              Column.wide("SLOT", "slot", DriftView.Difference::slot),
              Column.wide("UUID", "uuid", DriftView.Difference::uuid)));

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String versions(Map<String, String> firmware) {
    return firmware.entrySet().stream()
        .map(one -> one.getKey() + "=" + one.getValue())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  static final Listing<NodeView> NODES =
      new Listing<>(
          "nodes",
          NodeView.class,
          List.of(
              Column.of("NODE", "node", NodeView::node),
              Column.word("LINK", "link", NodeView::link),
              Column.word("VERDICT", "verdict", NodeView::verdict),
              Column.of("DUTY", "duty", n -> n.duty().map(NodeFacts::word).orElse("-")),
              Column.of("UP", "accelerators_up", node -> Integer.toString(node.acceleratorsUp())),
              Column.of("ACCELERATORS", "accelerators", n -> Integer.toString(n.accelerators())),
              Column.of("POWER", "power_watts", node -> Amounts.watts(node.powerWatts())),
              Column.of("LAST-SEEN", "last_seen_ms", node -> Amounts.time(node.lastSeenMs())),
              Column.of("SIMULATED", "simulated", node -> Amounts.yes(node.simulated())),
              Column.wide("EVIDENCE", "evidence", node -> rules(node.evidence())),
              Column.wide("AGENT", "agent_version", NodeView::agentVersion),
              Column.wide("MODE", "mode", node -> Amounts.text(node.mode())),
              Column.wide("CLOCK-OFFSET", "clock_offset_ms", node -> node.clockOffsetMs() + "ms")));

  static final Listing<AcceleratorView> ACCELERATORS =
      new Listing<>(
          "accelerators",
          AcceleratorView.class,
          List.of(
              Column.of("NODE", "node", AcceleratorView::node),
              Column.of("ACCELERATOR", "accelerator", AcceleratorView::accelerator),
              Column.word("STATE", "state", AcceleratorView::state),
              Column.word("VERDICT", "verdict", AcceleratorView::verdict),
              Column.of("MODEL", "model", AcceleratorView::model),
              Column.of("UTIL", "utilization", a -> Amounts.percent(a.utilization())),
              Column.of(
                  "TEMP", "temperature_celsius", a -> Amounts.celsius(a.temperatureCelsius())),
              Column.of("POWER", "power_watts", a -> Amounts.watts(a.powerWatts())),
              Column.of("MEMORY", "memory_used_bytes", Views::memory),
              Column.of("JOB", "job", a -> Amounts.text(a.job())),
              Column.wide("MEMORY-SIZE", "memory_size_bytes", a -> bytes(a.memorySizeBytes())),
              Column.wide("ENERGY", "energy_joules", a -> Amounts.joules(a.energyJoules())),
              Column.wide("EVIDENCE", "evidence", a -> rules(a.evidence())),
              Column.wide("STUCK-CALL", "stuck_call", a -> Amounts.text(a.stuckCall())),
              Column.wide("VENDOR", "vendor", AcceleratorView::vendor),
              Column.wide("SIMULATED", "simulated", a -> Amounts.yes(a.simulated())),
              Column.wide("UUID", "uuid", AcceleratorView::uuid),
              Column.wide("SERIAL", "serial", a -> Amounts.text(a.serial())),
              Column.wide("BUS", "pci_bus_id", a -> Amounts.text(a.pciBusId())),
              Column.wide("MODULE", "module", a -> Amounts.text(a.module()))));

  /** Of one node, beneath what is said of it: each with the number by which its vendor knows it. */
  static final Listing<AcceleratorView> ACCELERATORS_OF_NODE =
      new Listing<>("accelerators", AcceleratorView.class, ofNode(ACCELERATORS.columns()));

  static final Listing<FleetVersionsView.Version> VERSIONS =
      new Listing<>(
          "versions",
          FleetVersionsView.Version.class,
          List.of(
              Column.of("VERSION", "version", one -> dash(one.version())),
              number("NODES", "nodes", FleetVersionsView.Version::nodes),
              number("CONNECTED", "nodes_connected", FleetVersionsView.Version::nodesConnected),
              number("LOST", "nodes_lost", FleetVersionsView.Version::nodesLost),
              number("OK", "nodes_ok", FleetVersionsView.Version::nodesOk),
              number("DEGRADED", "nodes_degraded", FleetVersionsView.Version::nodesDegraded),
              number("FAILED", "nodes_failed", FleetVersionsView.Version::nodesFailed),
              number("UNKNOWN", "nodes_unknown", FleetVersionsView.Version::nodesUnknown),
              Column.of("SINCE", "since_ms", one -> Amounts.time(one.sinceMs())),
              Column.of("SESSIONS", "sessions", one -> Long.toString(one.sessions())),
              Column.of("EVENTS", "events", one -> Long.toString(one.events())),
              Column.of("A NODE AND DAY", "events_per_node_day", Views::eventRate),
              number("INCIDENTS", "incidents", FleetVersionsView.Version::incidents),
              number("OPEN", "incidents_open", FleetVersionsView.Version::incidentsOpen),
              Column.wide("STALE", "nodes_stale", one -> Integer.toString(one.nodesStale())),
              Column.wide(
                  "ACCELERATORS", "accelerators", one -> Integer.toString(one.accelerators())),
              Column.wide("UP", "accelerators_up", one -> Integer.toString(one.acceleratorsUp()))));

  private static String eventRate(FleetVersionsView.Version one) {
    return one.eventsPerNodeDay().isPresent()
        ? "%.1f".formatted(one.eventsPerNodeDay().getAsDouble())
        : "-";
  }

  static final Listing<FleetView> FLEET =
      new Listing<>(
          "fleet",
          FleetView.class,
          List.of(
              Column.word("VERDICT", "verdict", FleetView::verdict),
              number("NODES", "nodes", FleetView::nodes),
              number("CONNECTED", "nodes_connected", FleetView::nodesConnected),
              number("STALE", "nodes_stale", FleetView::nodesStale),
              number("LOST", "nodes_lost", FleetView::nodesLost),
              number("OK", "nodes_ok", FleetView::nodesOk),
              number("DEGRADED", "nodes_degraded", FleetView::nodesDegraded),
              number("FAILED", "nodes_failed", FleetView::nodesFailed),
              number("UNKNOWN", "nodes_unknown", FleetView::nodesUnknown),
              number("ACCELERATORS", "accelerators", FleetView::accelerators),
              number("UP", "accelerators_up", FleetView::acceleratorsUp),
              number("OK", "accelerators_ok", FleetView::acceleratorsOk),
              number("DEGRADED", "accelerators_degraded", FleetView::acceleratorsDegraded),
              number("FAILED", "accelerators_failed", FleetView::acceleratorsFailed),
              number("UNKNOWN", "accelerators_unknown", FleetView::acceleratorsUnknown),
              Column.of("POWER", "power_watts", fleet -> Amounts.watts(fleet.powerWatts())),
              Column.of("SIMULATED", "simulated", fleet -> Amounts.yes(fleet.simulated()))));

  static final Listing<PowerView.Device> POWER =
      new Listing<>(
          "devices",
          PowerView.Device.class,
          List.of(
              Column.of("UUID", "uuid", PowerView.Device::uuid),
              Column.of("SET", "set_watts", device -> Amounts.watts(device.setWatts())),
              Column.of("IN-FORCE", "in_force_watts", d -> Amounts.watts(d.inForceWatts())),
              Column.of("RESULT", "result", PowerView.Device::result)));

  static final Listing<DutyView> DUTY =
      new Listing<>("duty", DutyView.class, List.of(Column.of("DUTY", "state", DutyView::state)));

  static final Listing<WindowView> WINDOWS =
      new Listing<>(
          "windows",
          WindowView.class,
          List.of(
              Column.of("ID", "id", WindowView::id),
              Column.of("PHASE", "phase", WindowView::phase),
              Column.of("AREA", "area", WindowView::area),
              Column.of("NAME", "name", WindowView::name),
              Column.of("START", "start_ms", window -> Amounts.time(window.startMs())),
              Column.of("END", "end_ms", window -> Amounts.time(window.endMs())),
              Column.of("OWNER", "owner", WindowView::owner),
              Column.of("REASON", "reason", WindowView::reason),
              Column.wide("DRAIN", "drain_ahead_ms", w -> Amounts.span(w.drainAheadMs())),
              Column.wide("BY", "by", WindowView::by),
              Column.wide("ENDED", "ended_ms", window -> Amounts.time(window.endedMs()))));

  static final Listing<OverrideView> OVERRIDES =
      new Listing<>(
          "overrides",
          OverrideView.class,
          List.of(
              Column.of("ID", "id", OverrideView::id),
              Column.of("NODE", "node", OverrideView::node),
              Column.of("RULE", "rule", one -> one.rule().orElse("*")),
              Column.of("HOLDS", "holds", one -> Amounts.yes(one.holds())),
              Column.of("UNTIL", "until_ms", one -> Amounts.time(one.untilMs())),
              Column.of("BY", "by", OverrideView::by),
              Column.of("REASON", "reason", OverrideView::reason),
              Column.wide("SINCE", "since_ms", one -> Amounts.time(one.sinceMs())),
              Column.wide("ENDED", "ended_ms", one -> Amounts.time(one.endedMs()))));

  static final Listing<RecoveryView> RECOVERY =
      new Listing<>(
          "recovery",
          RecoveryView.class,
          List.of(
              Column.word("RECOVERY", "phase", RecoveryView::phase),
              Column.of("WHY", "why", one -> dash(one.why()))));

  static final Listing<UnclaimedView> UNCLAIMED =
      new Listing<>(
          "unclaimed",
          UnclaimedView.class,
          List.of(
              Column.of("NODE", "node", UnclaimedView::node),
              Column.of("JOB", "job", UnclaimedView::job),
              Column.of("RUN", "run", one -> Integer.toString(one.run())),
              Column.of("DEVICES", "devices", one -> dash(String.join(",", one.devices())))));

  static final Listing<ReturnView> RETURNS =
      new Listing<>(
          "returns",
          ReturnView.class,
          List.of(
              Column.of("ID", "id", ReturnView::id),
              Column.of("SERIAL", "serial", ReturnView::serial),
              Column.of("TICKET", "ticket", ReturnView::ticket),
              Column.of("STATE", "state", ReturnView::state),
              Column.of("NODE", "node", one -> one.node().orElse("-")),
              Column.of("SEEN", "seen_node", one -> one.seenNode().orElse("-")),
              Column.of("BY", "by", ReturnView::by),
              Column.of("REASON", "reason", ReturnView::reason),
              Column.wide("ENTERED", "at_ms", one -> Amounts.time(one.atMs())),
              Column.wide("LEFT", "left_ms", one -> Amounts.time(one.leftMs())),
              Column.wide("SEEN-AT", "seen_ms", one -> Amounts.time(one.seenMs())),
              Column.wide("ENDED", "ended_ms", one -> Amounts.time(one.endedMs()))));

  static final Listing<ActView> ACTS =
      new Listing<>(
          "acts",
          ActView.class,
          List.of(
              Column.of("ACT", "id", act -> Long.toString(act.id())),
              Column.of("NODE", "node", ActView::node),
              Column.of("RULE", "rule", ActView::rule),
              Column.of("ACTION", "action", ActView::action),
              Column.of("DRY-RUN", "dry_run", act -> Amounts.yes(act.dryRun())),
              Column.of("STAGE", "stage", ActView::stage),
              Column.of("SEEN", "seen_ms", act -> Amounts.time(act.seenMs())),
              Column.of("WHY", "why", ActView::why),
              Column.wide("DEVICE", "device", act -> Amounts.text(act.device())),
              Column.wide("OBSERVED", "observed", ActView::observed),
              Column.wide("EVIDENCE", "evidence", act -> Amounts.text(act.evidence())),
              Column.wide("DONE", "done_ms", act -> Amounts.time(act.doneMs())),
              Column.wide("ENDED", "ended_ms", act -> Amounts.time(act.endedMs()))));

  static final Listing<AuditView> AUDIT =
      new Listing<>(
          "audit",
          AuditView.class,
          List.of(
              Column.of("NUMBER", "sequence", entry -> Long.toString(entry.sequence())),
              Column.of("AT", "at_ms", entry -> Amounts.time(entry.atMs())),
              Column.of("BY", "by", AuditView::by),
              Column.of("WHAT", "what", AuditView::what),
              Column.of("SUBJECT", "subject", AuditView::subject),
              Column.of("REASON", "reason", AuditView::reason),
              Column.wide("BEFORE", "before", AuditView::before),
              Column.wide("AFTER", "after", AuditView::after),
              Column.wide("HASH", "hash", AuditView::hash)));

  /** Columns of what was asked for, and those of the sums. */
  static Listing<UsageView> usage(List<String> by) {
    List<Column<UsageView>> keys =
        List.of(
            Column.of("USER", "user", sum -> Amounts.text(sum.user())),
            Column.of("PROJECT", "project", sum -> Amounts.text(sum.project())),
            Column.of("SCHEDULER", "scheduler", sum -> Amounts.text(sum.scheduler())),
            Column.of("NODE", "node", sum -> Amounts.text(sum.node())),
            Column.of("JOB", "job", sum -> Amounts.text(sum.job())));
    List<Column<UsageView>> sums =
        List.of(
            Column.of("RUNS", "runs", sum -> Long.toString(sum.runs())),
            Column.of("DEVICE-HOURS", "device_seconds", sum -> Amounts.hours(sum.deviceSeconds())),
            Column.of("ENERGY", "joules", sum -> Amounts.joules(sum.joules())),
            Column.of("SCOPE", "energy_scope", sum -> Amounts.text(sum.energyScope())),
            Column.of("IDLE", "idle_ratio", sum -> Amounts.percent(sum.idleRatio())),
            Column.of("ERRORS", "errors", sum -> Amounts.count(sum.errors())),
            Column.wide(
                "ENERGY-HOURS",
                "joules_device_seconds",
                sum -> Amounts.hours(sum.joulesDeviceSeconds())),
            Column.wide(
                "SEEN-HOURS", "seen_device_seconds", sum -> Amounts.hours(sum.seenDeviceSeconds())),
            Column.wide("CPU-HOURS", "cpu_seconds", sum -> hours(sum.cpuSeconds())),
            Column.wide("WATTS", "mean_watts", sum -> Amounts.watts(sum.meanWatts())),
            Column.wide(
                "WATTS-HOURS", "watts_device_seconds", sum -> hours(sum.wattsDeviceSeconds())),
            Column.wide("MOST-WATTS", "peak_watts", sum -> Amounts.watts(sum.peakWatts())),
            Column.wide(
                "MOST-MEMORY", "peak_memory_bytes", sum -> Amounts.bytes(sum.peakMemoryBytes())));
    List<Column<UsageView>> columns =
        Stream.concat(keys.stream().filter(key -> by.contains(key.field())), sums.stream())
            .toList();
    return new Listing<>("usage", UsageView.class, columns);
  }

  private static String hours(OptionalDouble seconds) {
    return seconds.isPresent() ? Amounts.hours(seconds.getAsDouble()) : "";
  }

  static final Listing<AuditHeadView> AUDIT_HEADS =
      new Listing<>(
          "heads",
          AuditHeadView.class,
          List.of(
              Column.of("NODE", "node", AuditHeadView::node),
              Column.of("VERDICT", "verdict", AuditHeadView::verdict),
              Column.of("NUMBER", "sequence", head -> Long.toString(head.sequence())),
              Column.of("SEEN", "seen_ms", head -> Amounts.time(head.seenMs())),
              Column.of("WHY", "why", AuditHeadView::why),
              Column.wide("GENERATION", "generation", head -> Long.toString(head.generation())),
              Column.wide("STORE", "store", AuditHeadView::store),
              Column.wide("HASH", "hash", AuditHeadView::hash)));
  static final Listing<DoctorView.Check> CHECKS =
      new Listing<>(
          "checks",
          DoctorView.Check.class,
          List.of(
              Column.word("OUTCOME", "outcome", DoctorView.Check::outcome),
              Column.of("CHECK", "check", DoctorView.Check::check),
              Column.of("FOUND", "found", DoctorView.Check::found),
              Column.of("FIX", "fix", check -> check.fix().isEmpty() ? "-" : check.fix())));

  static final Listing<EventView> EVENTS =
      new Listing<>(
          "events",
          EventView.class,
          List.of(
              Column.of("TIME", "at_ms", event -> Amounts.time(event.atMs())),
              Column.of("KIND", "kind", EventView::kind),
              Column.of("SUBJECT", "subject", EventView::subject),
              Column.of("MESSAGE", "message", Views::message),
              Column.wide("SEVERITY", "severity", event -> Amounts.text(event.severity())),
              Column.wide("CODE", "code", event -> Amounts.text(event.code())),
              Column.wide("COUNT", "count", event -> number(event.count())),
              Column.wide("JOB", "job", event -> Amounts.text(event.job())),
              Column.wide("TICKET", "ticket", event -> Amounts.text(event.ticket())),
              Column.wide("SEQUENCE", "sequence", e -> Long.toString(e.sequence()))));

  static final Listing<IncidentView> INCIDENTS =
      new Listing<>(
          "incidents",
          IncidentView.class,
          List.of(
              Column.of("INCIDENT", "id", IncidentView::id),
              Column.of("STATE", "state", IncidentView::state),
              Column.of("SEVERITY", "severity", IncidentView::severity),
              Column.of("OPENED", "opened_ms", one -> Amounts.time(one.openedMs())),
              Column.of("CALLED", "page", IncidentView::page),
              Column.of("NODES", "nodes", one -> nodes(one.nodes())),
              Column.of("SUMMARY", "summary", IncidentView::summary),
              Column.wide("IN-30-DAYS", "repeats", one -> Integer.toString(one.repeats())),
              Column.wide("ALIASES", "aliases", one -> String.join(",", one.aliases())),
              Column.wide("JOBS", "jobs", one -> String.join(",", one.jobs()))));

  private Views() {}

  private static List<Column<AcceleratorView>> ofNode(List<Column<AcceleratorView>> columns) {
    return columns.stream()
        .filter(column -> !column.field().equals("node"))
        .map(column ->
            column.field().equals("serial")
                ? Column.<AcceleratorView>of("SERIAL", "serial", a -> Amounts.text(a.serial()))
                : column)
        .toList();
  }

  private static <T> Column<T> number(String title, String field, ToIntFunction<T> number) {
    return Column.of(title, field, view -> Integer.toString(number.applyAsInt(view)));
  }

  private static String number(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : "-";
  }

  private static String message(EventView event) {
    long count = event.count().orElse(1);
    return count == 1 ? event.message() : "%s (%d times)".formatted(event.message(), count);
  }

  /** {@code xid-79,remap}. */
  private static String rules(List<EvidenceView> evidence) {
    return evidence.stream().map(EvidenceView::rule).distinct().collect(Collectors.joining(","));
  }

  /** {@code node1,node2,+6}. */
  private static String nodes(List<String> nodes) {
    int hidden = nodes.size() - NODES_SHOWN;
    return hidden > 0
        ? String.join(",", nodes.subList(0, NODES_SHOWN)) + ",+" + hidden
        : String.join(",", nodes);
  }

  /** Of all its nodes, had or wanted: {@code gpu:8}. */
  static String devices(JobView job) {
    int count = job.deviceCount() * job.nodeCount();
    return count == 0 ? "0" : job.deviceKind() + ":" + count;
  }

  private static String memory(AcceleratorView accelerator) {
    return bytes(accelerator.memoryUsedBytes());
  }

  private static String bytes(OptionalDouble bytes) {
    return Amounts.bytes(bytes);
  }
}
