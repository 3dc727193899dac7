package io.millwright.collector.incidents;

import io.millwright.collector.racks.Part;
import java.util.Locale;
import java.util.Optional;

/**
 * What an incident is about.
 *
 * @param kind what it is
 * @param name of the part or the node, UUID of the device; the word {@code all} of the site
 * @param nature of the trouble; two kinds of trouble of one part are two incidents
 */
public record Cause(Kind kind, String name, Nature nature) implements Comparable<Cause> {

  /** What may be the cause. */
  public enum Kind {
    DEVICE,
    NODE,
    RACK,
    DOMAIN,
    COOLING,
    FEED,
    SWITCH,
    SITE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Cause of(Suspect suspect) {
    return new Cause(
        suspect.isDevice() ? Kind.DEVICE : Kind.NODE,
        suspect.uuid().orElse(suspect.node()),
        Nature.OWN);
  }

  static Cause of(Part part, Nature nature) {
    Kind kind =
        switch (part.kind()) {
          case SWITCH -> Kind.SWITCH;
          case FEED -> Kind.FEED;
          case COOLING -> Kind.COOLING;
          case DOMAIN -> Kind.DOMAIN;
          case RACK -> Kind.RACK;
        };
    return new Cause(kind, part.name(), nature);
  }

  /** Whether several nodes or devices share it. */
  boolean isShared() {
    return kind != Kind.DEVICE && kind != Kind.NODE;
  }

  /** The part that it is; empty for a device, a node and the whole site. */
  Optional<Part> part() {
    return switch (kind) {
      case SWITCH -> Optional.of(new Part(Part.Kind.SWITCH, name));
      case FEED -> Optional.of(new Part(Part.Kind.FEED, name));
      case COOLING -> Optional.of(new Part(Part.Kind.COOLING, name));
      case DOMAIN -> Optional.of(new Part(Part.Kind.DOMAIN, name));
      case RACK -> Optional.of(new Part(Part.Kind.RACK, name));
      case DEVICE, NODE, SITE -> Optional.empty();
    };
  }

  @Override
  public int compareTo(Cause other) {
    int byKind = kind.compareTo(other.kind);
    if (byKind != 0) {
      return byKind;
    }
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : nature.compareTo(other.nature);
  }
}
