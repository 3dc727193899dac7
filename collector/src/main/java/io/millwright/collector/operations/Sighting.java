package io.millwright.collector.operations;

import io.millwright.protocol.vocabulary.health.Advice;
import java.util.List;
import java.util.Optional;

/**
 * A node as policy sees it now.
 *
 * @param heard whether it is connected and has told its verdicts; of one that has not, nothing is
 *     known, nothing begins and nothing clears
 * @param simulated whether its accelerators are
 * @param findings the rules that hold and count, on the node and its devices
 */
public record Sighting(String node, boolean heard, boolean simulated, List<Finding> findings) {
  public Sighting {
    findings = List.copyOf(findings);
  }

  /**
   * A rule that holds.
   *
   * @param device UUID; empty for the node itself
   */
  public record Finding(Optional<String> device, String rule, Advice advice, String observed) {}
}
