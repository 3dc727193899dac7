package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a fact makes of the fleet. Pure. */
public final class FleetReducer {
  private static final Sample NOTHING = new Readings(SeriesTable.builder().build()).sample();

  private FleetReducer() {}

  /** The fleet after these facts, in their order. */
  public static FleetState apply(FleetState before, List<Fact> facts) {
    Map<String, NodeState> changed = new HashMap<>();
    List<Happening> happenings = new ArrayList<>();
    for (Fact fact : facts) {
      NodeState known = changed.getOrDefault(fact.node(), before.nodes().get(fact.node()));
      NodeState next =
          switch (fact) {
            case Fact.Connected connected -> connected(known, connected, happenings);
            case Fact.Disconnected ended -> disconnected(known, ended, happenings);
            case Fact.Judged judged -> judged(known, judged, happenings);
            case Fact.Sampled sampled -> sampled(known, sampled, happenings);
          };
      if (next != null) {
        changed.put(fact.node(), next);
      }
    }
    return before.with(changed).with(EventRate.bounded(before.events(), happenings));
  }

  private static NodeState connected(
      @Nullable NodeState known, Fact.Connected fact, List<Happening> happenings) {
    happenings.add(
        new Happening(
            fact.atWallMs(),
            "node-connected",
            fact.node(),
            "Its agent %s has opened a session.".formatted(fact.agentVersion())));
    if (known != null) {
      return known.with(
          fact.session(), fact.agentVersion(), fact.mode()); // what it told is no newer by this
    }
    return new NodeState(
        fact.node(),
        fact.agentVersion(),
        fact.session(),
        fact.atNanos(),
        fact.atWallMs(),
        0,
        NOTHING,
        Optional.empty(),
        List.of(),
        Findings.NONE,
        fact.mode());
  }

  /** Its last readings stay, unless what it said last was malformed; and what was heard when. */
  private static @Nullable NodeState disconnected(
      @Nullable NodeState known, Fact.Disconnected fact, List<Happening> happenings) {
    if (known == null || known.session() != fact.session()) {
      return null;
    }
    happenings.add(new Happening(fact.atWallMs(), "node-disconnected", fact.node(), fact.why()));
    return known.without();
  }

  private static @Nullable NodeState judged(
      @Nullable NodeState known, Fact.Judged fact, List<Happening> happenings) {
    if (known == null || known.session() != fact.session()) {
      return null;
    }
    fact.findings()
        .node()
        .flatMap(now ->
            VerdictTurn.sentence(
                known.findings().node().map(Judgement::verdict), now.verdict(), now.evidence()))
        .ifPresent(sentence ->
            happenings.add(
                new Happening(fact.atWallMs(), VerdictTurn.KIND, fact.node(), sentence)));
    return known.with(fact.findings());
  }

  private static @Nullable NodeState sampled(
      @Nullable NodeState known, Fact.Sampled fact, List<Happening> happenings) {
    if (known == null || known.session() != fact.session()) {
      return null;
    }
    Findings findings =
        known.findings().session() == fact.session() ? known.findings() : Findings.NONE;
    if (!known.accelerators().equals(fact.accelerators())) { // mostly the very list
      compare(known, fact, findings, happenings);
      vanished(known, fact, happenings);
    }
    clock(known, fact, happenings);
    return new NodeState(
        known.name(),
        known.agentVersion(),
        known.session(),
        fact.atNanos(),
        fact.atWallMs(),
        fact.clockOffsetMs(),
        fact.sample(),
        fact.told(),
        fact.accelerators(),
        findings,
        known.mode());
  }

  /** What it tells goes by its arrival here, so that nothing else follows from it. */
  private static void clock(NodeState known, Fact.Sampled fact, List<Happening> happenings) {
    long aheadMs = fact.clockOffsetMs();
    if (NodeState.clockDiffers(aheadMs) == known.clockDiffers()) {
      return;
    }
    happenings.add(
        NodeState.clockDiffers(aheadMs)
            ? new Happening(
                fact.atWallMs(),
                "clock-differs",
                fact.node(),
                "Its clock is %.1f s %s the collector's; see that both are synchronised."
                    .formatted(Math.abs(aheadMs) / 1e3, aheadMs > 0 ? "ahead of" : "behind"))
            : new Happening(
                fact.atWallMs(),
                "clock-agrees",
                fact.node(),
                "Its clock is the collector's again."));
  }

  private static void compare(
      NodeState known, Fact.Sampled fact, Findings findings, List<Happening> happenings) {
    Map<String, AcceleratorState> before =
        known.accelerators().stream()
            .collect(Collectors.toMap(AcceleratorState::uuid, Function.identity()));
    for (AcceleratorState now : fact.accelerators()) {
      AcceleratorState then = before.get(now.uuid());
      if (!now.instance() && (then == null ? !now.up() : then.up() != now.up())) {
        happenings.add(turned(fact, now));
      }
      verdict(then, now, findings)
          .ifPresent(sentence ->
              happenings.add(
                  new Happening(fact.atWallMs(), VerdictTurn.KIND, subject(fact, now), sentence)));
    }
  }

  private static Optional<String> verdict(
      @Nullable AcceleratorState then, AcceleratorState now, Findings findings) {
    Optional<Verdict> before = then == null ? Optional.empty() : then.told();
    return now.told()
        .filter(told -> !now.instance() || !ofItsDevice(before, told))
        .flatMap(told -> VerdictTurn.sentence(before, told, findings.ofDevice(now.uuid())));
  }

  /** An instance is not observed while its device is not, which is told of the device. */
  private static boolean ofItsDevice(Optional<Verdict> before, Verdict told) {
    return told == Verdict.UNKNOWN
        || (told == Verdict.OK && before.equals(Optional.of(Verdict.UNKNOWN)));
  }

  /**
   * Devices of whose node a sample came, and not of them. An agent that has just begun knows none
   * yet, which says nothing; instances come and go with whoever divides their device.
   */
  private static void vanished(NodeState known, Fact.Sampled fact, List<Happening> happenings) {
    if (fact.accelerators().isEmpty()) {
      return;
    }
    Set<String> now =
        fact.accelerators().stream().map(AcceleratorState::uuid).collect(Collectors.toSet());
    for (AcceleratorState then : known.accelerators()) {
      if (!then.instance() && !now.contains(then.uuid())) {
        happenings.add(
            new Happening(
                fact.atWallMs(),
                "accelerator-gone",
                subject(fact, then),
                then.uuid() + " is not told of any more: its agent does not know it."));
      }
    }
  }

  private static Happening turned(Fact.Sampled fact, AcceleratorState now) {
    if (now.up()) {
      return new Happening(
          fact.atWallMs(), "accelerator-up", subject(fact, now), now.uuid() + " answers.");
    }
    String where = now.stuckCall().map(call -> ": " + call + " does not return").orElse("");
    return new Happening(
        fact.atWallMs(),
        "accelerator-down",
        subject(fact, now),
        now.uuid() + " does not answer" + where + ".");
  }

  private static String subject(Fact.Sampled fact, AcceleratorState device) {
    return fact.node() + " accelerator " + device.index();
  }
}
