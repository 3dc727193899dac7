package io.millwright.collector.rest;

/**
 * Who asks.
 *
 * @param name of the token; empty for {@link Role#ANYBODY}
 */
public record Caller(String name, Role role) {
  static final Caller ANYBODY = new Caller("", Role.ANYBODY);

  /** Whether a job of this user is his own, or he is an admin. */
  boolean mayAnswerFor(String user) {
    return role.mayWhat(Role.ADMIN) || user.equals(name);
  }
}
