package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of {@link SystemdUnits}, looked at again and again. Owned by the thread {@code units}; by
 * the reader of the list before that.
 */
final class SystemdRun {
  private static final Logger LOG = LoggerFactory.getLogger(SystemdRun.class);

  /** Between the end of a unit and its record, which another unit writes; disks may stall. */
  private static final Duration TO_RECORD = Duration.ofSeconds(30);

  /** After this the launcher is asked to look at the unit itself. */
  private static final Duration TO_NOTE = Duration.ofMillis(2500);

  private static final Duration SLACK = Duration.ofSeconds(1);
  private static final Duration BETWEEN_KILLS = Duration.ofSeconds(5);

  /** A launcher that has too much to do is heard sooner. */
  private static final Duration TO_BE_HEARD = Duration.ofSeconds(30);

  private static final Duration BETWEEN_NOTES = Duration.ofSeconds(5);

  /** Until hooks that failed are begun again. */
  private static final Duration BETWEEN_HOOKS = Duration.ofMinutes(1);

  private final RunId run;
  private final Layout layout;
  private final ProcessTable table;
  private final Cgroups groups;
  private final Clock clock;
  private final Duration patience;
  private boolean beginning;
  private boolean toldRunning;
  private boolean toldEnd;
  private Pressure pressure = Pressure.NONE;
  private boolean asked;

  /** The launcher leaves it to later to end it: since when, until when it is not asked, and why. */
  private Optional<Postponed> postponed = Optional.empty();

  /** A stop that was left to later has its whole grace from when it is asked again. */
  private boolean graceOwed;

  private boolean toldOverdue;
  private boolean cleaned;
  private long killAt;
  private long killAgainAt;
  private long goneSince;
  private long noteAgainAt;
  private long grace;
  private long emptySince;
  private long heldSince;
  private boolean owesHooks;
  private boolean hooksAsked;
  private long hooksAgainAt;

  private record Postponed(long since, long until, String why) {}

  private enum Pressure {
    NONE,
    STOP,
    CLEAN
  }

  SystemdRun(RunId run, Layout layout, ProcessTable table, Clock clock, Duration patience) {
    this.run = run;
    this.layout = layout;
    this.table = table;
    this.groups = new Cgroups(layout);
    this.clock = clock;
    this.patience = patience;
  }

  RunId id() {
    return run;
  }

  /** While the launcher is asked to begin it, nothing of it is a sign. */
  void beginning(boolean underWay) {
    beginning = underWay;
  }

  /** Hooks before it may have run, of which no claim of it says so. */
  void owesHooks() {
    owesHooks = true;
  }

  /** Nothing of it can change any more. */
  boolean finished() {
    return beginning || cleaned || (toldEnd && pressure == Pressure.NONE);
  }

  /** Whether it is to be looked at often. */
  boolean pressing() {
    return !finished() && (pressure != Pressure.NONE || !toldRunning || goneSince != 0);
  }

  /** What was in the list is not told once more. */
  void known(Presence presence) {
    toldRunning = true;
    toldEnd = !(presence instanceof Presence.Running);
  }

  void stop(Duration within) {
    press(Pressure.STOP, within);
  }

  void clean(Duration within) {
    press(Pressure.CLEAN, within);
  }

  private void press(Pressure how, Duration within) {
    pressure = how;
    asked = false;
    postponed = Optional.empty();
    graceOwed = false;
    toldOverdue = false;
    emptySince = 0;
    heldSince = 0;
    hooksAgainAt = clock.nanos();
    grace = Math.clamp(within.toMillis(), 0, Verb.LONGEST_GRACE_MS);
    killAt = clock.nanos() + within.toNanos();
    killAgainAt = killAt;
  }

  /** The devices that it was claimed with. */
  List<String> devices() {
    return facts("claimed")
        .flatMap(facts -> facts.text("devices"))
        .map(all -> List.of(all.split(",")))
        .orElse(List.of());
  }

  /** The IMEX channel that it was claimed with. */
  Optional<ImexChannel> channel() {
    return facts("claimed").flatMap(facts -> facts.text("channel")).flatMap(Claims::channel);
  }

  /** Tells what is new, and goes on with ending it. */
  void look(
      Optional<Map<String, UnitRow>> rows,
      UnitView view,
      LauncherCall launcher,
      Units.Watcher watcher,
      HeldDevices held,
      HeldDevices.Inquiry inquiry) {
    if (!toldEnd) {
      presence(rows, view).ifPresent(presence -> tell(presence, watcher));
      record(launcher);
    }
    switch (pressure) {
      case NONE -> {}
      case STOP -> pressOn(launcher, watcher, inquiry);
      case CLEAN -> sweep(rows, launcher, watcher, held, inquiry);
    }
  }

  private void tell(Presence presence, Units.Watcher watcher) {
    if (presence instanceof Presence.Running) {
      if (!toldRunning) {
        toldRunning = true;
        watcher.changed(run, presence);
      }
      return;
    }
    toldEnd = true;
    if (pressure == Pressure.STOP) {
      pressure = Pressure.NONE;
    }
    watcher.changed(run, presence);
  }

  /** A unit that failed and stays without a record still knows its end itself. */
  void record(LauncherCall launcher) {
    long now = clock.nanos();
    if (goneSince != 0 && !toldEnd && now - noteAgainAt >= 0) {
      noteAgainAt = now + BETWEEN_NOTES.toNanos(); // it may be that systemd knows no such unit
      ask(launcher, new Verb.Note(run));
    }
  }

  /** What is so; empty while that cannot be known. */
  Optional<Presence> presence(Optional<Map<String, UnitRow>> rows, UnitView view) {
    Optional<Facts> failed = facts("failed");
    if (failed.isPresent()) {
      return Optional.of(
          new Presence.Failed(failed.get().text("reason").orElse("nobody wrote down why")));
    }
    Optional<Facts> begun = facts("begun");
    Optional<EndRecord> end = end();
    if (end.isPresent()) {
      return Optional.of(ended(end.get(), begun));
    }
    if (ofAnotherBoot()) {
      return Optional.of(new Presence.Gone());
    }
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    Optional<UnitRow> row =
        Optional.ofNullable(rows.get().get(Layout.unit(run))).filter(UnitRow::alive);
    return row.isPresent() ? alive(row.get(), begun, view) : gone();
  }

  /** Whether systemd has it and it has not ended. */
  boolean alive(Optional<Map<String, UnitRow>> rows) {
    return rows.flatMap(all -> Optional.ofNullable(all.get(Layout.unit(run))))
        .filter(UnitRow::alive)
        .isPresent();
  }

  private boolean ofAnotherBoot() {
    return facts("claimed")
        .flatMap(facts -> facts.text("boot"))
        .filter(boot -> !boot.equals(table.bootId()))
        .isPresent();
  }

  private Optional<Presence> gone() {
    if (goneSince == 0) {
      goneSince = clock.nanos();
      noteAgainAt = goneSince + TO_NOTE.toNanos();
    }
    return clock.nanos() - goneSince >= TO_RECORD.toNanos()
        ? Optional.of(new Presence.Gone())
        : Optional.empty();
  }

  /** Also one that is being ended counts as running. */
  private Optional<Presence> alive(UnitRow row, Optional<Facts> begun, UnitView view) {
    goneSince = 0;
    if (row.active().equals("activating")) {
      return Optional.empty();
    }
    Optional<String> invocation = begun.flatMap(facts -> facts.text("invocation"));
    if (invocation.isPresent() && !toldRunning) {
      Optional<String> now = view.invocation(row);
      if (now.isEmpty()) {
        return Optional.empty();
      }
      if (!now.equals(invocation)) {
        LOG.error("a unit was begun by somebody else unit={} invocation={}", row.name(), now.get());
        return Optional.of(new Presence.Gone());
      }
    }
    return process(row, view).map(process -> running(process, begun));
  }

  private Optional<ProcessTable.Row> process(UnitRow row, UnitView view) {
    return view.process(row)
        .flatMap(ProcessTable::row)
        .filter(ProcessTable.Row::alive)
        .or(() -> groups.member(run));
  }

  private Presence running(ProcessTable.Row process, Optional<Facts> begun) {
    Identity identity = new Identity(process.pid(), process.startTicks(), table.bootId());
    Duration ran =
        begun
            .flatMap(facts -> facts.text("uptime"))
            .flatMap(ProcessTable::seconds)
            .map(since -> positive(table.uptime().minus(since)))
            .orElseGet(() -> table.age(identity));
    return new Presence.Running(identity, ran);
  }

  private static Duration positive(Duration time) {
    return time.isNegative() ? Duration.ZERO : time;
  }

  private Presence ended(EndRecord end, Optional<Facts> begun) {
    Optional<String> never = end.neverRan(begun.isPresent() || toldRunning);
    if (never.isPresent()) {
      return new Presence.Failed(never.get());
    }
    Duration ran = since(begun, end).orElse(Duration.ZERO);
    Optional<Duration> ago =
        end.boot().equals(table.bootId())
            ? Optional.of(positive(table.uptime().minus(end.uptime())))
            : Optional.empty();
    return new Presence.Ended(end.outcome(overtime(end)), ran, ago);
  }

  /** Counted from the claim, because the launcher may note the start late. */
  private boolean overtime(EndRecord end) {
    Optional<Facts> claimed = facts("claimed");
    OptionalLong limit = claimed.map(f -> f.number("limit_ms")).orElse(OptionalLong.empty());
    Optional<Duration> since = since(claimed, end).or(() -> since(facts("begun"), end));
    return limit.isPresent()
        && since.isPresent()
        && since.get().plus(SLACK).toMillis() >= limit.getAsLong();
  }

  /** From the time that a file tells to the end; empty where that was in another boot. */
  private static Optional<Duration> since(Optional<Facts> told, EndRecord end) {
    return told.filter(facts -> facts.text("boot").filter(end.boot()::equals).isPresent())
        .flatMap(facts -> facts.text("uptime"))
        .flatMap(ProcessTable::seconds)
        .map(since -> positive(end.uptime().minus(since)));
  }

  private void pressOn(LauncherCall launcher, Units.Watcher watcher, HeldDevices.Inquiry inquiry) {
    signal(launcher);
    complain(watcher, inquiry);
  }

  /** The kernel has the last word: systemd gives a unit up whose processes no kill can end. */
  private void sweep(
      Optional<Map<String, UnitRow>> rows,
      LauncherCall launcher,
      Units.Watcher watcher,
      HeldDevices held,
      HeldDevices.Inquiry inquiry) {
    boolean inhabited = groups.inhabited(run);
    if (rows.isEmpty() && !inhabited) {
      return; // nobody answers, and where the group is no more the unit may still be on its way
    }
    if (!inhabited && !alive(rows)) {
      release(watcher, held, inquiry);
      return;
    }
    signal(launcher);
    complain(watcher, inquiry);
  }

  /** Its own processes are gone; its devices are free once no stranger has them open. */
  private void release(Units.Watcher watcher, HeldDevices held, HeldDevices.Inquiry inquiry) {
    long now = clock.nanos();
    if (emptySince == 0) {
      emptySince = now;
    }
    switch (held.look(new Claims(layout).nodes(run), emptySince)) {
      case HeldDevices.Look.Awaited() -> {}
      case HeldDevices.Look.Free() -> {
        if (hooked()) {
          undo(watcher, inquiry);
        } else {
          cleaned(watcher);
        }
      }
      case HeldDevices.Look.Held(String why) -> {
        if (heldSince == 0) {
          heldSince = now;
          LOG.warn("a device of a run that ended is held run={} why={}", run.text(), why);
        }
        if (!toldOverdue && now - heldSince - patience.toNanos() >= 0) {
          toldOverdue = true;
          watcher.overdue(run, why);
        }
      }
    }
  }

  private void cleaned(Units.Watcher watcher) {
    cleaned = true;
    pressure = Pressure.NONE;
    watcher.cleaned(run);
  }

  /**
   * Whether hooks are to run after it: its claim says so, or there is none and those before did.
   */
  private boolean hooked() {
    return owesHooks || facts("claimed").flatMap(facts -> facts.text("hooks")).isPresent();
  }

  /** Its devices stay its own until the hooks after it have ended well. */
  private void undo(Units.Watcher watcher, HeldDevices.Inquiry inquiry) {
    if (hooksAsked || clock.nanos() - hooksAgainAt < 0) {
      return;
    }
    hooksAsked = true;
    inquiry.ask(
        new Verb.HookAfter(run),
        answer -> {
          hooksAsked = false;
          if (!finished()) {
            undone(answer, watcher);
          }
        });
  }

  private void undone(Answer answer, Units.Watcher watcher) {
    switch (answer) {
      case Answer.Done() -> cleaned(watcher);
      case Answer.Later(String why) -> notUndone(why, watcher);
      case Answer.Failed(String why) -> notUndone(why, watcher);
      case Answer.Refused(String why) -> notUndone(why, watcher);
      case Answer.Capped _, Answer.Told _ ->
          notUndone("the launcher answered something else", watcher);
    }
  }

  private void notUndone(String why, Units.Watcher watcher) {
    hooksAgainAt = clock.nanos() + BETWEEN_HOOKS.toNanos();
    LOG.warn("hooks after a run have not ended well run={} why={}", run.text(), why);
    if (!toldOverdue) {
      toldOverdue = true;
      watcher.overdue(run, why);
    }
  }

  private void signal(LauncherCall launcher) {
    long now = clock.nanos();
    if (postponed.filter(later -> now - later.until() < 0).isPresent()) {
      return;
    }
    if (graceOwed) {
      killAt = now + Duration.ofMillis(grace).toNanos();
      killAgainAt = killAt;
    }
    if (now - killAgainAt >= 0) {
      killAgainAt = now + BETWEEN_KILLS.toNanos();
      taken(ask(launcher, new Verb.Kill(run)), now, false);
    } else if (!asked && now - killAt < 0) {
      taken(ask(launcher, new Verb.Stop(run, grace)), now, true);
    }
  }

  /** Where nobody answered, what was said before still holds. */
  private void taken(Optional<Answer> answer, long now, boolean stop) {
    if (answer.isEmpty()) {
      return;
    }
    if (answer.get() instanceof Answer.Later(String why)) {
      long since = postponed.map(Postponed::since).orElse(now);
      postponed = Optional.of(new Postponed(since, now + BETWEEN_KILLS.toNanos(), why));
      graceOwed |= stop;
    } else {
      postponed = Optional.empty();
      graceOwed = false;
      asked |= stop && answer.get() instanceof Answer.Done;
    }
  }

  private void complain(Units.Watcher watcher, HeldDevices.Inquiry inquiry) {
    if (postponed.isPresent()) {
      Postponed later = postponed.get();
      if (!toldOverdue && clock.nanos() - later.since() - TO_BE_HEARD.toNanos() >= 0) {
        toldOverdue = true;
        overdue(later.why(), watcher);
      }
      return;
    }
    if (!toldOverdue && clock.nanos() - killAt - patience.toNanos() >= 0) {
      toldOverdue = true;
      inquiry.ask(new Verb.ReadStuck(run), answer -> overdue(StuckText.of(answer), watcher));
    }
  }

  private void overdue(String why, Units.Watcher watcher) {
    if (!finished()) {
      LOG.warn("a run does not end run={} why={}", run.text(), why);
      watcher.overdue(run, why);
    }
  }

  /** Empty where nobody answers; what was not done is asked again. */
  private Optional<Answer> ask(LauncherCall launcher, Verb verb) {
    try {
      Answer answer = launcher.ask(verb);
      answer
          .refusal()
          .ifPresent(why -> LOG.info("the launcher refused run={} why={}", run.text(), why));
      return Optional.of(answer);
    } catch (IOException later) {
      LOG.warn("the launcher does not answer run={}", run.text(), later);
      return Optional.empty();
    }
  }

  private Optional<Facts> facts(String name) {
    try {
      return Facts.read(layout.directory(run).resolve(name));
    } catch (IOException e) {
      throw new LauncherException("reading what is kept of " + run.text(), e);
    }
  }

  private Optional<EndRecord> end() {
    try {
      return EndRecord.find(layout.ended(), run);
    } catch (IOException e) {
      throw new LauncherException("reading the record of " + run.text(), e);
    }
  }
}
