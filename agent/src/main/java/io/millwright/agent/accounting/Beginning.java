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

  /**
   * @throws IllegalArgumentException for what no account could say
   */
  public Beginning {
    RunAccount.bounded(scheduler, user, project, devices.size());
    devices = List.copyOf(devices);
  }
}
