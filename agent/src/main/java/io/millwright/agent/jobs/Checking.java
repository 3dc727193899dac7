package io.millwright.agent.jobs;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * The checks that are under way, and until when each is waited for; an answer that comes later
 * counts for nothing. Owned by the thread {@code jobs}.
 */
final class Checking {
  /** For what a program of the site needs to be ended, beyond the deadline of the checks. */
  private static final Duration BEYOND = Duration.ofSeconds(15);

  private final Checker checker;
  private final Consumer<Runnable> owner;
  private final Consumer<Done> told;
  private final Clock clock;
  private final Map<RunId, Wait> waits = new HashMap<>();
  private long orders;

  private record Wait(long order, JobChecks.Moment moment, List<String> checks, long untilNanos) {}

  /** All checks of one moment have an answer. */
  record Done(RunId run, JobChecks.Moment moment, List<CheckResult> results) {

    /** Why the run may not begin; empty where it may. */
    Optional<String> refusal() {
      return results.stream().filter(one -> !one.lets()).findFirst().map(CheckResult::sentence);
    }
  }

  /**
   * @param owner hands a task over to the thread {@code jobs}
   * @param told of what was found, on that thread
   */
  Checking(Checker checker, Consumer<Runnable> owner, Consumer<Done> told, Clock clock) {
    this.checker = checker;
    this.owner = owner;
    this.told = told;
    this.clock = clock;
  }

  boolean underWay(RunId run) {
    return waits.containsKey(run);
  }

  void begin(Assignment assignment, JobChecks.Moment moment) {
    RunId run = assignment.id();
    List<String> checks = assignment.spec().checksAt(moment);
    Duration deadline =
        Duration.ofMillis(
            assignment.spec().checks().map(JobChecks::deadlineMs).orElse(JobChecks.DEADLINE_MS));
    long order = ++orders;
    waits.put(
        run, new Wait(order, moment, checks, clock.nanos() + deadline.plus(BEYOND).toNanos()));
    checker.begin(
        new Checker.Order(run, moment, checks, assignment.devices(), deadline),
        results -> owner.accept(() -> answered(run, order, results)));
  }

  private void answered(RunId run, long order, List<CheckResult> results) {
    Wait wait = waits.get(run);
    if (wait != null && wait.order() == order) {
      waits.remove(run);
      told.accept(new Done(run, wait.moment(), results));
    }
  }

  /** The run goes on without them. */
  void forget(RunId run) {
    if (waits.remove(run) != null) {
      checker.cancel(run);
    }
  }

  /** What has not answered in time is unknown. */
  void tick() {
    List<RunId> over =
        waits.entrySet().stream()
            .filter(entry -> clock.nanos() - entry.getValue().untilNanos() >= 0)
            .map(Map.Entry::getKey)
            .toList();
    for (RunId run : over) {
      Wait wait = waits.remove(run);
      if (wait != null) {
        checker.cancel(run);
        told.accept(new Done(run, wait.moment(), unknown(wait)));
      }
    }
  }

  private static List<CheckResult> unknown(Wait wait) {
    return wait.checks().stream()
        .map(check ->
            new CheckResult(
                wait.moment(),
                check,
                CheckResult.Result.UNKNOWN,
                "it gave no answer by its deadline"))
        .toList();
  }

  /** When {@link #tick} has something to do at the latest. */
  LongStream next() {
    return waits.values().stream().mapToLong(Wait::untilNanos);
  }
}
