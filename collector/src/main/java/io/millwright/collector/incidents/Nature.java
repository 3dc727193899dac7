package io.millwright.collector.incidents;

import io.millwright.collector.racks.Part;
import java.util.List;

/** What kind of trouble it is, and by that what several may have in common. */
public enum Nature {
  /** Of NVLink or NeuronLink: one broken link makes all its neighbours complain. */
  LINK(List.of(Part.Kind.DOMAIN)),
  /** Follows from whatever link trouble there is; by itself it is nothing. */
  SYMPATHY(List.of(Part.Kind.DOMAIN)),
  POWER(List.of(Part.Kind.FEED)),
  THERMAL(List.of(Part.Kind.COOLING)),
  /** The node is not heard. */
  SILENCE(List.of(Part.Kind.SWITCH, Part.Kind.FEED, Part.Kind.DOMAIN, Part.Kind.RACK)),
  /** Its own. */
  OWN(List.of());

  private final List<Part.Kind> shared;

  Nature(List<Part.Kind> shared) {
    this.shared = shared;
  }

  /** What may be the common cause; of two that explain as much, the first. */
  List<Part.Kind> shared() {
    return shared;
  }
}
