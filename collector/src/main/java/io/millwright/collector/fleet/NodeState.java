package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one node.
 *
 * @param name of the node, as its certificate has it
 * @param agentVersion of the agent of the last session
 * @param session epoch of the session that is open; 0 where none is
 * @param arrivedNanos monotonic time, of the collector, of the last sample
 * @param arrivedWallMs the same by the collector's wall clock
 * @param clockOffsetMs how far the node's clock is ahead
 * @param sample its last readings, which may be newer than the rest; one without series before the
 *     first came
 * @param told how its agent judges it by these readings; empty where the agent judges nothing
 * @param accelerators its devices, as its last sample shows them
 * @param findings why it is judged so
 * @param mode who gives its accelerators out, as in {@code assist}, as the agent of the last
 *     session says; empty where it does not
 */
public record NodeState(
    String name,
    String agentVersion,
    long session,
    long arrivedNanos,
    long arrivedWallMs,
    long clockOffsetMs,
    Readout sample,
    Optional<Verdict> told,
    List<AcceleratorState> accelerators,
    Findings findings,
    Optional<String> mode) {
  /** Between two clocks that are synchronised there are milliseconds. */
  private static final long MOST_OFFSET_MS = 2000;

  public NodeState {
    accelerators = List.copyOf(accelerators);
  }

  /** Of a node whose agent says no mode. */
  public NodeState(
      String name,
      String agentVersion,
      long session,
      long arrivedNanos,
      long arrivedWallMs,
      long clockOffsetMs,
      Readout sample,
      Optional<Verdict> told,
      List<AcceleratorState> accelerators,
      Findings findings) {
    this(
        name,
        agentVersion,
        session,
        arrivedNanos,
        arrivedWallMs,
        clockOffsetMs,
        sample,
        told,
        accelerators,
        findings,
        Optional.empty());
  }

  /** The same without a session. */
  NodeState without() {
    return with(0, agentVersion, mode);
  }

  /** The same with another session, and the agent that speaks in it. */
  NodeState with(long other, String version, Optional<String> otherMode) {
    return new NodeState(
        name,
        version,
        other,
        arrivedNanos,
        arrivedWallMs,
        clockOffsetMs,
        sample,
        told,
        accelerators,
        findings,
        otherMode);
  }

  NodeState with(Findings newer) {
    return new NodeState(
        name,
        agentVersion,
        session,
        arrivedNanos,
        arrivedWallMs,
        clockOffsetMs,
        sample,
        told,
        accelerators,
        newer,
        mode);
  }

  /** Whether its clock and the collector's differ by more than people should have to expect. */
  public boolean clockDiffers() {
    return clockDiffers(clockOffsetMs);
  }

  static boolean clockDiffers(long offsetMs) {
    return Math.abs(offsetMs) > MOST_OFFSET_MS;
  }

  /** As of now. */
  public Link link(long nowNanos) {
    return Link.of(nowNanos - arrivedNanos, session != 0);
  }

  /** Whether any of its accelerators is simulated. */
  public boolean simulated() {
    return accelerators.stream().anyMatch(AcceleratorState::simulated);
  }

  // ---- health

  /** That of its worst part; unknown while it is not heard, or where its agent judges nothing. */
  public Verdict verdict(long nowNanos) {
    return link(nowNanos) == Link.CONNECTED ? toldVerdict() : Verdict.UNKNOWN;
  }

  /** That of its worst part, as its agent told it last. */
  Verdict toldVerdict() {
    Verdict worst = told.orElse(Verdict.UNKNOWN);
    for (AcceleratorState device : accelerators) {
      worst = worst.worse(device.told().orElse(Verdict.UNKNOWN));
    }
    return worst;
  }

  /** That of one of its devices; unknown while the node is not heard. */
  public Verdict verdict(AcceleratorState device, long nowNanos) {
    return link(nowNanos) == Link.CONNECTED
        ? device.told().orElse(Verdict.UNKNOWN)
        : Verdict.UNKNOWN;
  }

  /** What speaks against the node and its devices, each part's worst first. */
  public List<Judgement> judgements(long nowNanos) {
    if (link(nowNanos) != Link.CONNECTED) {
      return List.of(
          new Judgement(
              new Subject.Node(), Verdict.UNKNOWN, List.of(AgentSilent.of(this, nowNanos))));
    }
    List<Judgement> judgements = new ArrayList<>();
    findings.node().ifPresent(judgements::add);
    judgements.addAll(findings.devices().values());
    return judgements;
  }

  /** What speaks against one of its devices, the worst first. */
  public List<Evidence> evidence(AcceleratorState device, long nowNanos) {
    return link(nowNanos) == Link.CONNECTED
        ? findings.ofDevice(device.uuid())
        : List.of(AgentSilent.of(this, nowNanos));
  }
}
