package io.millwright.benchmarks;

import java.util.List;

/** The middle of a few repeated figures, and how far they lie apart. */
record Medians(double least, double median, double most) {

  static Medians of(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    return new Medians(sorted.getFirst(), sorted.get(sorted.size() / 2), sorted.getLast());
  }
}
