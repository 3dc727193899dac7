package io.millwright.collector.jobs;

import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.List;
import java.util.Optional;

/**
 * What a node says of a run.
 *
 * @param sequence in the node's journal, from 1; later reports have higher ones
 * @param state from {@code accepted} on
 * @param outcome with {@code ended}, and only then
 * @param detail why it is in that state, in words; cut to 1,024 characters, and empty with {@code
 *     ended}, whose outcome has words of its own
 * @param checks what the checks around it came to so far
 */
public record Report(
    long sequence,
    RunId run,
    JobState state,
    Optional<Outcome> outcome,
    Usage usage,
    String detail,
    List<CheckResult> checks) {
  private static final int LONGEST_DETAIL = 1024;
  private static final int LONGEST_SCOPE = 32;

  /** Of a run without checks, of which there is no more to say. */
  public Report(long sequence, RunId run, JobState state, Optional<Outcome> outcome, Usage usage) {
    this(sequence, run, state, outcome, usage, "", List.of());
  }

  public Report {
    checks = List.copyOf(checks);
    detail = state == JobState.ENDED ? "" : Texts.cut(detail, LONGEST_DETAIL);
    if (sequence < 1) {
      throw JsonMistake.refused("sequence", "" + sequence, "from 1");
    }
    if (state.compareTo(JobState.ACCEPTED) < 0) {
      throw JsonMistake.refused("state", Shown.quoted(state.word()), "accepted or a later one");
    }
    if (outcome.isPresent() != (state == JobState.ENDED)) {
      throw JsonMistake.refused(
          "outcome", outcome.isPresent() ? "one" : "none", "one with ended, and only then");
    }
    outcome.ifPresent(o -> Texts.bounded("outcome", o.detail(), LONGEST_DETAIL));
    Texts.bounded("energy_scope", usage.energyScope(), LONGEST_SCOPE);
    check("wall_ms", (double) usage.wallMs());
    check("device_seconds", usage.deviceSeconds());
    usage.joules().ifPresent(joules -> check("joules", joules));
  }

  private static void check(String field, double given) {
    if (!(given >= 0) || Double.isInfinite(given)) {
      throw JsonMistake.refused(field, "" + given, "a finite number from 0");
    }
  }
}
