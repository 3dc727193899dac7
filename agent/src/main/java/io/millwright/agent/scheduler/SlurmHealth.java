package io.millwright.agent.scheduler;

import io.millwright.protocol.views.SchedulerReason;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Tells Slurm how this node is. It drains a node that is not fit, and takes back no drain but its
 * own, which it knows by the first words of the reason.
 *
 * <p><i>Threading:</i> one owner, which waits for {@code scontrol}. <i>Failure:</i> {@link
 * IOException} with one sentence.
 */
public final class SlurmHealth {
  /**
   * How each reason of ours begins; the collector's name an incident in place of the second word.
   */
  static final String OURS = "millwright health: ";

  /** Slurm jobs here are runs of this name and their number. */
  public static final String JOB = "slurm-";

  private final Scontrol scontrol;
  private final String node;

  /**
   * @param node as Slurm names it
   */
  public SlurmHealth(Scontrol scontrol, String node) {
    this.scontrol = scontrol;
    this.node = node;
  }

  /** What was done, in words; empty where nothing was to do. */
  public Optional<String> follow(Reply.Seen seen) throws IOException {
    return switch (seen.fitness()) {
      case FIT -> fit();
      case UNFIT -> unfit(seen.reason());
      case UNKNOWN -> Optional.empty();
    };
  }

  /** Drains the node, unless somebody has; who came first gave the reason that stays. */
  public Optional<String> unfit(String why) throws IOException {
    if (shown().draining()) {
      return Optional.empty();
    }
    String reason = SchedulerReason.of("health", why);
    scontrol.run("update", "NodeName=" + node, "State=DRAIN", "Reason=" + reason);
    return Optional.of("drained " + node + ": " + reason);
  }

  private Optional<String> fit() throws IOException {
    SlurmNode shown = shown();
    if (!shown.draining() || !shown.reason().startsWith(OURS)) {
      return Optional.empty();
    }
    scontrol.run("update", "NodeName=" + node, "State=UNDRAIN");
    return Optional.of("took the drain of " + node + " back");
  }

  private SlurmNode shown() throws IOException {
    String text = scontrol.run("show", "node", node);
    return SlurmNode.of(text)
        .orElseThrow(() -> new IOException("scontrol tells no state of node " + node));
  }

  /** Writes what a job has used on this node until now into its AdminComment. */
  public void comment(RunAccount account) throws IOException {
    scontrol.run("update", "JobId=" + number(account), "AdminComment=" + comment(account, node));
  }

  /** Whether Slurm says that a job is over, or knows it no more. */
  public boolean over(RunAccount account) throws IOException {
    String text;
    try {
      text = scontrol.run("show", "job", number(account));
    } catch (IOException refused) {
      if (String.valueOf(refused.getMessage()).contains("Invalid job id")) {
        return true;
      }
      throw refused;
    }
    return !text.contains("JobState=RUNNING")
        && !text.contains("JobState=SUSPENDED")
        && !text.contains("JobState=CONFIGURING")
        && !text.contains("JobState=COMPLETING");
  }

  /** Whether it is a job of Slurm. */
  public static boolean ours(RunAccount account) {
    return account.run().job().startsWith(JOB);
  }

  private static String number(RunAccount account) {
    return account.run().job().substring(JOB.length());
  }

  /**
   * {@code millwright node=n1 devices=2 device_seconds=12.0 joules=8400.2 errors=xid_79:1}; what is
   * not known is left out.
   */
  static String comment(RunAccount account, String node) {
    List<String> words = new ArrayList<>();
    words.add("millwright node=" + node);
    words.add("devices=" + account.devices().size());
    words.add("device_seconds=" + number(account.deviceSeconds()));
    joules(account).ifPresent(sum -> words.add("joules=" + number(sum)));
    Map<String, Double> errors = new TreeMap<>();
    account.devices().stream()
        .map(device -> device.grew().getOrDefault("errors", Map.of()))
        .forEach(grew -> grew.forEach((code, times) -> errors.merge(code, times, Double::sum)));
    if (!errors.isEmpty()) {
      List<String> counted = new ArrayList<>();
      errors.forEach((code, times) ->
          counted.add(code.replaceAll("[^A-Za-z0-9.]", "_") + ":" + Math.round(times)));
      words.add("errors=" + String.join(",", counted));
    }
    return String.join(" ", words);
  }

  private static OptionalDouble joules(RunAccount account) {
    double sum = 0;
    for (DeviceAccount device : account.devices()) {
      if (device.joules().isEmpty()) {
        return OptionalDouble.empty();
      }
      sum += device.joules().getAsDouble();
    }
    return account.devices().isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
