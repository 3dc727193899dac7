package io.millwright.collector.incidents;

import java.util.Locale;

/**
 * What is told to the outside of an incident.
 *
 * @param page whether somebody is to be called
 */
public record Notice(Kind kind, boolean page, Incident incident) {

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

  /** The same of one incident and one revision of it, however often it is told. */
  public String key() {
    return incident.id() + "/" + incident.revision();
  }
}
