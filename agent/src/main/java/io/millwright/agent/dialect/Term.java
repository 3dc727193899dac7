package io.millwright.agent.dialect;

import java.util.Map;

/**
 * One series of a device, as a sum takes it.
 *
 * @param weight what its value is multiplied by
 * @param family our name, which this version need not read yet
 * @param labels the family's own labels, all of them
 * @param optional whether the device may not have it
 */
record Term(double weight, String family, Map<String, String> labels, boolean optional) {
  Term {
    labels = Map.copyOf(labels);
  }
}
