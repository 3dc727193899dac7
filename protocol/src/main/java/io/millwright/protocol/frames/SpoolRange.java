package io.millwright.protocol.frames;

/**
 * What samples an agent has kept for later; both ends are {@link Position#NONE} where it has none.
 * They may be of different incarnations: a spool outlives the agent.
 */
public record SpoolRange(Position oldest, Position newest) {
  public static final SpoolRange EMPTY = new SpoolRange(Position.NONE, Position.NONE);
}
