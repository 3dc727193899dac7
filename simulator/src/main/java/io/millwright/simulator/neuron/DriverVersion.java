package io.millwright.simulator.neuron;

import java.util.Arrays;
import java.util.List;

/** A version of the Neuron driver, as in {@code 2.30.2.0}. */
record DriverVersion(List<Integer> numbers) implements Comparable<DriverVersion> {
  private static final int LONGEST = 4;

  DriverVersion {
    numbers = List.copyOf(numbers);
  }

  /**
   * @throws IllegalArgumentException where it is no version
   */
  static DriverVersion parse(String given) {
    if (!given.matches("[0-9]{1,4}(\\.[0-9]{1,5}){1,3}")) {
      throw new IllegalArgumentException(
          "driver version '" + given + "' is refused; allowed are 2 to 4 numbers, as in 2.30.2.0");
    }
    return new DriverVersion(Arrays.stream(given.split("\\.")).map(Integer::valueOf).toList());
  }

  boolean from(DriverVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(DriverVersion other) {
    for (int i = 0; i < LONGEST; i++) {
      int order = Integer.compare(number(i), other.number(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private int number(int place) {
    return place < numbers.size() ? numbers.get(place) : 0;
  }

  @Override
  public String toString() {
    return String.join(".", numbers.stream().map(String::valueOf).toList());
  }
}
