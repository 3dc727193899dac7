package io.millwright.protocol.vocabulary.job;

import java.util.ArrayList;
import java.util.List;

/** What a job demands of the agents that are sent it, by the words of their HELLO. */
public final class Demand {
  /** Reads the checks of a job's spec, and does them. */
  public static final String CHECKS = "checks";

  /** Reads the secrets and hooks of a job's spec, and does as they say or refuses the job. */
  public static final String SECRETS = "secrets";

  /** Ends runs whose spec says so by their lease, and the node's policy allows that. */
  public static final String LEASES = "leases";

  /** Gives runs the IMEX channel that the collector chose, where driver and policy allow it. */
  public static final String IMEX = "imex";

  /** Begins jobs in containers, and the node's policy allows that. */
  public static final String CONTAINERS = "containers";

  private Demand() {}

  /**
   * The words that an agent must have said, in the order in which whoever waits is told of them.
   */
  public static List<String> of(JobSpec spec) {
    List<String> words = new ArrayList<>();
    if (spec.checks().isPresent()) {
      words.add(CHECKS);
    }
    if (!spec.secrets().isEmpty() || !spec.hooks().isEmpty()) {
      words.add(SECRETS);
    }
    if (spec.lease().stops()) {
      words.add(LEASES);
    }
    if (spec.devices().imex()) {
      words.add(IMEX);
    }
    if (spec.container().isPresent()) {
      words.add(CONTAINERS);
    }
    return words;
  }
}
