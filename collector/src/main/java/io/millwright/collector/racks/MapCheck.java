package io.millwright.collector.racks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Holds the map against what the nodes tell of themselves. Values are compared as they are: slots
 * and trays are numbered as their vendor does, and nothing is worked out from one of them. Pure.
 */
public final class MapCheck {
  /** Each costs a look at all that differ; a map that is wholly wrong needs no more. */
  static final int MOST_SENTENCES = 100;

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

  /** A node that stands elsewhere than the map says. */
  private record Differing(Position mapped, Position told) {
    boolean tookThePlaceOf(Differing other) {
      return other.mapped.agrees(told) && mapped.agrees(other.told);
    }
  }

  /**
   * Where the two differ.
   *
   * @param count of all; beyond the sentences each node is one
   * @param sentences {@value #MOST_SENTENCES} at most
   */
  public record Found(int count, List<String> sentences) {
    public static final Found NOTHING = new Found(0, List.of());

    public Found {
      sentences = List.copyOf(sentences);
    }
  }

  /**
   * Where the two differ, a sentence each: two trays that took each other's places are one.
   *
   * @param told by the names of the nodes
   */
  public static Found disagreements(RackMap map, Map<String, Whereabouts> told) {
    NavigableMap<String, Differing> elsewhere = new TreeMap<>();
    told.forEach((node, where) -> {
      if (map.has(node)) {
        Differing one = new Differing(Position.of(map.place(node)), Position.of(where));
        if (!one.mapped().agrees(one.told())) {
          elsewhere.put(node, one);
        }
      }
    });
    List<String> sentences = new ArrayList<>();
    while (!elsewhere.isEmpty() && sentences.size() < MOST_SENTENCES) {
      sentences.add(sentence(elsewhere));
    }
    return new Found(sentences.size() + elsewhere.size(), sentences);
  }

  /** Takes the first out, and with it the one that stands in its place. */
  private static String sentence(NavigableMap<String, Differing> elsewhere) {
    Map.Entry<String, Differing> first = elsewhere.pollFirstEntry();
    String node = first.getKey();
    Position mapped = first.getValue().mapped();
    for (Map.Entry<String, Differing> other : elsewhere.entrySet()) {
      if (first.getValue().tookThePlaceOf(other.getValue())) {
        elsewhere.remove(other.getKey());
        return "map disagrees: %s ↔ %s (nodes %s and %s)"
            .formatted(mapped.text(), other.getValue().mapped().number(), node, other.getKey());
      }
    }
    return "map disagrees: node %s stands at %s by the map, and tells %s"
        .formatted(node, mapped.whole(), first.getValue().told().whole());
  }
}
