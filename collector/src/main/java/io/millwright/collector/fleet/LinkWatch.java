package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says which nodes fell silent or are heard again, and what that makes of their verdicts. One owner
 * thread; times come in.
 */
public final class LinkWatch {
  private final Map<String, Link> links = new HashMap<>();

  /** The fleet with what has happened since the last look. */
  public FleetState looked(FleetState fleet, long nowNanos, long wallMs) {
    List<Happening> happenings = new ArrayList<>();
    for (NodeState node : fleet.nodes().values()) {
      Link link = node.link(nowNanos);
      Link before = links.put(node.name(), link);
      if (before != null && link != before) {
        turned(node, before, nowNanos, wallMs, happenings);
      }
    }
    return fleet.with(happenings);
  }

  private static void turned(
      NodeState node, Link before, long nowNanos, long wallMs, List<Happening> happenings) {
    if (node.link(nowNanos) == Link.LOST) {
      Duration silence = Duration.ofNanos(nowNanos - node.arrivedNanos());
      happenings.add(
          new Happening(
              wallMs,
              "node-lost",
              node.name(),
              "Nothing was heard of it since %d s.".formatted(silence.toSeconds())));
    }
    verdict(node, before, nowNanos)
        .ifPresent(sentence ->
            happenings.add(new Happening(wallMs, VerdictTurn.KIND, node.name(), sentence)));
  }

  /** Stale and lost nodes are equally unknown. */
  private static Optional<String> verdict(NodeState node, Link before, long nowNanos) {
    Verdict was = before == Link.CONNECTED ? node.toldVerdict() : Verdict.UNKNOWN;
    List<Evidence> evidence =
        node.judgements(nowNanos).stream()
            .sorted(Comparator.comparing(Judgement::verdict).reversed())
            .flatMap(judgement -> judgement.evidence().stream())
            .toList();
    return VerdictTurn.sentence(Optional.of(was), node.verdict(nowNanos), evidence);
  }
}
