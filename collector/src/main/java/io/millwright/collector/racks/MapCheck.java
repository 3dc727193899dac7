package io.millwright.collector.racks;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds the map against what the nodes tell of themselves. Values are compared as they are: slots
 * and trays are numbered as their vendor does, and nothing is worked out from one of them. Pure.
 */
public final class MapCheck {
  private MapCheck() {}

  /** Position of a tray as far as both the map and its node say it. */
  private record Position(Optional<String> chassis, Optional<String> slot, Optional<String> tray) {
    static Position of(Place place) {
      return new Position(place.chassis(), place.slot(), place.tray());
    }

    static Position of(Whereabouts told) {
      return new Position(told.chassis(), told.slot(), told.tray());
    }

    boolean agrees(Position other) {
      return agrees(chassis, other.chassis) && agrees(slot, other.slot) && agrees(tray, other.tray);
    }

    private static boolean agrees(Optional<String> one, Optional<String> other) {
      return one.isEmpty() || other.isEmpty() || one.equals(other);
    }

    /** As in {@code tray 4}; the slot where no tray is said. */
    String text() {
      return tray.map(number -> "tray " + number)
          .or(() -> slot.map(number -> "slot " + number))
          .orElse("chassis " + chassis.orElse("unknown"));
    }

    String number() {
      return tray.or(() -> slot).or(() -> chassis).orElse("unknown");
    }

    String whole() {
      return "chassis %s, slot %s, tray %s"
          .formatted(chassis.orElse("-"), slot.orElse("-"), tray.orElse("-"));
    }
  }

  /**
   * Where the two differ, a sentence each: two trays that took each other's places are one.
   *
   * @param told by the names of the nodes
   */
  public static List<String> disagreements(RackMap map, Map<String, Whereabouts> told) {
    Map<String, Position> elsewhere = new TreeMap<>();
    told.forEach((node, where) -> {
      Position position = Position.of(where);
      if (map.nodes().contains(node) && !Position.of(map.place(node)).agrees(position)) {
        elsewhere.put(node, position);
      }
    });
    List<String> sentences = new ArrayList<>();
    Set<String> said = new HashSet<>();
    for (String node : elsewhere.keySet()) {
      if (said.add(node)) {
        sentences.add(sentence(map, elsewhere, node, said));
      }
    }
    return sentences;
  }

  private static String sentence(
      RackMap map, Map<String, Position> elsewhere, String node, Set<String> said) {
    Position mapped = Position.of(map.place(node));
    for (Map.Entry<String, Position> other : elsewhere.entrySet()) {
      Position others = Position.of(map.place(other.getKey()));
      boolean swapped =
          !said.contains(other.getKey())
              && others.agrees(elsewhere.getOrDefault(node, others))
              && mapped.agrees(other.getValue());
      if (swapped) {
        said.add(other.getKey());
        return "map disagrees: %s ↔ %s (nodes %s and %s)"
            .formatted(mapped.text(), others.number(), node, other.getKey());
      }
    }
    return "map disagrees: node %s stands at %s by the map, and tells %s"
        .formatted(node, mapped.whole(), elsewhere.getOrDefault(node, mapped).whole());
  }
}
