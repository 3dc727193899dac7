package io.millwright.protocol.vocabulary.job;

import java.util.List;

/**
 * What one run used on one node.
 *
 * @param run as in {@code train-r1}; of another scheduler its name and number, as in {@code
 *     slurm-1234-r1}
 * @param scheduler who placed it, as in {@code millwright} or {@code slurm}
 * @param user who it ran as; empty where nobody said
 * @param project empty where nobody said
 * @param beganMs when it had its devices, by the node's wall clock
 * @param endedMs when it let go of them
 * @param end how it ended, as in {@code completed}; empty where only its scheduler knows
 * @param shared whether another run had one of its devices meanwhile: its counters are then those
 *     of both
 * @param coverage share of the run's time for which samples were seen, 0 to 1
 */
public record RunAccount(
    RunId run,
    String scheduler,
    String user,
    String project,
    long beganMs,
    long endedMs,
    String end,
    boolean shared,
    double coverage,
    List<DeviceAccount> devices,
    HostAccount host) {
  /** Characters of scheduler, user, project and end. */
  public static final int LONGEST_WORD = 128;

  private static final int MOST_DEVICES = 64;

  public RunAccount {
    bounded(scheduler, user, project, devices.size());
    Wording.text("end", end, LONGEST_WORD);
    Wording.between("began_ms", beganMs, 0, Long.MAX_VALUE);
    Wording.between("ended_ms", endedMs, 0, Long.MAX_VALUE);
    Wording.amount("coverage", coverage);
    devices = List.copyOf(devices);
  }

  /**
   * Refuses at a run's beginning what its account could not say at its end.
   *
   * @throws IllegalArgumentException with one sentence
   */
  public static void bounded(String scheduler, String user, String project, int devices) {
    Wording.text("scheduler", scheduler, LONGEST_WORD);
    Wording.text("user", user, LONGEST_WORD);
    Wording.text("project", project, LONGEST_WORD);
    Wording.between("devices", devices, 0, MOST_DEVICES);
  }

  /** Time for which it had its devices, summed over them. */
  public double deviceSeconds() {
    return devices.stream().mapToDouble(DeviceAccount::seconds).sum();
  }
}
