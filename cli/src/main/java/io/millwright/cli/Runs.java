package io.millwright.cli;

import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.PlacementView;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is said of a run in one line, and by an exit code. */
final class Runs {
  private static final int SIGNALLED = 128;
  private static final int HIGHEST = 255;

  private Runs() {}

  static boolean ended(JobView run) {
    return run.state().equals(JobState.ENDED.word());
  }

  /** {@code hello-r1 queued}. */
  static String line(JobView run) {
    return Printable.text(run.id() + " " + run.state());
  }

  /** {@code hello-r1 ended exit(7) 1.2s 345J}. */
  static String endLine(JobView run) {
    Table line = new Table();
    line.add(
        Cell.plain(run.id()),
        Cell.plain(run.state()),
        Cell.plain(Amounts.text(run.outcome())),
        Cell.plain(Amounts.span(run.wallMs())),
        Cell.plain(Amounts.joules(run.joules())));
    return line.lines(false).getFirst();
  }

  /** The job's own exit code where it has one, else 1; a code that no process has is 1 too. */
  static int exitCode(JobView run) {
    Optional<Outcome> outcome = run.outcome().flatMap(Outcome::ofText);
    return outcome.isEmpty() ? ExitCode.FAILED : exitCode(outcome.get());
  }

  private static int exitCode(Outcome outcome) {
    return switch (outcome.kind()) {
      case COMPLETED -> ExitCode.DONE;
      case EXIT -> bounded(Long.parseLong(outcome.detail()));
      case SIGNAL -> bounded(SIGNALLED + Long.parseLong(outcome.detail()));
      case OOM,
          TIME_LIMIT,
          STOPPED_BY_REQUEST,
          PREEMPTED,
          DEVICE_FAULT,
          NODE_REBOOTED,
          NODE_LOST,
          LEASE_EXPIRED,
          UNTRACKED,
          PREPARE_FAILED,
          START_FAILED,
          REFUSED,
          GROUP_FAILED ->
          ExitCode.FAILED;
    };
  }

  private static int bounded(long code) {
    return code >= 1 && code <= HIGHEST ? (int) code : ExitCode.FAILED;
  }

  /** {@code packing 0.60*1.00}: weights and values of the score's terms. */
  static String marks(List<PlacementView.Mark> marks) {
    return marks.stream()
        .map(mark ->
            String.format(Locale.ROOT, "%s %.2f*%.2f", mark.term(), mark.weight(), mark.value()))
        .collect(Collectors.joining(", "));
  }
}
