package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.Optional;

/**
 * The moment in which a run got its devices.
 *
 * @param term of the collector that granted them
 * @param generation of the desired states in which the run first stood
 * @param rendezvous where its members meet; empty of a run on one node, and of one that was granted
 *     before members were told of each other
 */
public record Grant(Term term, long generation, Optional<Rendezvous> rendezvous) {
  /** Of a run whose members do not know each other. */
  public Grant(Term term, long generation) {
    this(term, generation, Optional.empty());
  }
}
