package io.millwright.collector.racks;

import io.millwright.protocol.vocabulary.Spelling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** All places of a site, as its file says them. Immutable. */
public final class RackMap {
  /** Of a site that keeps no file. */
  public static final RackMap EMPTY = new RackMap(Map.of());

  private static final String NODE = "node";
  private static final List<String> COLUMNS =
      List.of(NODE, "rack", "chassis", "slot", "tray", "switch", "feed", "domain", "cooling");
  private static final String WORD = "[\\x21-\\x7e&&[^,\"]]{1,64}";
  private static final int MOST_LINES = 100_000;

  private final Map<String, Place> places;
  private final Map<Part, Set<String>> nodes = new HashMap<>();

  private RackMap(Map<String, Place> places) {
    this.places = Map.copyOf(places);
    for (Place place : places.values()) {
      for (Part part : place.parts()) {
        nodes.computeIfAbsent(part, first -> new TreeSet<>()).add(place.node());
      }
    }
  }

  /**
   * Reads the lines of a file: names of columns, then a node a line; {@code #} begins a comment,
   * and an empty field is not known.
   *
   * @throws IllegalArgumentException at the first mistake; the message is one sentence
   */
  public static RackMap of(List<String> lines) {
    List<String> columns = List.of();
    Map<String, Place> places = new TreeMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      require(places.size() < MOST_LINES, i, "the nodes", "more of them", "up to " + MOST_LINES);
      if (columns.isEmpty()) {
        columns = columns(line, i);
        continue;
      }
      Place place = place(columns, line, i);
      require(
          places.put(place.node(), place) == null,
          i,
          "the column node",
          "'%s' a second time".formatted(place.node()),
          "each node once");
    }
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "line 1: no columns are named; begin with a line such as node,rack,slot,switch,feed,domain");
    }
    return new RackMap(places);
  }

  private static List<String> columns(String line, int at) {
    List<String> columns = new ArrayList<>();
    for (String given : line.split(",", -1)) {
      String column = given.strip();
      require(
          COLUMNS.contains(column),
          at,
          "the names of columns",
          "'%s'".formatted(column),
          String.join(", ", COLUMNS)
              + Spelling.nearest(column, COLUMNS).map(near -> "; meant is " + near).orElse(""));
      require(
          !columns.contains(column),
          at,
          "the names of columns",
          "'%s' a second time".formatted(column),
          "each once");
      columns.add(column);
    }
    require(columns.contains(NODE), at, "the names of columns", "no 'node'", "node and others");
    return columns;
  }

  private static Place place(List<String> columns, String line, int at) {
    String[] fields = line.split(",", -1);
    require(
        fields.length == columns.size(),
        at,
        "the fields",
        Integer.toString(fields.length),
        "%d, one for each column".formatted(columns.size()));
    Map<String, String> row = new HashMap<>();
    for (int i = 0; i < fields.length; i++) {
      String field = fields[i].strip();
      String column = columns.get(i);
      boolean absent = field.isEmpty() && !column.equals(NODE);
      require(
          absent || field.matches(WORD),
          at,
          "the column " + column,
          "'%s'".formatted(shown(field)),
          "1 to 64 visible ASCII characters without comma and quotation mark");
      if (!absent) {
        row.put(column, field);
      }
    }
    return new Place(
        row.getOrDefault(NODE, ""),
        field(row, "rack"),
        field(row, "chassis"),
        field(row, "slot"),
        field(row, "tray"),
        field(row, "switch"),
        field(row, "feed"),
        field(row, "domain"),
        field(row, "cooling"));
  }

  private static Optional<String> field(Map<String, String> row, String column) {
    return Optional.ofNullable(row.get(column));
  }

  private static String shown(String field) {
    String plain = field.replaceAll("[^\\x20-\\x7e]", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "...";
  }

  private static void require(boolean holds, int at, String where, String given, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "line %d, %s: %s is refused; allowed is %s".formatted(at + 1, where, given, allowed));
    }
  }

  /** Where a node stands; a node that the file does not name has an unknown place. */
  public Place place(String node) {
    Place known = places.get(node);
    return known == null ? Place.unknown(node) : known;
  }

  /** Whether the file names the node. */
  public boolean has(String node) {
    return places.containsKey(node);
  }

  /** All nodes of the file, by their names. */
  public Set<String> nodes() {
    return Set.copyOf(places.keySet());
  }

  /** The nodes that share this part, by the file. */
  public Set<String> nodes(Part part) {
    return Set.copyOf(nodes.getOrDefault(part, Set.of()));
  }

  /** How many nodes share this part, by the file. */
  public int size(Part part) {
    return nodes.getOrDefault(part, Set.of()).size();
  }
}
