package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a {@link Desired}: written down, not done.
 *
 * @param term that holds on this node now
 * @param generation that holds on this node now
 * @param refusal why nothing of it was taken, in one sentence; empty when it was
 * @param results of the runs that it names
 * @param unexpected runs that are here and that a full wish does not name; they go on
 */
public record Applied(
    Term term,
    long generation,
    Optional<String> refusal,
    List<Result> results,
    List<RunId> unexpected) {

  /**
   * Where a named run stands.
   *
   * @param outcome of one that ended, a refusal among them
   */
  public record Result(RunId run, JobState state, Optional<Outcome> outcome) {}

  public Applied {
    results = List.copyOf(results);
    unexpected = List.copyOf(unexpected);
  }

  static Applied refused(Term term, long generation, String sentence) {
    return new Applied(term, generation, Optional.of(sentence), List.of(), List.of());
  }
}
