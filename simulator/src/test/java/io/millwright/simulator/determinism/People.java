package io.millwright.simulator.determinism;

import io.millwright.collector.control.Submitted;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RestartRule;
import io.millwright.protocol.vocabulary.job.RestartRule.Cause;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who submits jobs, each until there is an answer, and cancels some. */
final class People {
  private static final int MOST_JOBS = 6;

  private final Random random;
  private final Faults faults;
  private final Consumer<String> log;
  private final List<Wish> wishes = new ArrayList<>();
  private int jobs;

  /** A job that somebody wants, and asks for until he has an answer. */
  private static final class Wish {
    private final JobSpec spec;
    private final Site site;
    private @Nullable CompletableFuture<Submitted> answer;

    Wish(JobSpec spec, Site site) {
      this.spec = spec;
      this.site = site;
    }
  }

  People(Random random, Faults faults, Consumer<String> log) {
    this.random = random;
    this.faults = faults;
    this.log = log;
  }

  /** Perhaps one more job is wanted of this collector. */
  void want(Site site) {
    if (jobs < MOST_JOBS && random.nextInt(faults.want()) == 0) {
      jobs++;
      wishes.add(new Wish(spec("job-" + jobs), site));
    }
  }

  private JobSpec spec(String name) {
    boolean small =
        faults.kind() == Faults.Kind.FULL_DISKS
            || faults.kind() == Faults.Kind.TWINS
            || faults.kind() == Faults.Kind.LEASES;
    JobSpec spec =
        new JobSpec(
            name,
            List.of("/bin/true"),
            Map.of(),
            Optional.empty(),
            "nobody",
            "",
            random.nextInt(3) * 50,
            devices(random.nextInt(small ? 2 : SimulatedAgent.DEVICES + 1)),
            nodes(),
            OptionalLong.empty(),
            1_000,
            OptionalLong.empty(),
            OptionalInt.empty(),
            lease());
    boolean again = faults.restarts() > 0 && random.nextInt(faults.restarts()) == 0;
    return again ? spec.with(rule()) : spec;
  }

  /** Of those with devices each second asks for an IMEX channel. */
  private DeviceRequest devices(int count) {
    return new DeviceRequest(
        DeviceKind.GPU, count, Optional.empty(), false, count > 0 && jobs % 2 == 0);
  }

  /** A run that follows a lost one finds a place where it needs one node alone. */
  private int nodes() {
    return switch (faults.kind()) {
      case GANGS -> 2;
      case LEASES -> random.nextInt(6) == 0 ? 2 : 1;
      default -> 1 + random.nextInt(2);
    };
  }

  /** The shortest that there is, so that a history need not be long. */
  private JobSpec.LeaseRule lease() {
    return faults.kind() == Faults.Kind.LEASES && random.nextInt(4) > 0
        ? JobSpec.LeaseRule.stop(30_000)
        : JobSpec.LeaseRule.KEEP;
  }

  /** After any cause, or after some; soon, so that a history need not be long. */
  private RestartRule rule() {
    Set<Cause> on = EnumSet.allOf(Cause.class);
    if (random.nextInt(3) == 0) {
      on.removeIf(cause -> random.nextBoolean());
    }
    return new RestartRule(
        on.isEmpty() ? EnumSet.of(Cause.NODE_LOST) : on,
        1 + random.nextInt(3),
        random.nextInt(3) * 1_500L);
  }

  /** Asks for what has no answer yet. */
  void ask(boolean soon) {
    for (Wish wish : wishes) {
      SimulatedCollector collector = wish.site.collector;
      if (collector != null && wish.answer == null && (soon || random.nextBoolean())) {
        wish.answer = collector.submit(wish.spec);
      }
    }
  }

  void cancel(Site site) {
    SimulatedCollector collector = site.collector;
    if (collector == null || collector.runs().isEmpty()) {
      return;
    }
    var runs = collector.runs();
    RunId run = runs.get(random.nextInt(runs.size())).id();
    log.accept("cancel " + run.text());
    collector.cancel(run);
  }

  /** Nobody waits for a restart that must avoid so much that it has no place for minutes. */
  void cancelHopeless(Site site, Instant now) {
    SimulatedCollector collector = site.collector;
    if (collector != null) {
      for (Run run : collector.runs()) {
        if (run.state() == JobState.QUEUED && site.view.hopeless(run, now)) {
          collector.cancel(run.id());
        }
      }
    }
  }

  /** A person who sees that a node does not answer says that it is off. */
  void declareLost(Site site, String node) {
    SimulatedCollector collector = site.collector;
    if (collector != null) {
      log.accept("lost " + node);
      collector.lost(node);
    }
  }

  /** Nobody asks any more what was asked of this store. */
  void giveUp(Site site) {
    wishes.removeIf(wish -> wish.site == site);
  }

  boolean waiting() {
    return !wishes.isEmpty();
  }

  /** Looks at what the collector has answered. */
  void look(Site site) {
    for (Wish wish : List.copyOf(wishes)) {
      CompletableFuture<Submitted> answer = wish.answer;
      if (wish.site != site || answer == null) {
        continue;
      }
      if (!answer.isDone() || answer.isCompletedExceptionally()) {
        wish.answer = null;
        continue;
      }
      wishes.remove(wish);
      log.accept("answer to " + wish.spec.name() + ": " + answer.join().getClass().getSimpleName());
      switch (answer.join()) {
        case Submitted.Queued(var run) -> site.view.acknowledged(run);
        case Submitted.Known(var run) -> site.view.acknowledged(run);
        case Submitted.Conflicting conflicting ->
            Violation.unless(false, "I4", "%s", conflicting.sentence());
        case Submitted.Impossible impossible -> {}
      }
    }
  }
}
