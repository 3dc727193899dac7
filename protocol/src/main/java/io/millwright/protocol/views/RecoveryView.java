package io.millwright.protocol.views;

import java.util.List;
import java.util.OptionalLong;

/**
 * Whether the collector's store is older than what its nodes know, and what is done about it;
 * {@code GET /v1/recovery}.
 *
 * @param phase {@code none}, {@code recovering}: no job is placed or stopped; or {@code holding}:
 *     only the runs that are held are not
 * @param sinceMs when the store was restored, or found to be older; absent with {@code none}
 * @param why in one sentence; empty with {@code none}
 * @param waitingFor nodes that have not said what they have
 * @param answered how many nodes have
 * @param lost nodes that were declared lost
 * @param held runs of the older store that wait until an admin releases them
 * @param strangers runs that nodes have and the store does not know; while recovering
 * @param refusingNodes connected nodes that obey another collector, or a newer store
 */
public record RecoveryView(
    int schemaVersion,
    String phase,
    OptionalLong sinceMs,
    String why,
    List<String> waitingFor,
    int answered,
    List<String> lost,
    List<String> held,
    List<Stranger> strangers,
    int refusingNodes) {

  /** A run that only its node knows. */
  public record Stranger(String node, String run) {}

  public RecoveryView {
    waitingFor = List.copyOf(waitingFor);
    lost = List.copyOf(lost);
    held = List.copyOf(held);
    strangers = List.copyOf(strangers);
  }
}
