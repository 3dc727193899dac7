package io.millwright.collector.acceptance;

import java.util.Locale;

/**
 * How far the acceptance of a node is.
 *
 * @param words why, for people; empty where it is accepted
 */
public record Standing(State state, String words) {

  /** As in metrics, REST and CLI. */
  public enum State {
    /** It never passed, and nothing was tried. */
    NEW,
    /** Something has changed since it passed, or a test came to nothing. */
    UNACCEPTED,
    /** The site's test runs. */
    TESTING,
    ACCEPTED,
    /** The site's test has failed on the equipment that is there. */
    FAILED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
