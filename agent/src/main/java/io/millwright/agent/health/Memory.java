package io.millwright.agent.health;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What must not be forgotten when the agent starts anew. All but {@code devices} belongs to one
 * boot of the node.
 *
 * @param bootId of the kernel's boot
 * @param cursor sequence number of the last line of the kernel log that was taken; -1 for none
 * @param kernel what the kernel log told of the node
 * @param standing what else was said when this was kept: it is said on until it is seen to be over
 * @param devices the most that were ever counted of a vendor of which the site has said nothing
 */
public record Memory(
    String bootId,
    long cursor,
    List<Tally> tallies,
    List<KernelTally> kernel,
    List<Standing> standing,
    Map<String, Integer> devices) {
  /** Far more than is ever said at one time of a node that works at all. */
  public static final int MOST_STANDING = 1_024;

  public Memory {
    tallies = List.copyOf(tallies);
    kernel = List.copyOf(kernel);
    standing = List.copyOf(standing);
    devices = Map.copyOf(devices);
  }

  /**
   * A rule of readings or states that speaks.
   *
   * @param key the rule's id; of a probe with its name behind a space
   * @param subject uuid of the device; empty for the node
   * @param labels further ones of the series that the rule looks at; empty where it looks at none
   * @param observed as it was said when this was kept
   */
  public record Standing(
      String key, String subject, List<String> labels, long sinceMs, String observed) {
    static final Comparator<Standing> ORDER =
        Comparator.comparing(Standing::subject)
            .thenComparing(Standing::key)
            .thenComparing(one -> String.join(" ", one.labels()));

    public Standing {
      labels = List.copyOf(labels);
    }

    String rule() {
      int end = key.indexOf(RuleKinds.OF_PROBE);
      return end < 0 ? key : key.substring(0, end);
    }
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
    return new Memory(bootId, -1, List.of(), List.of(), List.of(), Map.of());
  }

  /** What of it is known under this boot id. */
  public Memory under(String boot) {
    return bootId.equals(boot)
        ? this
        : new Memory(boot, -1, List.of(), List.of(), List.of(), devices);
  }
}
