package io.millwright.agent.health;

import java.util.List;

/**
 * What must not be forgotten when the agent starts anew. It belongs to one boot of the node.
 *
 * @param bootId of the kernel's boot
 * @param cursor sequence number of the last line of the kernel log that was taken; -1 for none
 * @param kernel what the kernel log told of the node
 */
public record Memory(String bootId, long cursor, List<Tally> tallies, List<KernelTally> kernel) {
  public Memory {
    tallies = List.copyOf(tallies);
    kernel = List.copyOf(kernel);
  }

  /**
   * Of one pattern of the kernel log.
   *
   * @param standingSinceMs first occurrence that nothing has ended yet; 0 where all is ended
   */
  public record KernelTally(
      String pattern, long count, long firstMs, long lastMs, String detail, long standingSinceMs) {
    boolean stands() {
      return standingSinceMs != 0;
    }
  }

  /** Of a boot of which nothing is known yet. */
  public static Memory none(String bootId) {
    return new Memory(bootId, -1, List.of(), List.of());
  }
}
