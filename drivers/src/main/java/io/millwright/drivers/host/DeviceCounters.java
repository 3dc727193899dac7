package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/**
 * Counters of devices from a file with a line for each: {@code /proc/diskstats}, {@code
 * /proc/net/dev}. A line of which one number is garbage gives none: with a word too many or too few
 * every later number would be another column's.
 */
final class DeviceCounters implements Section {

  /** How such a file is laid out. */
  interface Layout {
    /** Goes to the device's name on this line, and before its numbers; false if it has none. */
    boolean toName(Text text);

    /** How many numbers a line has at least. */
    int numbers();

    /** What is taken of them. */
    List<Column> columns();

    /** Whether a device of this name is to be shown. */
    boolean shows(String name);
  }

  /**
   * One number of a line.
   *
   * @param number its position among the numbers of the line, from 0
   * @param perUnit how many of the file's units are one of the metric's
   * @param labels the values of the labels behind {@code device}
   */
  record Column(Metric metric, int number, double perUnit, List<String> labels) {
    Column {
      labels = List.copyOf(labels);
    }

    Series series(String node, String device) {
      return switch (labels.size()) {
        case 0 -> Series.of(metric, node, device);
        default -> Series.of(metric, node, device, labels.getFirst());
      };
    }
  }

  private final String node;
  private final ProcFile file;
  private final Text text;
  private final Layout layout;
  private final Column[] columns;
  private final Rows rows;
  private final Drops drops;
  private long droppedRows;
  private boolean read;
  private int first;

  DeviceCounters(String node, ProcFile file, Text text, Layout layout, int limit, Drops drops) {
    this.node = node;
    this.file = file;
    this.text = text;
    this.layout = layout;
    this.columns = layout.columns().toArray(Column[]::new);
    this.rows = new Rows(layout.numbers(), limit, layout::shows);
    this.drops = drops;
  }

  @Override
  public Cadence cadence() {
    return Cadence.FAST;
  }

  @Override
  public boolean load() {
    read = file.readInto(text);
    if (!read) {
      return false;
    }
    rows.begin();
    while (text.line()) {
      if (layout.toName(text) && rows.meet(text)) {
        parse(rows.row());
      }
    }
    boolean changed = rows.end();
    if (rows.dropped() > droppedRows) {
      tellDropped(rows.dropped() - droppedRows);
    }
    return changed;
  }

  private void tellDropped(long devices) {
    for (Column column : columns) {
      drops.add(column.metric(), devices);
    }
    droppedRows = rows.dropped();
  }

  private void parse(Rows.Row row) {
    boolean well = true;
    for (int i = 0; well && i < layout.numbers(); i++) {
      well = text.nextNumber();
      row.set(i, text.number());
    }
    row.formed(well);
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    first = -1;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).shown()) {
        declare(rows.get(i).name(), table);
      }
    }
  }

  private void declare(String device, SeriesTable.Builder table) {
    for (Column column : columns) {
      int index = table.add(Cadence.FAST, column.series(node, device));
      first = first < 0 ? index : first;
    }
  }

  @Override
  public Round write(Readings readings) {
    int index = first;
    boolean answered = false;
    for (int i = 0; i < rows.size(); i++) {
      Rows.Row row = rows.get(i);
      if (row.shown()) {
        write(row, index, readings);
        index += columns.length;
        answered = true;
      }
    }
    if (read) {
      return answered ? Round.ANSWERED : Round.ABSENT;
    }
    return file.everRead() ? Round.FAILED : Round.ABSENT;
  }

  private void write(Rows.Row row, int index, Readings readings) {
    for (int i = 0; i < columns.length; i++) {
      if (!read) {
        readings.unavailable(index + i, file.fault());
      } else if (row.wellFormed()) {
        double value = Text.toDouble(row.value(columns[i].number()));
        readings.measured(index + i, value / columns[i].perUnit());
      } else {
        readings.unavailable(index + i, Fault.PARSE);
      }
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
