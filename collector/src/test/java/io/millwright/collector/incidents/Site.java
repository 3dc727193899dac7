package io.millwright.collector.incidents;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReadings;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A fleet whose facts go the way of real ones: reducer, watch, incidents; the time is told. */
final class Site {
  static final long START = Instant.parse("2026-11-22T09:00:00Z").toEpochMilli();
  private static final RuleCatalogue RULES = RuleCatalogue.load();

  final List<Notice> notices = new ArrayList<>();
  final Map<String, Incident> stored = new TreeMap<>();
  final Map<String, Offences> offences = new TreeMap<>();
  RackMap map;
  Quiet quiet = Quiet.NEVER;
  private NodeWatch watch = new NodeWatch(RULES);
  private Incidents incidents;
  private FleetState fleet = FleetState.EMPTY;
  private final int devices;
  private final Map<String, Map<String, List<Ill>>> ills = new HashMap<>();
  private final Map<String, Boolean> mute = new HashMap<>();
  private long nowMs = START;
  private long session = 1;

  /** A rule that holds on a device, and the Xid behind it. */
  record Ill(String rule, String xid) {}

  Site(RackMap map, int devices) {
    this.map = map;
    this.devices = devices;
    this.incidents = Incidents.restored(List.of(), List.of(), map, nowMs);
    for (String node : map.nodes()) {
      ills.put(node, new HashMap<>());
      connect(node);
    }
    turn();
  }

  private void connect(String node) {
    apply(new Fact.Connected(node, session, "1.0", nanos(), nowMs));
    send(node);
  }

  private long nanos() {
    return Duration.ofMillis(nowMs).toNanos();
  }

  private void apply(Fact fact) {
    fleet = FleetReducer.apply(fleet, List.of(fact));
  }

  static String uuid(String node, int device) {
    return "GPU-" + node + "-" + device;
  }

  static String serial(String node, int device) {
    return "SN-" + node + "-" + device;
  }

  /** From the next sample on the rule holds. */
  void breaks(String node, int device, String rule, String xid) {
    ills.getOrDefault(node, new HashMap<>())
        .computeIfAbsent(uuid(node, device), first -> new ArrayList<>())
        .add(new Ill(rule, xid));
  }

  void heals(String node) {
    ills.put(node, new HashMap<>());
  }

  void falls(String node) {
    mute.put(node, true);
  }

  void returns(String node) {
    mute.remove(node);
  }

  /** The collector is started anew over what it has stored. */
  void restart() {
    incidents =
        Incidents.restored(
            List.copyOf(stored.values()), List.copyOf(offences.values()), map, nowMs);
    watch = new NodeWatch(RULES);
    fleet = FleetState.EMPTY;
    session++;
  }

  /** All nodes that are not mute connect again. */
  void reconnect() {
    ills.keySet().stream().filter(node -> !mute.containsKey(node)).forEach(this::connect);
  }

  /** A sample of each node that is not mute, then a turn; a second passes before. */
  void second() {
    nowMs += 1000;
    for (String node : ills.keySet()) {
      if (fleet.node(node).isPresent() && !mute.containsKey(node)) {
        send(node);
      }
    }
    turn();
  }

  void seconds(int count) {
    for (int i = 0; i < count; i++) {
      second();
    }
  }

  /** Time in which nothing is sent and nothing changes, but that the incidents are looked at. */
  void minutes(int count) {
    for (int i = 0; i < count * 6; i++) {
      nowMs += 9_000;
      second();
    }
  }

  /** A look an hour, while all that are not mute send. */
  void days(int count) {
    for (int i = 0; i < count * 24; i++) {
      nowMs += 3_599_000;
      second();
    }
    seconds(90);
  }

  private void turn() {
    step(watch.changed(fleet, map, nanos()));
  }

  /** A person closes it. */
  void close(String id) {
    take(incidents.close(id, new Closing("anna", "scrapped"), nowMs));
  }

  List<String> tellers(String id) {
    return incidents.tellers(id);
  }

  List<String> unclear(String id) {
    return incidents.unclear(id, nowMs);
  }

  private void step(List<NodeReport> reports) {
    take(incidents.step(reports, map, quiet, nowMs));
  }

  private void take(Incidents.Turn turn) {
    turn.gone().forEach(stored::remove);
    turn.changed().forEach(one -> stored.put(one.id(), one));
    turn.offences().forEach(one -> offences.put(one.identity(), one));
    notices.addAll(turn.notices());
  }

  long nowMs() {
    return nowMs;
  }

  List<Incident> all() {
    return incidents.all();
  }

  List<Incident> open() {
    return incidents.all().stream().filter(Incident::open).toList();
  }

  long pages() {
    return notices.stream().filter(Notice::page).count();
  }

  // ---- what an agent sends

  private void send(String node) {
    Map<String, List<Ill>> sick = ills.getOrDefault(node, Map.of());
    List<Judgement> judgements = new ArrayList<>();
    Verdict worst = Verdict.OK;
    for (int i = 0; i < devices; i++) {
      List<Evidence> evidence =
          sick.getOrDefault(uuid(node, i), List.of()).stream().map(Site::evidence).toList();
      Verdict verdict = verdict(evidence);
      worst = worst.worse(verdict);
      if (!evidence.isEmpty()) {
        judgements.add(
            new Judgement(
                new Subject.Device(Integer.toString(i), uuid(node, i)), verdict, evidence));
      }
    }
    HealthReport report = new HealthReport(nowMs, judgements);
    apply(new Fact.Judged(node, nowMs, Findings.of(session, report)));
    Sample sample = sample(node, sick);
    apply(
        new Fact.Sampled(
            node, session, nanos(), nowMs, 0, sample, Optional.of(worst), states(node, sick)));
  }

  private static Verdict verdict(List<Evidence> evidence) {
    return evidence.stream()
        .filter(one -> !one.observeOnly())
        .map(Evidence::verdict)
        .reduce(Verdict.OK, Verdict::worse);
  }

  private static Evidence evidence(Ill ill) {
    Rule rule = RULES.rule(ill.rule());
    return new Evidence(
        rule.id(),
        rule.version(),
        rule.verdict(),
        rule.advice(),
        rule.scope(),
        "Xid " + ill.xid() + " once",
        START,
        rule.endsInWords(),
        Optional.of("train-r1"),
        rule.observeOnly());
  }

  private List<AcceleratorState> states(String node, Map<String, List<Ill>> sick) {
    List<AcceleratorState> states = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      Verdict verdict =
          verdict(
              sick.getOrDefault(uuid(node, i), List.of()).stream().map(Site::evidence).toList());
      states.add(
          new AcceleratorState(
              Integer.toString(i),
              uuid(node, i),
              "nvidia",
              "NVIDIA GB200",
              true,
              true,
              false,
              Optional.of(verdict),
              Optional.empty(),
              DeviceReadings.NONE));
    }
    return states;
  }

  private Sample sample(String node, Map<String, List<Ill>> sick) {
    SeriesTable.Builder table = SeriesTable.builder();
    List<Integer> ones = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      Accelerator device =
          new Accelerator(node, Integer.toString(i), uuid(node, i), "nvidia", "NVIDIA GB200", true);
      ones.add(
          table.add(
              Cadence.ONCE,
              Series.of(
                  Metric.ACCELERATOR_INFO, device, "", serial(node, i), "", "", "", "", "", "")));
      for (Ill ill : sick.getOrDefault(uuid(node, i), List.of())) {
        if (!ill.xid().isEmpty()) {
          ones.add(
              table.add(
                  Cadence.FAST,
                  Series.of(
                      Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, device, "xid", ill.xid(), "fatal")));
        }
      }
    }
    Readings readings = new Readings(table.build());
    ones.forEach(at -> readings.measured(at, 1));
    return readings.sample();
  }
}
