package io.millwright.agent.systemd;

/**
 * A unit as systemd lists it.
 *
 * @param load {@code loaded}, {@code not-found}, {@code bad-setting}, …
 * @param active {@code active}, {@code activating}, {@code deactivating}, {@code failed}, {@code
 *     inactive}, …
 * @param sub the same in the words of the unit's type
 * @param path by which its properties are asked for
 * @param awaited whether a job of systemd's own waits to be done to it, such as its start
 */
public record UnitRow(
    String name, String load, String active, String sub, String path, boolean awaited) {

  /** Whether some process of it may be there, or come. */
  public boolean alive() {
    return awaited || (!active.equals("inactive") && !active.equals("failed"));
  }
}
