package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.Term;
import java.util.Optional;

/** Which wishes are taken: term and generation never go back. Pure. */
final class Fence {
  private static final long WIDEST_JUMP = 1L << 20;

  private Fence() {}

  /** Why a wish is refused, in one sentence that names what holds here; empty when it is taken. */
  static Optional<String> refusal(Term term, long generation, Desired desired) {
    Term given = desired.term();
    if (given.compareTo(term) < 0) {
      return Optional.of(
          "term: %s is older than %s, which holds here".formatted(text(given), text(term)));
    }
    if (given.contradicts(term)) {
      return Optional.of(
          "term: %s was granted by another start than the one that holds here; two collectors run"
              .formatted(text(given)));
    }
    if (jumps(term.generation(), given.generation()) || jumps(base(term, given), given.number())) {
      return Optional.of(
          "term: %s lies more than %d beyond %s; an operator must allow that on this node"
              .formatted(text(given), WIDEST_JUMP, text(term)));
    }
    return generation(generation, desired);
  }

  private static Optional<String> generation(long generation, Desired desired) {
    if (desired.generation() < generation) {
      return Optional.of(
          "generation: %d is older than %d, which holds here"
              .formatted(desired.generation(), generation));
    }
    boolean difference = !desired.full() && desired.generation() > generation + 1;
    return difference
        ? Optional.of(
            "generation: %d is a difference to another than %d, which holds here; send all"
                .formatted(desired.generation(), generation))
        : Optional.empty();
  }

  /** A new store counts its terms anew. */
  private static long base(Term term, Term given) {
    return given.generation() == term.generation() ? term.number() : 0;
  }

  private static boolean jumps(long from, long to) {
    return to - from > WIDEST_JUMP;
  }

  private static String text(Term term) {
    return term.generation() + "." + term.number();
  }
}
