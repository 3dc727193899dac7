package io.millwright.agent.jobs;

import io.millwright.agent.jobs.Journal.Written;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Units;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobChecks.Moment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries signals through the state machine into the ledger and out to the units. Owned by the
 * thread {@code jobs}.
 */
final class Foreman {
  private static final Logger LOG = LoggerFactory.getLogger(Foreman.class);
  private static final Duration GRACE_OF_THE_UNKNOWN = Duration.ofSeconds(30);

  private final Ledger ledger;
  private final Units units;
  private final OrderShelf orders;
  private final Supplier<Execution> execution;
  private final DeviceGate gate;
  private final Trial trial;
  private final Checking checking;
  private final Metering metering;
  private final LongSupplier heardNanos;
  private final Leases leases;
  private final Clock clock;
  private final Map<RunId, Long> deadlines = new HashMap<>();
  private final Set<RunId> cleaned = new HashSet<>();

  /** Programs that failed, and until when a fault of a device may still be told. */
  private final Map<RunId, Long> doubted = new HashMap<>();

  /** Runs that may not begin yet: the latest wish that named them says so, or none did. */
  private final Set<RunId> held = new HashSet<>();

  /** Runs before which the node does what its owner wants. */
  private final Set<RunId> equipping = new HashSet<>();

  /** Runs that are ready, and wait for the others of their gang, or for the end of a test. */
  private final Set<RunId> ready = new HashSet<>();

  /** Runs that would begin if a lease of theirs lasted. */
  private final Set<RunId> unleased = new HashSet<>();

  /**
   * @param heardNanos when the collector was heard last, in monotonic nanoseconds
   * @param leases until when runs go on that ask to be stopped without a renewal
   */
  Foreman(
      Ledger ledger,
      Units units,
      OrderShelf orders,
      Supplier<Execution> execution,
      DeviceGate gate,
      Trial trial,
      EnergyMeter meter,
      Checker checker,
      Consumer<Runnable> owner,
      LongSupplier heardNanos,
      Leases leases,
      Clock clock) {
    this.ledger = ledger;
    this.units = units;
    this.orders = orders;
    this.execution = execution;
    this.gate = gate;
    this.trial = trial;
    this.checking = new Checking(checker, owner, this::checked, clock);
    this.metering = new Metering(meter, clock);
    this.heardNanos = heardNanos;
    this.leases = leases;
    this.clock = clock;
  }

  /**
   * A wish names the run.
   *
   * @param hold whether it gets ready only; what has gone beyond that does not come back
   */
  void named(RunId id, boolean hold) {
    if (hold) {
      held.add(id);
    } else {
      held.remove(id);
    }
    boolean go = !hold && ready.contains(id);
    if (go) {
      undisturbed(id, () -> prepared(id, Optional.empty()));
    } else {
      signal(id, new Signal.Proceed());
    }
  }

  /** What the units tell. */
  void changed(RunId id, Presence presence) {
    Optional<Run> known = ledger.book().run(id);
    if (known.isEmpty() || !known.get().open()) {
      LOG.debug("news of a closed run run={} presence={}", id.text(), presence);
      return;
    }
    Run run = known.get();
    switch (presence) {
      case Presence.NeverBegan() -> signal(id, new Signal.NeverBegan());
      case Presence.Failed(String reason) -> failed(run, reason);
      case Presence.Running running -> started(run, running);
      case Presence.Ended ended -> ended(run, ended);
      case Presence.Gone() -> signal(id, new Signal.Lost());
    }
  }

  /** What was seen running cannot have failed to start: it was lost sight of. */
  private void failed(Run run, String reason) {
    boolean ran = run.state() == JobState.RUNNING || run.state() == JobState.STOPPING;
    signal(run.id(), ran ? new Signal.Lost() : new Signal.StartFailed(reason));
  }

  private void started(Run run, Presence.Running running) {
    Entry noted =
        new Entry.Noted(run.id(), Optional.of(running.process()), Map.of(), OptionalLong.empty());
    limit(run).ifPresent(limit -> deadline(run.id(), limit.minus(running.ran())));
    signal(run.id(), new Signal.Started(), List.of(noted), run.usage(), run.detail());
  }

  private void deadline(RunId id, Duration left) {
    deadlines.put(id, clock.nanos() + Math.max(0, left.toNanos()));
  }

  private Optional<Duration> limit(Run run) {
    return run.assignment()
        .flatMap(assignment ->
            switch (execution.get()) {
              case Execution.On(Policy policy) -> Optional.of(policy.timeOf(assignment.spec()));
              case Execution.Off _ ->
                  assignment.spec().timeLimitMs().isPresent()
                      ? Optional.of(Duration.ofMillis(assignment.spec().timeLimitMs().getAsLong()))
                      : Optional.empty();
            });
  }

  private void ended(Run run, Presence.Ended ended) {
    Usage usage = UsageAccount.of(run, ended.ran());
    metering.ended(
        run.id(),
        run.devices(),
        ended.ran(),
        ended.ago().orElse(Duration.ofDays(1)),
        !run.meters().isEmpty());
    boolean known = run.tracked();
    Outcome outcome = known ? ended.outcome() : Outcome.of(Outcome.Kind.UNTRACKED);
    if (failedItself(outcome) && !run.devices().isEmpty()) {
      doubted.put(run.id(), clock.nanos() + gate.faultWait().toNanos());
    }
    String detail = "the program itself ended with " + ended.outcome().text();
    signal(run.id(), new Signal.Exited(outcome), List.of(), usage, detail);
  }

  private static boolean failedItself(Outcome outcome) {
    return outcome.kind() == Outcome.Kind.EXIT || outcome.kind() == Outcome.Kind.SIGNAL;
  }

  /**
   * Nothing is left of it; its end is told once its energy is known, and whether a device of it
   * failed.
   */
  void cleaned(RunId id) {
    if (metering.awaitsEnd(id) || awaitsFault(id)) {
      cleaned.add(id);
    } else {
      finish(id);
    }
  }

  /** It does not end; why is told with it. */
  void overdue(RunId id, String why) {
    Optional<Run> run = ledger.book().run(id);
    if (run.isPresent()) {
      String before = run.get().detail();
      String detail = before.isEmpty() ? why : before + "; " + why;
      signal(id, new Signal.Overdue(), List.of(), run.get().usage(), detail);
    }
  }

  private boolean awaitsFault(RunId id) {
    Long until = doubted.get(id);
    return until != null
        && clock.nanos() - until < 0
        && ledger.book().run(id).flatMap(Run::outcome).filter(Foreman::failedItself).isPresent()
        && fault(id).isEmpty();
  }

  /** Why a program failed whose device did; empty where none did. */
  private Optional<String> fault(RunId id) {
    return ledger
        .book()
        .run(id)
        .filter(run -> run.outcome().filter(JobStateMachine::explicable).isPresent())
        .flatMap(Run::assignment)
        .flatMap(assignment -> gate.fault(assignment.devices()));
  }

  /** Its devices are looked at once more, where the job asks for that, and then they are free. */
  private void finish(RunId id) {
    doubted.remove(id);
    fault(id).ifPresent(reason -> signal(id, new Signal.Faulted(reason)));
    Optional<Assignment> wanted =
        ledger
            .book()
            .run(id)
            .filter(run -> run.open() && !run.checkedAt(Moment.AFTER))
            .flatMap(Run::assignment)
            .filter(assignment -> !assignment.spec().checksAt(Moment.AFTER).isEmpty());
    if (wanted.isEmpty()) {
      signal(id, new Signal.Cleaned());
    } else if (!checking.underWay(id)) {
      checking.begin(wanted.get(), Moment.AFTER);
    }
  }

  /** What a check after a run found is told, and changes nothing of how the run ended. */
  private void checked(Checking.Done done) {
    ledger.happened(List.of(new Entry.Checked(done.run(), done.results())));
    switch (done.moment()) {
      case BEFORE -> {
        if (done.refusal().isPresent()) {
          prepared(done.run(), done.refusal());
        } else {
          equip(
              done.run(),
              () -> undisturbed(done.run(), () -> prepared(done.run(), Optional.empty())));
        }
      }
      case AFTER -> signal(done.run(), new Signal.Cleaned());
    }
  }

  private void meter() {
    for (Metering.Settled one : metering.beginnings()) {
      if (!one.values().isEmpty() && ledger.book().run(one.run()).isPresent()) {
        Entry noted =
            new Entry.Noted(one.run(), Optional.empty(), one.values(), OptionalLong.empty());
        ledger.happened(List.of(noted));
      }
    }
    for (Metering.Settled one : metering.ends()) {
      ledger.book().run(one.run()).ifPresent(run -> settle(run, one.values()));
    }
  }

  private void settle(Run run, Map<String, EnergyMeter.Reading> after) {
    Usage usage = UsageAccount.with(run.usage(), run, after);
    if (run.state() == JobState.CLEANING && usage.joules().isPresent()) {
      ledger.happened(
          List.of(
              new Entry.Moved(
                  run.id(),
                  run.state(),
                  run.outcome(),
                  usage,
                  run.detail(),
                  0,
                  clock.wall().toEpochMilli())));
    }
  }

  private void finish() {
    for (RunId id : List.copyOf(cleaned)) {
      if (!metering.awaitsEnd(id) && !awaitsFault(id)) {
        cleaned.remove(id);
        finish(id);
      }
    }
  }

  void signal(RunId id, Signal signal) {
    ledger
        .book()
        .run(id)
        .ifPresent(run -> signal(id, signal, List.of(), run.usage(), run.detail()));
  }

  private void signal(RunId id, Signal signal, List<Entry> besides, Usage usage, String detail) {
    Run run = ledger.book().run(id).orElseThrow();
    switch (JobStateMachine.step(run.state(), run.outcome(), signal)) {
      case Step.Illegal illegal ->
          LOG.warn("signal is ignored run={} why={}", id.text(), illegal.sentence());
      case Step.To to -> take(run, to, besides, usage, detail);
    }
  }

  private void take(Run run, Step.To to, List<Entry> besides, Usage usage, String detail) {
    List<Entry> entries = new ArrayList<>(besides);
    if (to.state() != run.state() || !to.outcome().equals(run.outcome())) {
      entries.add(moved(run, to, usage, detail));
      LOG.info("run moved run={} state={}", run.id().text(), to.state().word());
    }
    Written written = entries.isEmpty() ? new Written.Done() : ledger.happened(entries);
    if (to.state() != JobState.RUNNING) {
      deadlines.remove(run.id());
    }
    if (to.state() != JobState.PREPARING && to.state() != JobState.READY) {
      unleased.remove(run.id());
    }
    if (to.state() == JobState.ENDED || to.state() == JobState.ACCEPTED) {
      checking.forget(run.id());
      trial.forget(run.id());
    }
    if (to.state() == JobState.READY) {
      ready.add(run.id());
      held.add(run.id()); // also by the agent after the one that was told
    } else {
      ready.remove(run.id());
    }
    if (to.state() == JobState.ENDED && waiting(run.state())) {
      equipping.remove(run.id());
      run.assignment().flatMap(this::prepares).ifPresent(launch -> units.abandon(launch.run()));
    }
    if (to.state() == JobState.ENDED) {
      held.remove(run.id());
      metering.forget(run.id());
      cleaned.remove(run.id());
      doubted.remove(run.id());
    }
    to.effects().forEach(effect -> effect(effect, run.id(), written));
  }

  /** Whether it has not begun; what was done for it before that is undone, should it not begin. */
  private static boolean waiting(JobState state) {
    return switch (state) {
      case ACCEPTED, PREPARING, READY -> true;
      case QUEUED, PLACED, STARTING, RUNNING, STOPPING, CLEANING, STUCK, ENDED -> false;
    };
  }

  private Entry moved(Run run, Step.To to, Usage usage, String detail) {
    return new Entry.Moved(
        run.id(),
        to.state(),
        to.outcome(),
        usage,
        detail,
        ledger.nextSequence(),
        clock.wall().toEpochMilli());
  }

  private void effect(Effect effect, RunId id, Written written) {
    switch (effect) {
      case PREPARE -> prepare(id);
      case START -> start(id, written);
      case STOP -> units.stop(id, grace(id));
      case CLEAN -> clean(id);
    }
  }

  /** Nothing is looked at and nothing begins while a test of the site has the accelerators. */
  private void undisturbed(RunId id, Runnable step) {
    settle();
    boolean devices = ledger.book().run(id).filter(run -> !run.devices().isEmpty()).isPresent();
    if (devices && trial.running()) {
      LOG.info("run waits for the end of a test of the site run={}", id.text());
      trial.hold(id, step);
    } else {
      step.run();
    }
  }

  private void settle() {
    trial.settle(
        ledger.book(), run -> checking.underWay(run) || equipping.contains(run), clock.nanos());
  }

  private void prepare(RunId id) {
    undisturbed(id, () -> look(id));
  }

  private void look(RunId id) {
    Optional<Assignment> assignment = ledger.book().run(id).flatMap(Run::assignment);
    boolean free = assignment.flatMap(wanted -> gate.refusal(wanted.devices())).isEmpty();
    boolean asks =
        assignment.filter(wanted -> !wanted.spec().checksAt(Moment.BEFORE).isEmpty()).isPresent();
    if (free && asks) {
      checking.begin(assignment.get(), Moment.BEFORE);
    } else if (free) {
      equip(id, () -> prepared(id, Optional.empty()));
    } else {
      prepared(id, Optional.empty());
    }
  }

  /** Has the node do what its owner wants done before a run, where that is something. */
  private void equip(RunId id, Runnable otherwise) {
    Optional<Launch> launch =
        ledger.book().run(id).flatMap(Run::assignment).flatMap(this::prepares);
    if (launch.isPresent()) {
      equipping.add(id);
      units.prepare(launch.get());
    } else {
      otherwise.run();
    }
  }

  private Optional<Launch> prepares(Assignment assignment) {
    return switch (execution.get()) {
      case Execution.On(Policy policy) when units.prepares(assignment, policy) ->
          switch (policy.decide(assignment)) {
            case Policy.Decision.Allowed(UnixUser user) ->
                Optional.of(new Launch(assignment, user, policy, orders.of(assignment.id())));
            case Policy.Decision.Refused _ -> Optional.empty(); // as the start will say
          };
      case Execution.On _, Execution.Off _ -> Optional.empty();
    };
  }

  /** It has done so, or says why not; a run that was stopped meanwhile waits for nothing. */
  void equipped(RunId id, Optional<String> trouble) {
    equipping.remove(id);
    boolean waits =
        ledger.book().run(id).filter(run -> run.state() == JobState.PREPARING).isPresent();
    if (waits && trouble.isPresent()) {
      prepared(id, trouble);
    } else if (waits) {
      undisturbed(id, () -> prepared(id, Optional.empty()));
    }
  }

  /** The last look before it begins. */
  private void prepared(RunId id, Optional<String> refusal) {
    Optional<String> trouble =
        refusal.or(() ->
            ledger
                .book()
                .run(id)
                .flatMap(Run::assignment)
                .flatMap(assignment -> gate.refusal(assignment.devices())));
    if (trouble.isEmpty() && !held.contains(id) && !covered(id)) {
      if (unleased.add(id)) {
        LOG.info("run waits for the collector to renew its lease run={}", id.text());
      }
      return;
    }
    Signal well = held.contains(id) ? new Signal.Held() : new Signal.Prepared();
    signal(id, trouble.<Signal>map(Signal.PrepareFailed::new).orElse(well));
  }

  private boolean covered(RunId id) {
    return ledger
        .book()
        .run(id)
        .flatMap(Run::assignment)
        .filter(assignment -> !leases.covers(assignment.spec()))
        .isEmpty();
  }

  /** What a collector has renewed goes on, and what waited for it begins. */
  private void renew() {
    if (!leases.renewed()) {
      return;
    }
    leased(Foreman::goesOnOrEnds).forEach(this::renew);
    for (RunId id : List.copyOf(unleased)) {
      unleased.remove(id);
      undisturbed(id, () -> prepared(id, Optional.empty()));
    }
  }

  private void renew(Assignment assignment) {
    leases.until(assignment.spec()).ifPresent(until -> units.renew(assignment.id(), until));
  }

  /** The runs in this state that are stopped with their leases. */
  private List<Assignment> leased(Predicate<Run> state) {
    List<Assignment> leased = new ArrayList<>();
    for (Run run : ledger.book().runs()) {
      if (state.test(run)) {
        run.assignment()
            .filter(assignment -> assignment.spec().lease().stops())
            .ifPresent(leased::add);
      }
    }
    return leased;
  }

  private static boolean goesOn(Run run) {
    return run.outcome().isEmpty()
        && (run.state() == JobState.STARTING || run.state() == JobState.RUNNING);
  }

  /** Also one that is being stopped, which may take longer than its lease; not for its lease. */
  private static boolean goesOnOrEnds(Run run) {
    boolean begun =
        switch (run.state()) {
          case STARTING, RUNNING, STOPPING, STUCK -> true;
          case QUEUED, PLACED, ACCEPTED, PREPARING, READY, CLEANING, ENDED -> false;
        };
    return begun && run.outcome().filter(how -> how.kind() == Outcome.Kind.LEASE_EXPIRED).isEmpty();
  }

  private void expire() {
    if (!leases.known()) {
      return;
    }
    for (Assignment assignment : leased(Foreman::goesOn)) {
      if (leases.over(assignment.spec())) {
        LOG.warn(
            "no collector has renewed a run, and it is stopped run={}", assignment.id().text());
        signal(assignment.id(), new Signal.Stop(Outcome.of(Outcome.Kind.LEASE_EXPIRED)));
      }
    }
  }

  /** Nothing begins of which the journal does not know. */
  private void start(RunId id, Written written) {
    Assignment assignment = ledger.book().run(id).flatMap(Run::assignment).orElseThrow();
    switch (written) {
      case Written.Done() -> start(assignment);
      case Written.Full(String why) -> signal(id, new Signal.StartFailed(why));
      case Written.Quarantined(String why) -> signal(id, new Signal.StartFailed(why));
    }
  }

  private void start(Assignment assignment) {
    switch (execution.get()) {
      case Execution.Off(String why) -> signal(assignment.id(), new Signal.StartFailed(why));
      case Execution.On(Policy policy) -> {
        switch (policy.decide(assignment)) {
          case Policy.Decision.Refused(String why) ->
              signal(assignment.id(), new Signal.StartFailed(why));
          case Policy.Decision.Allowed allowed -> {
            renew(assignment); // whoever begins it asks for that first
            units.start(new Launch(assignment, allowed.user(), policy, orders.of(assignment.id())));
            metering.began(assignment.id(), assignment.devices().uuids());
          }
        }
      }
    }
  }

  /** What nobody placed here and nobody asked to stop is not touched. */
  private void clean(RunId id) {
    Run run = ledger.book().run(id).orElseThrow();
    if (run.tracked() || run.graceMs().isPresent()) {
      units.clean(id, grace(id));
    } else {
      cleaned(id);
    }
  }

  private Duration grace(RunId id) {
    Run run = ledger.book().run(id).orElseThrow();
    return run.graceMs().isPresent()
        ? Duration.ofMillis(run.graceMs().getAsLong())
        : run.assignment()
            .map(assignment -> Duration.ofMillis(assignment.spec().stopGraceMs()))
            .orElse(GRACE_OF_THE_UNKNOWN);
  }

  /** Stops a run; its grace is remembered over a restart. */
  void stop(Stop stop) {
    Optional<Run> run = ledger.book().run(stop.run()).filter(Run::open);
    if (run.isPresent()) {
      OptionalLong grace =
          stop.graceMs().isPresent() || run.get().tracked()
              ? stop.graceMs()
              : OptionalLong.of(GRACE_OF_THE_UNKNOWN.toMillis());
      Entry noted = new Entry.Noted(stop.run(), Optional.empty(), Map.of(), grace);
      signal(
          stop.run(),
          new Signal.Stop(stop.cause()),
          List.of(noted),
          run.get().usage(),
          run.get().detail());
    }
  }

  /** Stops what has run for as long as it may, and notes the readings that have come. */
  void tick() {
    meter();
    doubted.values().removeIf(until -> clock.nanos() - until >= 0);
    finish();
    checking.tick();
    renew();
    expire();
    settle();
    for (Optional<Runnable> step = trial.released(); step.isPresent(); step = trial.released()) {
      step.get().run();
    }
    List<RunId> over =
        deadlines.entrySet().stream()
            .filter(entry -> clock.nanos() - entry.getValue() >= 0)
            .map(Map.Entry::getKey)
            .toList();
    for (RunId id : over) {
      deadlines.remove(id);
      signal(id, new Signal.Stop(Outcome.of(Outcome.Kind.TIME_LIMIT)));
    }
    for (RunId id : List.copyOf(ready)) {
      if (held.contains(id) && clock.nanos() - heardNanos.getAsLong() >= gangWait(id).toNanos()) {
        LOG.warn("no collector says whether its gang begins; run is let go run={}", id.text());
        signal(id, new Signal.Stop(Outcome.of(Outcome.Kind.GROUP_FAILED)));
      }
    }
  }

  private Duration gangWait(RunId id) {
    return ledger
        .book()
        .run(id)
        .flatMap(Run::assignment)
        .map(assignment -> Duration.ofMillis(assignment.spec().gangWaitMs()))
        .orElse(Duration.ZERO);
  }

  /** When {@link #tick} has something to do next; empty when nothing is foreseen. */
  OptionalLong next() {
    return LongStream.concat(
            LongStream.concat(
                Stream.concat(deadlines.values().stream(), doubted.values().stream())
                    .mapToLong(Long::longValue),
                checking.next()),
            metering.next().stream())
        .min();
  }
}
