package io.millwright.drivers.host;

import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;

/** The sections of one source under one table of series. */
final class Sections implements AutoCloseable {
  private final Section[] sections;
  private Readings readings;

  Sections(Section... sections) {
    this.sections = sections.clone();
    this.readings = declared(this.sections);
  }

  private static Readings declared(Section[] sections) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (Section section : sections) {
      section.declare(table);
    }
    return new Readings(table.build());
  }

  Readings readings() {
    return readings;
  }

  Outcome read(Cadence cadence, long nowNanos) {
    boolean changed = loaded(cadence);
    if (changed) {
      loadOthers(cadence);
      readings = declared(sections);
    }
    readings.at(nowNanos);
    return written(cadence, changed);
  }

  private boolean loaded(Cadence cadence) {
    boolean changed = false;
    for (Section section : sections) {
      if (section.cadence() == cadence) {
        changed |= section.load();
      }
    }
    return changed;
  }

  /** New readings hold no value yet, and an old one must not be stamped as if it were new. */
  private void loadOthers(Cadence cadence) {
    for (Section section : sections) {
      if (section.cadence() != cadence) {
        section.load();
      }
    }
  }

  private Outcome written(Cadence cadence, boolean all) {
    boolean answered = false;
    boolean failed = false;
    for (Section section : sections) {
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
    for (Section section : sections) {
      section.close();
    }
  }
}
