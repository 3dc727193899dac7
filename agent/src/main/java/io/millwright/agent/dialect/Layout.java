package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything of a page but the values. Valid for the very tables it was made of, in their order;
 * how far counters had grown is taken over from the layout before.
 */
final class Layout {
  private static final byte[] SIMULATED =
      bytes("# Simulated hardware: no device of this page is real.\n");
  private static final byte[] NOTHING = {};
  private static final String XID = "xid";
  private static final int LONGEST_CODE = 6;

  private final List<SeriesTable> tables;
  private final Object basis;
  private final boolean simulated;
  private final List<Family> families = new ArrayList<>();
  private final Map<String, Growth> growths = new HashMap<>();
  private final Map<String, Tally> tallies = new HashMap<>();

  /** One family: what stands above it, its name, its lines. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Family(byte[] header, byte[] name, Cell[] cells, NumberForm form, double factor) {}

  /**
   * @param samples whose tables it is valid for
   * @param basis what it is made of beside them, compared as a value
   */
  Layout(List<Sample> samples, Object basis, boolean simulated) {
    this.tables = samples.stream().map(Sample::table).toList();
    this.basis = basis;
    this.simulated = simulated;
  }

  static Layout none() {
    return new Layout(List.of(), "nothing", false);
  }

  /** The layout of a dialect for these samples. */
  static Layout of(List<Sample> samples, DcgmDialect dialect, Layout before) {
    Inventory inventory = new Inventory(samples);
    Layout layout = new Layout(samples, dialect, inventory.simulated());
    Map<Device, byte[]> labels = new HashMap<>();
    List<Device> devices = inventory.shown();
    for (Device device : devices) {
      labels.put(device, bytes(device.labels(inventory.gpu(device), dialect) + "} "));
    }
    for (Field field : dialect.fields()) {
      List<Cell> cells = new ArrayList<>();
      for (Device device : devices) {
        byte[] own = labels.getOrDefault(device, NOTHING);
        layout.cell(field, device, own, inventory, dialect, before).ifPresent(cells::add);
      }
      layout.add(field.name(), field.help(), field.kind(), cells, field.form(), field.factor());
    }
    return layout;
  }

  /** One more family, unless it has no line. */
  void add(
      String name, String help, String kind, List<Cell> cells, NumberForm form, double factor) {
    if (!cells.isEmpty()) {
      String header = "# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, kind);
      families.add(
          new Family(bytes(header), bytes(name), cells.toArray(Cell[]::new), form, factor));
    }
  }

  private Optional<Cell> cell(
      Field field,
      Device device,
      byte[] labels,
      Inventory inventory,
      DcgmDialect dialect,
      Layout before) {
    return switch (field.source()) {
      case Source.Value value -> reckoned(value, device, labels, inventory);
      case Source.Rate(List<Term> sum) ->
          inventory
              .sum(device, sum)
              .map(placed ->
                  new Cell.Growing(
                      labels, placed, growth(field.name() + ' ' + device.uuid(), before)));
      case Source.LastXid() -> newest(device, inventory, dialect);
      case Source.OfInfo(String name) -> Optional.empty();
      case Source.Nothing(String why) -> Optional.empty();
    };
  }

  private static Optional<Cell> reckoned(
      Source.Value value, Device device, byte[] labels, Inventory inventory) {
    Optional<PlacedSum> sum = inventory.sum(device, value.sum());
    Optional<PlacedSum> over = inventory.sum(device, value.over());
    Optional<Place> with = value.with().flatMap(term -> inventory.place(device, term));
    Optional<Place> without = value.without().flatMap(term -> inventory.place(device, term));
    boolean whole = over.isPresent() == !value.over().isEmpty();
    return sum.isPresent() && whole && with.isPresent() == value.with().isPresent()
        ? Optional.of(new Cell.Reckoned(labels, sum.get(), over, with, without))
        : Optional.empty();
  }

  /** How far a counter had grown by the layout before. */
  Growth growth(String key, Layout before) {
    Growth growth = Optional.ofNullable(before.growths.get(key)).orElseGet(Growth::new);
    growths.put(key, growth);
    return growth;
  }

  /** What counters had grown by in the layout before. */
  Tally tally(String key, Layout before) {
    Tally tally = Optional.ofNullable(before.tallies.get(key)).orElseGet(Tally::new);
    tallies.put(key, tally);
    return tally;
  }

  /** Of a GPU as a whole, its instances' among them. */
  private static Optional<Cell> newest(Device device, Inventory inventory, DcgmDialect dialect) {
    if (device.isInstance()) {
      return Optional.empty();
    }
    Map<Series, Place> last =
        inventory.of(device, Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS);
    List<Cell.Newest.Code> codes = new ArrayList<>();
    inventory
        .of(device, Metric.ACCELERATOR_ERROR_EVENTS_TOTAL)
        .forEach((series, place) -> {
          int number = number(series);
          if (number > 0) {
            byte[] labels =
                xidLabels(device, inventory, dialect, number, dialect.xids().meaning(number));
            codes.add(new Cell.Newest.Code(number, labels, place, lastOf(series, last)));
          }
        });
    return codes.isEmpty()
        ? Optional.empty()
        : Optional.of(new Cell.Newest(codes, xidLabels(device, inventory, dialect, 0, "No Error")));
  }

  private static Optional<Place> lastOf(Series total, Map<Series, Place> last) {
    return Optional.ofNullable(
        last.get(
            new Series(
                Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS,
                total.labelValues(),
                false)));
  }

  /** The number of an Xid, of {@code 144.RLW} too; 0 for other sources and for {@code other}. */
  private static int number(Series series) {
    List<String> names = series.metric().labels();
    String source = series.labelValues().get(names.indexOf("source"));
    String code = series.labelValues().get(names.indexOf("code"));
    int digits = 0;
    while (digits < code.length() && Character.isDigit(code.charAt(digits))) {
      digits++;
    }
    return source.equals(XID) && digits > 0 && digits <= LONGEST_CODE
        ? Integer.parseInt(code.substring(0, digits))
        : 0;
  }

  private static byte[] xidLabels(
      Device device, Inventory inventory, DcgmDialect dialect, int number, String meaning) {
    StringBuilder text = new StringBuilder(device.labels(inventory.gpu(device), dialect));
    Device.label(text, ',', "err_code", Integer.toString(number));
    Device.label(text, ',', "err_msg", meaning);
    return bytes(text.append("} ").toString());
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  boolean fits(List<Sample> samples, Object wanted) {
    if (samples.size() != tables.size() || !basis.equals(wanted)) {
      return false;
    }
    for (int i = 0; i < tables.size(); i++) {
      if (samples.get(i).table() != tables.get(i)) {
        return false;
      }
    }
    return true;
  }

  /** What stands above all families. */
  byte[] heading() {
    return simulated ? SIMULATED : NOTHING;
  }

  List<Family> families() {
    return families;
  }
}
