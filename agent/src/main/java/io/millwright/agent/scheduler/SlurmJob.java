package io.millwright.agent.scheduler;

import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The job for which Slurm runs a prolog or an epilog, of the environment that it gives them.
 *
 * @param number as in {@code SLURM_JOB_ID}
 * @param run one more than {@code SLURM_JOB_RESTART_COUNT} or, where a site sets it, {@code
 *     SLURM_RESTART_COUNT}: Slurm keeps the number of a job that it queues again. Empty where
 *     neither is set
 * @param user of {@code SLURM_JOB_USER}, cut where it is long; empty where Slurm does not say it
 * @param project of {@code SLURM_JOB_ACCOUNT}, cut where it is long: who submits a job names it
 *     freely; empty where Slurm does not say it
 * @param devices of {@code SLURM_JOB_GPUS}, else {@code CUDA_VISIBLE_DEVICES}: the numbers of
 *     device files
 */
public record SlurmJob(
    String number, OptionalInt run, String user, String project, List<String> devices) {
  private static final int MOST = 1_024;

  public SlurmJob {
    devices = List.copyOf(devices);
  }

  /** Empty where this is no environment of a prolog or epilog. */
  public static Optional<SlurmJob> of(Map<String, String> environment) {
    String number = environment.getOrDefault("SLURM_JOB_ID", "");
    if (!number.matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    String devices =
        environment.getOrDefault(
            "SLURM_JOB_GPUS", environment.getOrDefault("CUDA_VISIBLE_DEVICES", ""));
    return Optional.of(
        new SlurmJob(
            number,
            run(environment),
            word(environment, "SLURM_JOB_USER"),
            word(environment, "SLURM_JOB_ACCOUNT"),
            numbers(devices)));
  }

  /** Slurm's number of a run; empty of a run that Slurm did not place. */
  public static Optional<String> number(RunId run) {
    return run.job().startsWith(SlurmHealth.JOB)
        ? Optional.of(run.job().substring(SlurmHealth.JOB.length()))
        : Optional.empty();
  }

  private static OptionalInt run(Map<String, String> environment) {
    String count =
        environment.getOrDefault(
            "SLURM_JOB_RESTART_COUNT", environment.getOrDefault("SLURM_RESTART_COUNT", ""));
    return count.matches("[0-9]{1,5}")
        ? OptionalInt.of(1 + Integer.parseInt(count))
        : OptionalInt.empty();
  }

  private static String word(Map<String, String> environment, String name) {
    String word = environment.getOrDefault(name, "").replaceAll("[^A-Za-z0-9._@-]", "?");
    return word.substring(0, Math.min(word.length(), RunAccount.LONGEST_WORD));
  }

  /** Its name among the runs here. */
  public String name() {
    return SlurmHealth.JOB + number;
  }

  /** {@code 0,2-3} as 0, 2 and 3; what is no number stays as it is. */
  private static List<String> numbers(String list) {
    LinkedHashSet<String> all = new LinkedHashSet<>();
    for (String part : list.split(",")) {
      String word = part.strip();
      if (word.matches("[0-9]{1,4}-[0-9]{1,4}")) {
        int dash = word.indexOf('-');
        int last = Integer.parseInt(word.substring(dash + 1));
        for (int i = Integer.parseInt(word.substring(0, dash));
            i <= last && all.size() < MOST;
            i++) {
          all.add(Integer.toString(i));
        }
      } else if (!word.isEmpty() && !word.equals("NoDevFiles")) {
        all.add(word.replaceAll("\\p{Cntrl}", "?"));
      }
    }
    return new ArrayList<>(all);
  }
}
