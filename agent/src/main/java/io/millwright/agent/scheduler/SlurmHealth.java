package io.millwright.agent.scheduler;

import io.millwright.protocol.views.SchedulerReason;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final String COMMENT = "AdminComment=";

  /** {@code Requeue=1 Restarts=0 BatchFlag=1 …}. */
  private static final Pattern RESTARTS =
      Pattern.compile("Requeue=[01] Restarts=([0-9]{1,5})(?: .*)?");

  /** Slurm jobs here are runs of this name and their number. */
  public static final String JOB = "slurm-";

  /** Of a job that waits there is no run here any more: it was queued again. */
  private static final Set<String> OVER =
      Set.of(
          "BOOT_FAIL",
          "CANCELLED",
          "COMPLETED",
          "DEADLINE",
          "FAILED",
          "NODE_FAIL",
          "OUT_OF_MEMORY",
          "PENDING",
          "PREEMPTED",
          "REQUEUED",
          "REQUEUE_FED",
          "REQUEUE_HOLD",
          "REVOKED",
          "SPECIAL_EXIT",
          "TIMEOUT");

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
    if (!shown.draining() || shown.settling() || !shown.reason().startsWith(OURS)) {
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

  /**
   * Writes what a job has used on this node until now into its AdminComment, beside what other
   * nodes wrote; what somebody else wrote there stays.
   */
  public void comment(RunAccount account) throws IOException {
    String job = number(account);
    String standing =
        lines(scontrol.run("show", "job", job), job).stream()
            .filter(line -> line.startsWith(COMMENT))
            .findFirst()
            .map(line -> line.substring(COMMENT.length()))
            .orElse("");
    Optional<String> text = AdminComment.with(standing, node, account);
    if (text.isPresent()) {
      scontrol.run("update", "JobId=" + job, COMMENT + text.get());
    }
  }

  /**
   * How often a job was queued again.
   *
   * @param job its number
   */
  public int restarts(String job) throws IOException {
    for (String line : lines(scontrol.run("show", "job", job), job)) {
      Matcher counted = RESTARTS.matcher(line);
      if (counted.matches()) {
        return Integer.parseInt(counted.group(1));
      }
    }
    throw new IOException("scontrol tells no restarts of job " + job);
  }

  /** Whether Slurm says that a job is over, runs elsewhere, or is known no more. */
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
    List<String> lines = lines(text, number(account));
    String state =
        word(lines, "JobState=")
            .orElseThrow(
                () -> new IOException("scontrol tells no state of job " + number(account)));
    return OVER.contains(state) || (state.equals("RUNNING") && elsewhere(lines));
  }

  /** It was queued again, and began on other nodes. */
  private boolean elsewhere(List<String> lines) throws IOException {
    Optional<String> nodes = word(lines, "NodeList=").filter(list -> !list.equals("(null)"));
    return nodes.isPresent()
        && !nodes.get().equals(node)
        && scontrol.run("show", "hostnames", nodes.get()).lines().noneMatch(node::equals);
  }

  /** The lines of one job, where several of an array are shown. */
  private static List<String> lines(String text, String number) {
    List<String> lines = new ArrayList<>();
    boolean its = true;
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.startsWith("JobId=")) {
        its = line.startsWith("JobId=" + number + " ");
      }
      if (its) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static Optional<String> word(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .map(line -> line.substring(key.length()).split(" ", 2)[0]);
  }

  /** Whether it is a job of Slurm. */
  public static boolean ours(RunAccount account) {
    return account.run().job().startsWith(JOB);
  }

  private static String number(RunAccount account) {
    return account.run().job().substring(JOB.length());
  }
}
