package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Logical CPUs, from the lists {@code /sys/devices/system/cpu/online} and {@code present}. */
final class CpuCounts implements Section {
  private static final String[] STATES = {"online", "present"};
  private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  private final String node;
  private final Attribute[] lists = new Attribute[STATES.length];
  private final OptionalInt[] counts = {OptionalInt.empty(), OptionalInt.empty()};
  private final Fault[] faults = {Fault.NOT_FOUND, Fault.NOT_FOUND};
  private int first;

  CpuCounts(String node, Path root, CallWatch watch) {
    this.node = node;
    for (int i = 0; i < STATES.length; i++) {
      lists[i] = new Attribute(root.resolve("sys/devices/system/cpu").resolve(STATES[i]), watch);
    }
  }

  @Override
  public Cadence cadence() {
    return Cadence.SLOW;
  }

  @Override
  public boolean load() {
    for (int i = 0; i < STATES.length; i++) {
      Optional<String> list = lists[i].text();
      counts[i] = list.isEmpty() ? OptionalInt.empty() : count(list.get());
      faults[i] = list.isEmpty() ? lists[i].fault() : Fault.PARSE;
    }
    return false;
  }

  /** How many numbers a list like {@code 0-3,8,10-11} names; nothing where it is no such list. */
  static OptionalInt count(String list) {
    int count = 0;
    for (String part : list.split(",", -1)) {
      Matcher range = RANGE.matcher(part);
      if (!range.matches()) {
        return OptionalInt.empty();
      }
      int from = Integer.parseInt(range.group(1));
      int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
      if (to < from) {
        return OptionalInt.empty();
      }
      count += to - from + 1;
    }
    return OptionalInt.of(count);
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    for (int i = 0; i < STATES.length; i++) {
      int index = table.add(Cadence.SLOW, Series.of(Metric.NODE_CPUS, node, STATES[i]));
      first = i == 0 ? index : first;
    }
  }

  @Override
  public Round write(Readings readings) {
    boolean answered = false;
    for (int i = 0; i < STATES.length; i++) {
      if (counts[i].isPresent()) {
        readings.measured(first + i, counts[i].getAsInt());
        answered = true;
      } else {
        readings.unavailable(first + i, faults[i]);
      }
    }
    return answered ? Round.ANSWERED : Round.FAILED;
  }
}
