package io.millwright.simulator.judgement;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The series of one source of a trace, each with its course. */
final class Signals {
  private final Map<SeriesName, Integer> slots = new LinkedHashMap<>();
  private final List<Course> courses = new ArrayList<>();
  private final SeriesTable table;
  private final Readings readings;

  /** A value that grows; it is not measured before it was set. */
  private static final class Course {
    private boolean measured;
    private double value;
    private double perSecond;
    private long sinceSeconds;

    double at(long seconds) {
      return value + perSecond * (double) (seconds - sinceSeconds);
    }
  }

  /**
   * @param labels of the scope, before the series' own
   */
  Signals(List<String> labels, List<Profile.Reading> start, List<SeriesName> further) {
    SeriesTable.Builder builder = SeriesTable.builder();
    for (Profile.Reading reading : start) {
      set(add(builder, labels, reading.series()), 0, reading.value(), reading.perSecond());
    }
    for (SeriesName name : further) {
      if (!slots.containsKey(name)) {
        Course course = add(builder, labels, name);
        course.measured = name.startsAtZero();
      }
    }
    table = builder.build();
    readings = new Readings(table);
  }

  private Course add(SeriesTable.Builder builder, List<String> labels, SeriesName name) {
    List<String> values = new ArrayList<>(labels);
    values.addAll(name.own());
    slots.put(name, builder.add(Cadence.FAST, new Series(name.metric(), values, false)));
    Course course = new Course();
    courses.add(course);
    return course;
  }

  private static void set(Course course, long atSeconds, double value, double perSecond) {
    course.measured = true;
    course.value = value;
    course.perSecond = perSecond;
    course.sinceSeconds = atSeconds;
  }

  boolean has(SeriesName name) {
    return slots.containsKey(name);
  }

  private int slot(SeriesName name) {
    return Optional.ofNullable(slots.get(name)).orElseThrow();
  }

  private Course course(SeriesName name) {
    return courses.get(slot(name));
  }

  void set(SeriesName name, long atSeconds, double value, double perSecond) {
    set(course(name), atSeconds, value, perSecond);
  }

  void grow(SeriesName name, long atSeconds, double perSecond) {
    Course course = course(name);
    set(course, atSeconds, course.at(atSeconds), perSecond);
  }

  void add(SeriesName name, long atSeconds, double by) {
    Course course = course(name);
    set(course, atSeconds, course.at(atSeconds) + by, course.perSecond);
  }

  void unread(SeriesName name) {
    course(name).measured = false;
  }

  /** One of its state set is 1, the others are 0. */
  void state(SeriesName one, long atSeconds) {
    slots.keySet().stream()
        .filter(name -> name.metric() == one.metric())
        .forEach(name -> set(name, atSeconds, name.equals(one) ? 1 : 0, 0));
  }

  /** All as it is now. */
  Signals measure(long atSeconds, long nanos) {
    readings.at(nanos);
    for (int i = 0; i < courses.size(); i++) {
      if (courses.get(i).measured) {
        readings.measured(i, courses.get(i).at(atSeconds));
      } else {
        readings.unsupported(i);
      }
    }
    return this;
  }

  /** Nothing is read but what is said of it next. */
  Signals unavailable(Fault fault, long nanos) {
    readings.at(nanos);
    readings.allUnavailable(fault);
    return this;
  }

  /** All but this one are as they were written. */
  Signals refused(SeriesName name, Fault fault) {
    readings.unavailable(slot(name), fault);
    return this;
  }

  Signals say(SeriesName name, double value) {
    readings.measured(slot(name), value);
    return this;
  }

  Sample sample() {
    return readings.sample();
  }
}
