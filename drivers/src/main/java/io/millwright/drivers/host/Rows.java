package io.millwright.drivers.host;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The devices that a file lists by name, each with its numbers of the last round. A round that
 * meets the names of the round before allocates nothing.
 *
 * <p>At most {@code limit} devices are shown; of what is hidden by choice a bounded number is
 * remembered, so that the choice is made once a device and not once a tick.
 */
final class Rows {
  private static final int MOST_REMEMBERED = 4096;
  private static final int LONGEST_NAME = 64;

  /** One device of the file. */
  static final class Row {
    private final String name;
    private final byte[] nameBytes;
    private final boolean shown;
    private final boolean turnedAway;
    private final long[] values;
    private boolean seen;
    private boolean wellFormed;

    private Row(byte[] nameBytes, String name, boolean shown, boolean turnedAway, int columns) {
      this.nameBytes = nameBytes;
      this.name = name;
      this.shown = shown;
      this.turnedAway = turnedAway;
      this.values = new long[shown ? columns : 0];
    }

    String name() {
      return name;
    }

    boolean shown() {
      return shown;
    }

    /** Whether the last round could read all its numbers. */
    boolean wellFormed() {
      return wellFormed;
    }

    /** A number of the last round, unsigned; meaningless unless {@link #wellFormed()}. */
    long value(int column) {
      return values[column];
    }

    void set(int column, long value) {
      values[column] = value;
    }

    void formed(boolean well) {
      wellFormed = well;
    }
  }

  private final int columns;
  private final int limit;
  private final Predicate<String> admitted;
  private final List<Row> rows = new ArrayList<>();
  private int shownRows;
  private int cursor;
  private int unseen;
  private boolean changed;
  private long dropped;
  private int unremembered;
  private int unrememberedBefore;

  /**
   * @param columns numbers of each device
   * @param limit devices shown at most
   * @param admitted whether a device of this name is to be shown; asked once for each that comes
   */
  Rows(int columns, int limit, Predicate<String> admitted) {
    this.columns = columns;
    this.limit = limit;
    this.admitted = admitted;
  }

  /** Begins a round: no device has been met yet. */
  void begin() {
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).seen = false;
    }
    unseen = rows.size();
    cursor = rows.size() - 1;
    changed = false;
    unremembered = 0;
  }

  /** Ends a round and forgets the devices that were not met; true when others are shown. */
  boolean end() {
    if (unseen > 0) {
      forgetUnseen();
    }
    dropped += Math.max(0, unremembered - unrememberedBefore);
    unrememberedBefore = unremembered;
    return changed;
  }

  private void forgetUnseen() {
    for (Iterator<Row> each = rows.iterator(); each.hasNext(); ) {
      Row row = each.next();
      if (!row.seen) {
        each.remove();
        shownRows -= row.shown ? 1 : 0;
        changed |= row.shown;
      }
    }
  }

  /**
   * Whether the current word is the name of a device to show and met for the first time in this
   * round; the device is then {@link #row}.
   */
  boolean meet(Text text) {
    if (!text.wordIsName(LONGEST_NAME)) {
      return false;
    }
    int known = find(text);
    if (known < 0) {
      return admit(text);
    }
    cursor = known;
    Row row = rows.get(known);
    if (row.seen) {
      return false;
    }
    row.seen = true;
    unseen--;
    return row.shown || (row.turnedAway && comesIn(row));
  }

  /** Whether there is room now for one that was turned away. */
  private boolean comesIn(Row turnedAway) {
    if (shownRows >= limit) {
      return false;
    }
    Row row = new Row(turnedAway.nameBytes, turnedAway.name, true, false, columns);
    row.seen = true;
    rows.set(cursor, row);
    shownRows++;
    changed = true;
    return true;
  }

  /** The device met last. */
  Row row() {
    return rows.get(cursor);
  }

  /** Files list their devices in one order, so the next one is mostly the one after the last. */
  private int find(Text text) {
    int size = rows.size();
    for (int i = 0; i < size; i++) {
      int candidate = (cursor + 1 + i) % size;
      if (text.wordIs(rows.get(candidate).nameBytes)) {
        return candidate;
      }
    }
    return -1;
  }

  private boolean admit(Text text) {
    if (rows.size() >= MOST_REMEMBERED) {
      unremembered++;
      return false;
    }
    String name = text.wordText();
    boolean wanted = admitted.test(name);
    boolean shown = wanted && shownRows < limit;
    Row row = new Row(text.wordBytes(), name, shown, wanted && !shown, columns);
    row.seen = true;
    rows.add(row);
    cursor = rows.size() - 1;
    shownRows += shown ? 1 : 0;
    changed |= shown;
    dropped += row.turnedAway ? 1 : 0;
    return shown;
  }

  int size() {
    return rows.size();
  }

  Row get(int index) {
    return rows.get(index);
  }

  /**
   * Devices that were not shown because there were too many, each once as long as it is listed; of
   * those beyond what is remembered, as many as there were at most.
   */
  long dropped() {
    return dropped;
  }
}
