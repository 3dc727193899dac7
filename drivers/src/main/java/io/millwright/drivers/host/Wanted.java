package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Metric;

/**
 * Which families the site wants; of the others nothing is asked.
 *
 * @param most the last tier
 */
record Wanted(Metric.Tier most) {
  boolean has(Metric metric) {
    return metric.tier().compareTo(most) <= 0;
  }
}
