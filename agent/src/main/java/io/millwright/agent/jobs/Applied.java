package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.ImexChannel;
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
 * @param refusal why nothing of it was taken but its stops, in one sentence; empty when it was
 * @param results of the runs that it names, or of all where it asked to recall them, the newest
 *     first
 * @param held every run that has not ended here by what the disk has; one that a full wish does not
 *     name goes on
 */
public record Applied(
    Verdict verdict,
    Term term,
    long generation,
    Optional<String> refusal,
    List<Result> results,
    List<Held> held) {

  /** What was done with the wish. */
  public enum Verdict {
    WRITTEN,
    /** Term or generation forbid it. */
    FENCED,
    /** This node takes no new jobs now. */
    REFUSED,
    /** It was not looked at; send it again. */
    BUSY
  }

  /**
   * Where a named run stands.
   *
   * @param outcome of one that ended, a refusal among them
   */
  public record Result(RunId run, JobState state, Optional<Outcome> outcome) {}

  /**
   * A run that has not ended, or whose end a restart would forget: the UUIDs of its devices, and
   * its IMEX channel.
   */
  public record Held(RunId run, List<String> devices, Optional<ImexChannel> channel) {
    public Held {
      devices = List.copyOf(devices);
    }

    static Held of(Run run) {
      return new Held(run.id(), run.devices(), run.channel());
    }
  }

  public Applied {
    results = List.copyOf(results);
    held = List.copyOf(held);
  }
}
