package io.millwright.collector.incidents;

import java.util.Locale;
import java.util.Optional;

/**
 * What is told to the outside of an incident.
 *
 * @param page whether somebody is to be called
 * @param mergedInto the incident that it became part of, and that goes on
 */
public record Notice(Kind kind, boolean page, Incident incident, Optional<String> mergedInto) {

  /** What happened. */
  public enum Kind {
    OPENED,
    UPDATED,
    CLOSED,
    /** So many pages were sent that the next ones are not: this is the last for a while. */
    SUMMARY;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Of one that is no part of another. */
  public Notice(Kind kind, boolean page, Incident incident) {
    this(kind, page, incident, Optional.empty());
  }

  /** The same of one incident and one revision of it, however often it is told. */
  public String key() {
    return incident.id() + "/" + incident.revision();
  }
}
