package io.millwright.simulator.judgement;

import io.millwright.simulator.judgement.Outcome.Asked;
import io.millwright.simulator.judgement.Outcome.Removal;
import io.millwright.simulator.judgement.Outcome.Said;
import io.millwright.simulator.judgement.Trace.Kind;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The figures of all traces together. */
final class Score {
  private static final double SECONDS_A_DAY = 86_400;

  private final List<Outcome> outcomes;

  /** So many of so many. */
  record Share(long of, long all) {
    double ratio() {
      return all == 0 ? 1 : (double) of / (double) all;
    }

    @Override
    public String toString() {
      return "%d of %d, %.4f".formatted(of, all, ratio());
    }
  }

  Score(List<Outcome> outcomes) {
    this.outcomes = List.copyOf(outcomes);
  }

  List<Outcome> outcomes() {
    return outcomes;
  }

  List<String> misses() {
    return outcomes.stream().flatMap(outcome -> outcome.misses().stream()).toList();
  }

  /** Accelerators times the time that their traces last. */
  double acceleratorDays() {
    return outcomes.stream()
        .map(Outcome::trace)
        .mapToDouble(trace -> trace.devices() * (double) trace.lastsSeconds() / SECONDS_A_DAY)
        .sum();
  }

  /** Of what was taken out of use, what the expert wanted out of use. */
  Share precision() {
    List<Removal> removed =
        outcomes.stream().flatMap(outcome -> outcome.removed().stream()).toList();
    return share(removed.stream(), Removal::wanted);
  }

  /** Of the removals that the expert asked for where something told of the fault, what came. */
  Share recallOfFatal() {
    return share(asked(false).filter(Asked::removal), Asked::came);
  }

  /** Of the words the expert asked for where the thing may go on, what came. */
  Share recallOfNotices() {
    return share(asked(false).filter(one -> !one.removal()), Asked::came);
  }

  Share recallOfSilent() {
    return share(asked(true), Asked::came);
  }

  Share cleared() {
    return share(outcomes.stream().flatMap(outcome -> outcome.cleared().stream()), Said::agreed);
  }

  Share expected() {
    return share(outcomes.stream().flatMap(outcome -> outcome.expected().stream()), Said::agreed);
  }

  long healthyUnseen() {
    return outcomes.stream().mapToLong(Outcome::healthyUnseen).sum();
  }

  /** Of the removals that came, those that came within so many ticks of the evidence. */
  Share within(int ticks) {
    return share(
        asked(false).filter(one -> one.removal() && one.came()), one -> one.ticks() <= ticks);
  }

  private Stream<Asked> asked(boolean silent) {
    return outcomes.stream()
        .filter(outcome -> (outcome.trace().kind() == Kind.SILENT) == silent)
        .flatMap(outcome -> outcome.asked().stream());
  }

  private static <T> Share share(Stream<T> all, Predicate<T> which) {
    List<T> list = all.toList();
    return new Share(list.stream().filter(which).count(), list.size());
  }
}
