package io.millwright.agent.config;

/**
 * One mistake in a configuration.
 *
 * @param place where it stands
 * @param what the key, what was given, what is allowed and what to do, without a full stop
 */
public record Problem(Place place, String what) {

  /** The whole sentence, on one line. */
  public String sentence() {
    return place.text() + ": " + what;
  }
}
