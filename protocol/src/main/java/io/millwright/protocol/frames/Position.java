package io.millwright.protocol.frames;

/**
 * A place in an agent's stream of samples.
 *
 * @param incarnation which start of the agent; random, without order
 * @param sequence of the sample in it, from 1
 */
public record Position(long incarnation, long sequence) {
  /** Before all samples. */
  public static final Position NONE = new Position(0, 0);

  public Position {
    Bounds.count("sequence", sequence);
  }
}
