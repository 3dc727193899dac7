package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;

/**
 * A run that has its devices from now on.
 *
 * @param scheduler who placed it, as in {@code slurm}
 * @param user empty where nobody said
 * @param project empty where nobody said
 * @param devices their UUIDs
 */
public record Beginning(
    RunId run, String scheduler, String user, String project, List<String> devices) {

  /** The scheduler of runs that the collector placed. */
  public static final String OWN = "millwright";

  /**
   * @throws IllegalArgumentException for what no account could say
   */
  public Beginning {
    RunAccount.bounded(scheduler, user, project, devices.size());
    devices = List.copyOf(devices);
  }

  /**
   * Whether that run is an earlier one of the same job, whose end was missed: another scheduler
   * begins a job anew once it has ended. A run of Millwright's own is open until its end is known.
   */
  boolean follows(Beginning other) {
    return !scheduler.equals(OWN)
        && scheduler.equals(other.scheduler)
        && run.job().equals(other.run.job())
        && run.run() > other.run.run();
  }
}
