package io.millwright.agent.tool;

/**
 * A program that has ended, or was given up.
 *
 * @param output what it printed, the middle left out where that was too much
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
public record Ended(Ending ending, byte[] output, double seconds) {
  static Ended notBegun(String why) {
    return new Ended(new Ending.NotBegun(why), new byte[0], 0);
  }
}
