package io.millwright.drivers.host;

import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** The sections of one source under one table of series. */
final class Sections implements AutoCloseable {
  private final Metric.Tier most;
  private final List<Section> sections;
  private Readings readings;

  /**
   * @param most tier that the site wants; no section may have a series beyond it
   */
  Sections(Metric.Tier most, List<Section> sections) {
    this.most = most;
    this.sections = List.copyOf(sections);
    this.readings = declared();
  }

  private Readings declared() {
    SeriesTable.Builder table = SeriesTable.builder(most);
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      section.declare(table);
    }
    return new Readings(table.build());
  }

  Readings readings() {
    return readings;
  }

  boolean reads(Cadence cadence) {
    for (int i = 0; i < sections.size(); i++) { // asked at each tick, and makes no garbage
      if (sections.get(i).cadence() == cadence) {
        return true;
      }
    }
    return false;
  }

  Outcome read(Cadence cadence, long nowNanos) {
    boolean changed = loaded(cadence);
    if (changed) {
      loadOthers(cadence);
      readings = declared();
    }
    readings.at(nowNanos);
    return written(cadence, changed);
  }

  private boolean loaded(Cadence cadence) {
    boolean changed = false;
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      if (section.cadence() == cadence) {
        changed |= section.load();
      }
    }
    return changed;
  }

  /** New readings hold no value yet, and an old one must not be stamped as if it were new. */
  private void loadOthers(Cadence cadence) {
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      if (section.cadence() != cadence) {
        section.load();
      }
    }
  }

  private Outcome written(Cadence cadence, boolean all) {
    boolean answered = false;
    boolean failed = false;
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      if (all || section.cadence() == cadence) {
        Section.Round round = section.write(readings);
        answered |= round == Section.Round.ANSWERED;
        failed |= round == Section.Round.FAILED;
      }
    }
    return failed && !answered ? Outcome.FAILED : Outcome.ANSWERED;
  }

  @Override
  public void close() {
    for (int i = 0; i < sections.size(); i++) {
      Section section = sections.get(i);
      section.close();
    }
  }
}
