package io.millwright.simulator.judgement;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReadings;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Incidents;
import io.millwright.collector.incidents.NodeWatch;
import io.millwright.collector.incidents.Notice;
import io.millwright.collector.incidents.Offences;
import io.millwright.collector.incidents.Suspect;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.simulator.judgement.RackTrace.Step;
import io.millwright.simulator.judgement.Trace.Timed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Plays a trace of racks: each tray's own engine, then what the collector makes of their reports, a
 * tick a second, in virtual time.
 */
final class RackReplay {
  private static final int DEVICES = 4;
  private static final long BUSY = 15;
  private static final long HEARTBEAT = 4; // a node is stale after five seconds

  private final RuleCatalogue rules;
  private final RackTrace trace;
  private final RackMap map;
  private final Map<String, TracedAgent> trays = new LinkedHashMap<>();
  private final Map<String, CountedSample> samples = new HashMap<>();
  private final Map<String, HealthReport> reports = new HashMap<>();
  private final Map<String, Long> touched = new HashMap<>();
  private final Set<String> mute = new HashSet<>();
  private final Map<String, Long> windows = new HashMap<>();
  private final List<Notice> notices = new ArrayList<>();
  private final Map<String, Incident> stored = new TreeMap<>();
  private final Map<String, Offences> offences = new TreeMap<>();
  private final Set<String> failed = new HashSet<>();
  private FleetState fleet = FleetState.EMPTY;
  private NodeWatch watch;
  private Incidents incidents;
  private long session;

  /**
   * What came of it.
   *
   * @param incidents that were opened
   * @param summaries of them, by what was known last
   * @param failed devices that were called failed at any time, as in {@code r0t6 1}
   */
  record Made(
      long pages,
      int incidents,
      List<String> causes,
      List<String> summaries,
      List<String> roots,
      Set<String> failed) {
    Made {
      causes = List.copyOf(causes);
      summaries = List.copyOf(summaries);
      roots = List.copyOf(roots);
      failed = Set.copyOf(failed);
    }
  }

  private RackReplay(RuleCatalogue rules, RackTrace trace) {
    this.rules = rules;
    this.trace = trace;
    this.map = map(trace.racks());
    this.watch = new NodeWatch(rules);
    this.incidents = Incidents.restored(List.of(), List.of(), map, TracedAgent.START_MS);
    for (int rack = 0; rack < trace.racks(); rack++) {
      for (int tray = 0; tray < RackTrace.TRAYS; tray++) {
        String name = "r%dt%d".formatted(rack, tray);
        trays.put(name, tray(name));
        samples.put(name, new CountedSample(name, DEVICES));
      }
    }
  }

  private TracedAgent tray(String name) {
    List<Act> acts =
        trace.steps().stream()
            .map(Timed::what)
            .filter(Step.OnTrays.class::isInstance)
            .map(Step.OnTrays.class::cast)
            .filter(step -> step.trays().contains(name))
            .map(Step.OnTrays::act)
            .toList();
    return new TracedAgent(rules, new TracedNode(name, Profile.GB200, DEVICES, acts));
  }

  private static RackMap map(int racks) {
    List<String> lines = new ArrayList<>(List.of("node,rack,tray,switch,feed,domain,cooling"));
    for (int rack = 0; rack < racks; rack++) {
      for (int tray = 0; tray < RackTrace.TRAYS; tray++) {
        lines.add(
            "r%dt%d,rack-%d,%d,leaf-%d,feed-%d,nvl-%d,loop-%d"
                .formatted(rack, tray, rack, tray, rack, rack / 2, rack, rack / 2));
      }
    }
    return RackMap.of(lines);
  }

  static Made of(RuleCatalogue rules, RackTrace trace) {
    return new RackReplay(rules, trace).made();
  }

  private Made made() {
    connect(0);
    List<Timed<Step>> steps = new ArrayList<>(trace.steps());
    for (long at = 1; at <= trace.lastsSeconds(); at++) {
      while (!steps.isEmpty() && steps.getFirst().atSeconds() <= at) {
        step(steps.removeFirst().what(), at);
      }
      tick(at);
    }
    return new Made(
        notices.stream().filter(Notice::page).count(),
        stored.size(),
        stored.values().stream().map(one -> one.cause().kind().word()).toList(),
        stored.values().stream().map(Incident::summary).toList(),
        stored.values().stream()
            .flatMap(one -> one.root().stream())
            .map(RackReplay::spoken)
            .toList(),
        failed);
  }

  private static String spoken(Suspect suspect) {
    return (suspect.node() + " " + suspect.index().orElse("")).strip();
  }

  private void step(Step step, long at) {
    switch (step) {
      case Step.OnTrays(var names, Act act) ->
          names.forEach(name -> {
            agent(name).act(act, at);
            touched.put(name, at);
          });
      case Step.Heard(var names, boolean heard) -> {
        names.forEach(name -> touched.put(name, at));
        if (heard) {
          mute.removeAll(names);
        } else {
          mute.addAll(names);
        }
      }
      case Step.CollectorRestarts() -> {
        incidents =
            Incidents.restored(
                List.copyOf(stored.values()), List.copyOf(offences.values()), map, wallMs(at));
        watch = new NodeWatch(rules);
        fleet = FleetState.EMPTY;
        connect(at);
      }
      case Step.Window(var names, long until) ->
          names.forEach(name -> windows.put(name, wallMs(until)));
    }
  }

  private TracedAgent agent(String name) {
    return Optional.ofNullable(trays.get(name)).orElseThrow();
  }

  private static long wallMs(long at) {
    return TracedAgent.START_MS + at * 1000;
  }

  private static long nanos(long at) {
    return Duration.ofMillis(wallMs(at)).toNanos();
  }

  private void connect(long at) {
    session++;
    List<Fact> facts = new ArrayList<>();
    for (String name : trays.keySet()) {
      if (!mute.contains(name)) {
        facts.add(new Fact.Connected(name, session, "1.0", nanos(at), wallMs(at)));
      }
    }
    fleet = FleetReducer.apply(fleet, facts);
  }

  private void tick(long at) {
    List<Fact> facts = new ArrayList<>();
    trays.forEach((name, agent) -> {
      HealthReport report = report(name, agent, at);
      if (!mute.contains(name) && (busy(name, at) || at % HEARTBEAT == 0)) {
        facts.add(new Fact.Judged(name, wallMs(at), Findings.of(session, report)));
        facts.add(sampled(name, agent, report, at));
      }
    });
    fleet = FleetReducer.apply(fleet, facts);
    Incidents.Turn turn =
        incidents.step(watch.changed(fleet, map, nanos(at)), map, this::quiet, wallMs(at));
    turn.gone().forEach(stored::remove);
    turn.changed().forEach(one -> stored.put(one.id(), one));
    turn.offences().forEach(one -> offences.put(one.identity(), one));
    notices.addAll(turn.notices());
  }

  /** A tray to which nothing happens is judged at every fourth tick, and told of then. */
  private HealthReport report(String name, TracedAgent agent, long at) {
    HealthReport last = reports.get(name);
    HealthReport now =
        last == null || busy(name, at) || at % HEARTBEAT == 0 ? agent.judge(at) : last;
    reports.put(name, now);
    return now;
  }

  private boolean busy(String name, long at) {
    return at - touched.getOrDefault(name, 0L) <= BUSY;
  }

  private OptionalLong quiet(String node, String rule) {
    return Optional.ofNullable(windows.get(node))
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  private Fact sampled(String name, TracedAgent agent, HealthReport report, long at) {
    List<AcceleratorState> states = new ArrayList<>();
    Verdict node = Verdict.OK;
    for (Judgement judgement : report.judgements()) {
      switch (judgement.subject()) {
        case Subject.Node() -> node = judgement.verdict();
        case Subject.Device(String index, String uuid) -> {
          states.add(state(index, uuid, judgement.verdict()));
          if (judgement.verdict() == Verdict.FAILED) {
            failed.add(name + " " + index);
          }
        }
      }
    }
    return new Fact.Sampled(
        name,
        session,
        nanos(at),
        wallMs(at),
        0,
        Optional.ofNullable(samples.get(name)).orElseThrow().of(agent.tallies()),
        Optional.of(node),
        states);
  }

  private static AcceleratorState state(String index, String uuid, Verdict verdict) {
    return new AcceleratorState(
        index,
        uuid,
        "nvidia",
        Profile.GB200.model(),
        true,
        verdict != Verdict.UNKNOWN,
        false,
        Optional.of(verdict),
        Optional.empty(),
        DeviceReadings.NONE);
  }
}
