package io.millwright.collector.incidents;

import io.millwright.collector.racks.Place;
import java.util.List;
import java.util.Map;

/**
 * What is known of one node now.
 *
 * @param devices that it has, the UUID by the number on the node
 * @param symptoms that stand; of no meaning unless it is heard
 */
public record NodeReport(
    String node,
    Hearing hearing,
    Place place,
    Map<String, String> devices,
    List<Symptom> symptoms) {

  /** Whether anything can be said of a node. */
  public enum Hearing {
    HEARD,
    /** Silent for a moment, or not judged yet: what stood, stands. */
    UNCLEAR,
    LOST
  }

  public NodeReport {
    devices = Map.copyOf(devices);
    symptoms = List.copyOf(symptoms);
  }
}
