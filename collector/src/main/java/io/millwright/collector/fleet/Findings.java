package io.millwright.collector.fleet;

import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node's last report of its health, by what it judges. How large it is, is bounded by the frame
 * that brings it.
 *
 * @param session that it came with; 0 where none came
 * @param node how the node itself is, apart from its devices
 * @param devices by their UUIDs, in the report's order
 */
public record Findings(long session, Optional<Judgement> node, Map<String, Judgement> devices) {
  public static final Findings NONE = new Findings(0, Optional.empty(), Map.of());

  public Findings {
    devices = Collections.unmodifiableMap(new LinkedHashMap<>(devices));
  }

  /**
   * What a report says.
   *
   * @throws IllegalArgumentException where it judges a thing twice; the message is one sentence
   */
  public static Findings of(long session, HealthReport report) {
    Optional<Judgement> node = Optional.empty();
    Map<String, Judgement> devices = new LinkedHashMap<>();
    for (Judgement judgement : report.judgements()) {
      switch (judgement.subject()) {
        case Subject.Node() -> {
          refuseTwice("the node", node.isPresent());
          node = Optional.of(judgement);
        }
        case Subject.Device(String index, String uuid) ->
            refuseTwice("a device", devices.put(uuid, judgement) != null);
      }
    }
    return new Findings(session, node, devices);
  }

  private static void refuseTwice(String subject, boolean twice) {
    if (twice) {
      throw new IllegalArgumentException(
          "judgements: %s is judged twice; allowed is once".formatted(subject));
    }
  }

  /** What speaks against the node itself, the worst first. */
  public List<Evidence> ofNode() {
    return node.map(Judgement::evidence).orElse(List.of());
  }

  /** What speaks against this device, the worst first. */
  public List<Evidence> ofDevice(String uuid) {
    return Optional.ofNullable(devices.get(uuid)).map(Judgement::evidence).orElse(List.of());
  }
}
