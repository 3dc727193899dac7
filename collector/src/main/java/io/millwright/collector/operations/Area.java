package io.millwright.collector.operations;

import io.millwright.collector.racks.Place;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a window of maintenance is of: a node, a rack, or an NVLink domain or UltraServer. */
public record Area(Kind kind, String name) {
  static final String NAME = "[\\x21-\\x7e&&[^,\"]]{1,253}";

  /** How much of the site. */
  public enum Kind {
    NODE,
    RACK,
    DOMAIN;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Kind> ofWord(String word) {
      return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }
  }

  public Area {
    if (!name.matches(NAME)) {
      throw JsonMistake.refused(
          kind.word(),
          Shown.quoted(name),
          "1 to 253 visible ASCII characters without comma and quotation mark");
    }
  }

  /** Whether a node is in it. A node whose place nobody said is in no rack and no domain. */
  public boolean covers(String node, Place place) {
    return switch (kind) {
      case NODE -> name.equals(node);
      case RACK -> place.rack().filter(name::equals).isPresent();
      case DOMAIN -> place.domain().filter(name::equals).isPresent();
    };
  }

  /** As in {@code rack r1}. */
  public String words() {
    return kind.word() + " " + name;
  }
}
