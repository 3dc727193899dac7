package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Readings;
import java.util.Arrays;

/** The numbers behind some keys of a file that has one key and its number a line. */
final class Keyed {
  private final byte[][] keys;
  private final long[] values;
  private final boolean[] seen;
  private final boolean[] known;

  Keyed(byte[]... keys) {
    this.keys = keys.clone();
    this.values = new long[keys.length];
    this.seen = new boolean[keys.length];
    this.known = new boolean[keys.length];
  }

  /** Takes the numbers of this text; the first line of a key counts. */
  void parse(Text text) {
    Arrays.fill(seen, false);
    Arrays.fill(known, false);
    while (text.line()) {
      if (text.word()) {
        take(text);
      }
    }
  }

  private void take(Text text) {
    for (int i = 0; i < keys.length; i++) {
      if (!seen[i] && text.wordIs(keys[i])) {
        seen[i] = true;
        known[i] = text.nextNumber();
        values[i] = text.number();
        return;
      }
    }
  }

  boolean known(int key) {
    return known[key];
  }

  /** The number, unsigned; meaningless unless {@link #known}. */
  long value(int key) {
    return values[key];
  }

  /** Says why this key's number is not there: this kernel has no such key, or it is garbage. */
  void missing(int key, int index, Readings readings) {
    if (seen[key]) {
      readings.unavailable(index, Fault.PARSE);
      return;
    }
    readings.unsupported(index);
  }
}
