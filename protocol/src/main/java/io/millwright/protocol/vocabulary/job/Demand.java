package io.millwright.protocol.vocabulary.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a job demands of the agents that are sent it, by words of their HELLO. */
public enum Demand {
  /** Reads the checks of a job's spec, and does them. */
  CHECKS,

  /** Reads the secrets and hooks of a job's spec, and does as they say or refuses the job. */
  SECRETS,

  /** Ends runs whose spec says so by their lease, and the node's policy allows that. */
  LEASES,

  /** Gives runs the IMEX channel that the collector chose, where driver and policy allow it. */
  IMEX,

  /** Begins jobs in containers, and the node's policy allows that. */
  CONTAINERS;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The words that an agent must have said, in the order in which whoever waits is told. */
  public static List<String> of(JobSpec spec) {
    List<String> words = new ArrayList<>();
    if (spec.checks().isPresent()) {
      words.add(CHECKS.word());
    }
    if (!spec.secrets().isEmpty() || !spec.hooks().isEmpty()) {
      words.add(SECRETS.word());
    }
    if (spec.lease().stops()) {
      words.add(LEASES.word());
    }
    if (spec.devices().imex()) {
      words.add(IMEX.word());
    }
    if (spec.container().isPresent()) {
      words.add(CONTAINERS.word());
    }
    return words;
  }
}
