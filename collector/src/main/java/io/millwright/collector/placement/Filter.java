package io.millwright.collector.placement;

import java.util.Optional;

/** A reason why a node cannot take a job. Pure. */
@FunctionalInterface
public interface Filter {

  /** The reason in words; empty where it can. */
  Optional<String> refusal(Candidate candidate);
}
