package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One node; {@code GET /v1/nodes}.
 *
 * @param link {@code connected}, {@code stale} or {@code lost}
 * @param verdict {@code ok}, {@code degraded}, {@code failed} or {@code unknown}; that of its worst
 *     part
 * @param evidence why, of the node itself and of its devices, the worst first
 * @param lastSeenMs when its last frame arrived, by the collector's clock
 * @param clockOffsetMs how far the node's clock is ahead of the collector's
 * @param powerWatts sum over its devices that tell their own power
 * @param tickets under which parts that it has are returned, with a comma between, for those who
 *     may see jobs
 * @param duty whether people and policy let it work; collectors before 0.2 do not say
 * @param serial of the machine, as its firmware tells it to the agent
 * @param mode who gives its accelerators out: {@code execute} for Millwright, {@code assist} for
 *     another scheduler, which tells of its jobs, {@code observe} for somebody else; agents of
 *     before do not say
 * @param place where somebody finds it; absent where nobody tells
 */
public record NodeView(
    String node,
    String link,
    String verdict,
    List<EvidenceView> evidence,
    long lastSeenMs,
    long clockOffsetMs,
    String agentVersion,
    boolean simulated,
    int accelerators,
    int acceleratorsUp,
    OptionalDouble powerWatts,
    Optional<DutyView> duty,
    Optional<String> serial,
    Optional<Place> place,
    Optional<String> tickets,
    Optional<String> mode) {
  public NodeView {
    evidence = List.copyOf(evidence);
  }

  /**
   * Where a node stands: as its accelerators tell it, else as the site's map of racks does.
   *
   * @param rack of the site's map, else of the agent's configuration
   * @param chassis serial number of the chassis
   */
  public record Place(
      Optional<String> rack,
      Optional<String> chassis,
      Optional<String> slot,
      Optional<String> tray) {}
}
