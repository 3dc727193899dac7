package io.millwright.protocol.views;

/** An incident in one line that a scheduler takes as the reason of a node's state. */
public final class SchedulerReason {
  /** So long Slurm's own tools show a reason whole. */
  public static final int LONGEST = 200;

  private SchedulerReason() {}

  /** In the characters that a shell and Slurm leave alone between quotation marks. */
  public static String of(String incident, String summary) {
    String plain =
        ("millwright " + incident + ": " + summary)
            .replaceAll("[^\\x20-\\x7e]", "?")
            .replaceAll("[\"'`$\\\\]", "");
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST);
  }
}
