package io.millwright.drivers.host;

/**
 * Where a node stands and what it is for, as its operator configured it.
 *
 * @param rack empty where not configured
 * @param role empty where not configured
 */
public record Place(String rack, String role) {

  /** A node of which neither was configured. */
  public static final Place UNKNOWN = new Place("", "");
}
