package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;

/**
 * The map of the site's racks; {@code GET /v1/racks}.
 *
 * @param trouble why the file is not in force, in one sentence
 * @param disagreements where the map and the nodes differ, a sentence each
 */
public record RacksView(
    int schemaVersion, Optional<String> trouble, List<String> disagreements, List<Place> places) {
  public RacksView {
    disagreements = List.copyOf(disagreements);
    places = List.copyOf(places);
  }

  /** Where a node stands, as far as the file says it. */
  public record Place(
      String node,
      Optional<String> rack,
      Optional<String> chassis,
      Optional<String> slot,
      Optional<String> tray,
      Optional<String> tor,
      Optional<String> feed,
      Optional<String> domain,
      Optional<String> cooling) {}
}
