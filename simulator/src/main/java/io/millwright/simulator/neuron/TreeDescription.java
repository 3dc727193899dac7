package io.millwright.simulator.neuron;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tree.tsv}: what a node, a device and a core have in sysfs, by driver and product. */
final class TreeDescription {
  private static final String RESOURCE = "tree.tsv";
  private static final String NO_BOUND = "-";
  private static final Pattern PLACE = Pattern.compile("\\{(\\w+)}");
  private static final int COLUMNS = 8;

  private final Map<String, List<String>> lists = new HashMap<>();
  private final List<String[]> rows = new ArrayList<>();

  private TreeDescription() {}

  /**
   * One file.
   *
   * @param path in the directory of the scope
   * @param mode octal, as the driver has it
   * @param quantity by which the model knows it
   */
  record Entry(String path, int mode, Form form, String quantity) {}

  /** How a file is written. */
  enum Form {
    LINE,
    LINE20,
    BARE,
    COUNT
  }

  static TreeDescription read() {
    TreeDescription description = new TreeDescription();
    try (InputStream resource =
        Optional.ofNullable(TreeDescription.class.getResourceAsStream(RESOURCE)).orElseThrow()) {
      new String(resource.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .forEach(description::take);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + RESOURCE, e);
    }
    return description;
  }

  private void take(String[] columns) {
    if (columns[0].equals("list")) {
      lists.put(columns[1], List.of(columns[2].split(" ")));
    } else if (columns.length == COLUMNS) {
      rows.add(columns);
    } else {
      throw new IllegalArgumentException(RESOURCE + ": " + String.join(" ", columns));
    }
  }

  /** The words of a list, as of {@code status}. */
  List<String> list(String name) {
    return lists.getOrDefault(name, List.of());
  }

  /**
   * @param scope {@code node}, {@code device} or {@code core}
   * @param family {@code trn1}, {@code trn2} or {@code trn3}
   */
  List<Entry> entries(String scope, DriverVersion driver, String family) {
    List<Entry> entries = new ArrayList<>();
    for (String[] row : rows) {
      boolean has = row[5].equals("all") || Arrays.asList(row[5].split(",")).contains(family);
      if (row[0].equals(scope) && has && from(driver, row[3]) && !reached(driver, row[4])) {
        Form form = Form.valueOf(row[6].toUpperCase(Locale.ROOT));
        spread(row[1], row[7], Integer.parseInt(row[2], 8), form, entries);
      }
    }
    return entries;
  }

  private static boolean from(DriverVersion driver, String bound) {
    return bound.equals(NO_BOUND) || driver.from(DriverVersion.parse(bound));
  }

  private static boolean reached(DriverVersion driver, String bound) {
    return !bound.equals(NO_BOUND) && driver.from(DriverVersion.parse(bound));
  }

  /** One entry for each word of each list that the path names. */
  private void spread(String path, String quantity, int mode, Form form, List<Entry> entries) {
    Matcher place = PLACE.matcher(path);
    if (!place.find()) {
      entries.add(new Entry(path, mode, form, quantity));
      return;
    }
    for (String word : list(place.group(1))) {
      String name = place.group();
      spread(path.replace(name, word), quantity.replace(name, word), mode, form, entries);
    }
  }
}
