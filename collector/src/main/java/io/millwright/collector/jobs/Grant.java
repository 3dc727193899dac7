package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The moment in which a run got its devices.
 *
 * @param term of the collector that granted them
 * @param generation of the desired states in which the run first stood
 * @param rendezvous where its members meet; empty of a run on one node, and of one that was granted
 *     before members were told of each other
 * @param go whether its members may begin
 * @param channel that all of its members have, and nobody else at the time; empty of a run that
 *     asks for none
 */
public record Grant(
    Term term,
    long generation,
    Optional<Rendezvous> rendezvous,
    Go go,
    Optional<ImexChannel> channel) {

  /** Whether the members of a run may begin. */
  public enum Go {
    /**
     * Each as soon as it can: of a run on one node, where an agent cannot hold a member, and once
     * all were ready, which is never taken back.
     */
    NOT_NEEDED,
    /** They get ready, and none begins. */
    AWAITED,
    /** The same of a run that was found on its nodes: a store that was newer may have let them. */
    ADOPTED;

    boolean awaited() {
      return this != NOT_NEEDED;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The word {@code given} was written for some time. */
    static Optional<Go> ofWord(String word) {
      return word.equals("given")
          ? Optional.of(NOT_NEEDED)
          : Arrays.stream(values()).filter(go -> go.word().equals(word)).findFirst();
    }
  }

  /** Of a run whose members do not know each other. */
  public Grant(Term term, long generation) {
    this(term, generation, Optional.empty(), Go.NOT_NEEDED, Optional.empty());
  }

  Grant with(Go next) {
    return new Grant(term, generation, rendezvous, next, channel);
  }

  /**
   * Whether another store than this one may know more of it: it is of before a restore, or was
   * found on its nodes.
   *
   * @param store the generation of this store
   */
  boolean isOlder(long store) {
    return go == Go.ADOPTED || term.generation() < store;
  }
}
