package io.millwright.drivers.neuron;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Readings;
import java.util.List;

/** One series that is the sum of some figures; without all of them there is none. */
final class Sum {
  private final int index;
  private final Figure[] parts;

  Sum(int index, List<Figure> parts) {
    this.index = index;
    this.parts = parts.toArray(new Figure[0]);
  }

  void write(Readings readings) {
    double sum = 0;
    for (Figure part : parts) {
      if (!part.known()) {
        readings.unavailable(index, part.fault());
        return;
      }
      sum += Text.toDouble(part.value());
    }
    readings.measured(index, sum);
  }
}
