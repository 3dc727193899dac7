package io.millwright.collector.racks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a node stands; what the site has not said is empty.
 *
 * @param chassis serial number of the rack's chassis, as NVML tells it
 * @param slot as NVML numbers it
 * @param tray as NVML numbers the compute trays of a chassis
 * @param leaf the switch at the top of the rack; the column {@code switch}
 * @param feed of power
 * @param domain NVLink domain or UltraServer
 * @param cooling loop
 */
public record Place(
    String node,
    Optional<String> rack,
    Optional<String> chassis,
    Optional<String> slot,
    Optional<String> tray,
    Optional<String> leaf,
    Optional<String> feed,
    Optional<String> domain,
    Optional<String> cooling) {

  /** Of a node of which nothing is known. */
  public static Place unknown(String node) {
    return new Place(
        node,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** With this domain where the site has said none. */
  public Place or(Optional<String> told) {
    return domain.isPresent() || told.isEmpty()
        ? this
        : new Place(node, rack, chassis, slot, tray, leaf, feed, told, cooling);
  }

  /** What it shares with others, in the order of their kinds. */
  public List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (Part.Kind kind : Part.Kind.values()) {
      part(kind).ifPresent(parts::add);
    }
    return parts;
  }

  /** The part of this kind. */
  public Optional<Part> part(Part.Kind kind) {
    Optional<String> name =
        switch (kind) {
          case SWITCH -> leaf;
          case FEED -> feed;
          case COOLING -> cooling;
          case DOMAIN -> domain;
          case RACK -> rack;
        };
    return name.map(known -> new Part(kind, known));
  }
}
