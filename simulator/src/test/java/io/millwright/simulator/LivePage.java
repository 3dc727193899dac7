package io.millwright.simulator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** A page as a scraper sees it: series by name and labels. */
record LivePage(String text, Map<String, Double> series) {

  static LivePage of(String text) {
    Map<String, Double> series = new LinkedHashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(line -> put(line, series));
    return new LivePage(text, series);
  }

  private static void put(String line, Map<String, Double> series) {
    int space = line.lastIndexOf(' ');
    String value = line.substring(space + 1).replace("Inf", "Infinity");
    if (series.put(line.substring(0, space), Double.parseDouble(value)) != null) {
      throw new AssertionError("twice on the page: " + line);
    }
  }

  /** The series of a family that have all these labels, each as {@code name="value"}. */
  List<Double> values(String family, String... labels) {
    return matching(family, labels).map(Map.Entry::getValue).toList();
  }

  /** The one value, absent where there is none. */
  OptionalDouble value(String family, String... labels) {
    return values(family, labels).stream().mapToDouble(v -> v).findFirst();
  }

  /** The one value of a device, NaN where there is none. */
  double device(int accelerator, String family, String... labels) {
    String[] all =
        Stream.concat(Stream.of("accelerator=\"" + accelerator + "\""), Stream.of(labels))
            .toArray(String[]::new);
    return value("millwright_accelerator_" + family, all).orElse(Double.NaN);
  }

  /** Whether all these devices answer. */
  boolean up(int devices) {
    return values("millwright_accelerator_up").stream().filter(up -> up == 1).count() == devices;
  }

  private Stream<Map.Entry<String, Double>> matching(String family, String... labels) {
    return series.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(family + "{") || entry.getKey().equals(family))
        .filter(entry -> Stream.of(labels).allMatch(entry.getKey()::contains));
  }
}
