package io.millwright.collector.operations;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The fleet as policy sees it. A node whose verdicts of this session did not come yet is not heard:
 * what it told before may have cleared, and that it told nothing does not say that all is well.
 * Pure.
 */
final class Sightings {
  private Sightings() {}

  static List<Sighting> of(FleetState fleet, long nowNanos) {
    List<Sighting> seen = new ArrayList<>();
    for (NodeState node : fleet.nodes().values()) {
      seen.add(
          new Sighting(
              node.name(),
              node.link(nowNanos) == Link.CONNECTED && node.findings().session() == node.session(),
              node.simulated(),
              findings(node, nowNanos)));
    }
    return seen;
  }

  private static List<Sighting.Finding> findings(NodeState node, long nowNanos) {
    List<Sighting.Finding> findings = new ArrayList<>();
    for (Judgement judgement : node.judgements(nowNanos)) {
      Optional<String> device =
          switch (judgement.subject()) {
            case Subject.Node() -> Optional.empty();
            case Subject.Device(String index, String uuid) -> Optional.of(uuid);
          };
      for (Evidence one : judgement.evidence()) {
        if (!one.observeOnly() && one.verdict() != Verdict.OK) {
          findings.add(new Sighting.Finding(device, one.rule(), one.advice(), one.observed()));
        }
      }
    }
    return findings;
  }
}
