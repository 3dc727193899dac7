package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Sample;
import java.util.List;

/**
 * Where a series lies in a snapshot.
 *
 * @param sample position of its sample
 * @param index position in that sample
 */
record Place(int sample, int index) {
  boolean measured(List<Sample> snapshot) {
    return snapshot.get(sample).measured(index);
  }

  /** Whether the device does not have it, so that it is not missed. */
  boolean unsupported(List<Sample> snapshot) {
    return snapshot.get(sample).unsupported(index);
  }

  /** Meaningless unless {@link #measured}. */
  double value(List<Sample> snapshot) {
    return snapshot.get(sample).value(index);
  }

  long readAtNanos(List<Sample> snapshot) {
    return snapshot.get(sample).readAtNanos(index);
  }
}
