package io.millwright.protocol.frames;

import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A family as a schema names it.
 *
 * @param code of the catalogue, or of a newer one
 * @param labels how many values each of its series has
 */
record SchemaFamily(int code, int labels) {
  static final int MOST_LABELS = 32;

  private static final Map<Integer, Metric> CATALOGUE =
      Arrays.stream(Metric.values()).collect(Collectors.toUnmodifiableMap(Metric::code, m -> m));

  /** Empty where this version does not know the family, or knows it with other labels. */
  Optional<Metric> metric() {
    return Optional.ofNullable(CATALOGUE.get(code)).filter(m -> m.labels().size() == labels);
  }
}
