package io.millwright.agent;

import io.millwright.agent.doctor.DeviceLook;
import io.millwright.agent.evidence.CheckMarks;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.evidence.SiteTests;
import io.millwright.agent.jobs.Checker;
import io.millwright.protocol.bodies.TestRecord;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.CheckResult.Result;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the checks around a job: the agent's own over what its lanes read, the site's tests
 * in the room of evidence.
 *
 * <p><i>Threading:</i> a thread {@code job-checks} for each run while its checks last; it waits,
 * and calls no driver. <i>Failure:</i> unknown.
 */
final class JobChecker implements Checker {
  private static final Logger LOG = LoggerFactory.getLogger(JobChecker.class);

  private final DeviceLook look;
  private final CheckMarks marks;
  private final Supplier<Optional<EvidenceRoom>> evidence;
  private final Clock clock;
  private final Map<RunId, Thread> threads = new ConcurrentHashMap<>();

  JobChecker(
      DeviceLook look, CheckMarks marks, Supplier<Optional<EvidenceRoom>> evidence, Clock clock) {
    this.look = look;
    this.marks = marks;
    this.evidence = evidence;
    this.clock = clock;
  }

  @Override
  public void begin(Order order, Consumer<List<CheckResult>> done) {
    cancel(order.run());
    Thread thread = Threads.platform("job-checks", () -> check(order, done));
    threads.put(order.run(), thread);
    thread.start();
  }

  @Override
  public void cancel(RunId run) {
    Thread thread = threads.remove(run);
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void check(Order order, Consumer<List<CheckResult>> done) {
    Set<String> uuids = Set.copyOf(order.devices().uuids());
    List<CheckResult> results = new ArrayList<>();
    try {
      long until = clock.nanos() + order.deadline().toNanos();
      for (String check : order.checks()) {
        results.add(result(order, check, uuids, until));
      }
      LOG.info(
          "devices of a run were checked run={} moment={} results={}",
          order.run().text(),
          order.moment().word(),
          results.stream().map(one -> one.check() + ":" + one.result().word()).toList());
      done.accept(results);
    } finally {
      threads.remove(order.run(), Thread.currentThread());
    }
  }

  private CheckResult result(Order order, String check, Set<String> uuids, long until) {
    try {
      return JobChecks.testName(check)
          .map(name -> tested(order, check, name, until))
          .orElseGet(() -> looked(order, check, uuids, until));
    } catch (RuntimeException e) {
      LOG.error("a check around a run failed run={} check={}", order.run().text(), check, e);
      return new CheckResult(order.moment(), check, Result.UNKNOWN, "it failed: " + e);
    }
  }

  private CheckResult looked(Order order, String check, Set<String> uuids, long until) {
    DeviceLook.Found found = look.look(check, uuids, look.begin(uuids), until);
    if (found.result() == Result.PASSED
        || (found.result() == Result.FAILED && !found.failing().isEmpty())) {
      marks.found(check, uuids, found.failing(), order.moment() == JobChecks.Moment.AFTER);
    }
    return new CheckResult(order.moment(), check, found.result(), found.sentence());
  }

  // ---- a test of the site

  private CheckResult tested(Order order, String check, String name, long until) {
    return switch (answer(order.run(), name, until)) {
      case SiteTests.Answer.Refused(String why) ->
          new CheckResult(order.moment(), check, Result.UNKNOWN, why);
      case SiteTests.Answer.Ran(TestRecord record) ->
          new CheckResult(
              order.moment(),
              check,
              switch (record.result()) {
                case PASS -> Result.PASSED;
                case FAIL -> Result.FAILED;
                case CANNOT_TELL -> Result.UNKNOWN;
              },
              record.why());
    };
  }

  /** The room ends a test that overran; that takes some seconds more, which are waited for. */
  private SiteTests.Answer answer(RunId run, String name, long until) {
    Optional<EvidenceRoom> room = evidence.get();
    if (room.isEmpty()) {
      return new SiteTests.Answer.Refused("this node runs no tests");
    }
    CompletableFuture<SiteTests.Answer> answer = room.get().test(run, name, left(until));
    try {
      return answer.get(left(until).plusSeconds(10).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      answer.cancel(false);
      return new SiteTests.Answer.Refused("it gave no answer by its deadline");
    } catch (InterruptedException cancelled) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      return new SiteTests.Answer.Refused("nobody waits for it any more");
    } catch (ExecutionException failed) {
      return new SiteTests.Answer.Refused("it could not be run: " + failed.getCause());
    }
  }

  private Duration left(long until) {
    return Duration.ofNanos(Math.max(1, until - clock.nanos()));
  }
}
