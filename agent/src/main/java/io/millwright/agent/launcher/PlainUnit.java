package io.millwright.agent.launcher;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@link PlainProcesses}, looked at again and again. Owned by the thread {@code units};
 * by the reader of the list before that.
 */
final class PlainUnit {
  private final RunId run;
  private final Attempt attempt;
  private final ProcessTable table;
  private final Signals signals;
  private final Clock clock;
  private final Duration patience;
  private final @Nullable Process supervisor;
  private Optional<Attempt.Begun> begun = Optional.empty();
  private boolean reached;
  private boolean toldRunning;
  private boolean toldEnd;
  private Pressure pressure = Pressure.NONE;
  private boolean asked;
  private boolean toldOverdue;
  private boolean cleaned;
  private long killAt;

  private enum Pressure {
    NONE,
    STOP,
    CLEAN
  }

  /**
   * @param supervisor when this process began it
   * @param patience between the kill and the complaint
   */
  PlainUnit(
      RunId run,
      Attempt attempt,
      ProcessTable table,
      Clock clock,
      Duration patience,
      @Nullable Process supervisor) {
    this.run = run;
    this.attempt = attempt;
    this.table = table;
    this.signals = new Signals(table);
    this.clock = clock;
    this.patience = patience;
    this.supervisor = supervisor;
  }

  Attempt attempt() {
    return attempt;
  }

  /** Nothing of it can change any more. */
  boolean finished() {
    return cleaned || (toldEnd && pressure == Pressure.NONE);
  }

  /** What was in the list is not told once more. */
  void known(Presence presence) {
    toldRunning = true;
    toldEnd = !(presence instanceof Presence.Running);
  }

  void stop(Duration grace) {
    press(Pressure.STOP, grace);
  }

  void clean(Duration grace) {
    press(Pressure.CLEAN, grace);
  }

  private void press(Pressure how, Duration grace) {
    pressure = how;
    asked = false;
    toldOverdue = false;
    killAt = clock.nanos() + grace.toNanos();
  }

  /** Tells what is new, and goes on with ending it. */
  void look(Units.Watcher watcher) {
    if (!toldEnd) {
      presence().ifPresent(presence -> tell(presence, watcher));
    }
    switch (pressure) {
      case NONE -> {}
      case STOP -> pressOn(watcher);
      case CLEAN -> sweep(watcher);
    }
  }

  private void tell(Presence presence, Units.Watcher watcher) {
    switch (presence) {
      case Presence.Running _ -> {
        if (!toldRunning) {
          toldRunning = true;
          watcher.changed(run, presence);
        }
      }
      case Presence.Ended _ -> {
        startOfTheEnded(watcher);
        end(presence, watcher);
      }
      case Presence.Failed _, Presence.Gone(), Presence.NeverBegan() -> end(presence, watcher);
    }
  }

  /** A program may have ended before anybody saw it run. */
  private void startOfTheEnded(Units.Watcher watcher) {
    if (!toldRunning) {
      toldRunning = true;
      begun()
          .ifPresent(
              begun -> watcher.changed(run, new Presence.Running(begun.job(), Duration.ZERO)));
    }
  }

  private void end(Presence presence, Units.Watcher watcher) {
    toldEnd = true;
    if (pressure == Pressure.STOP) {
      pressure = Pressure.NONE;
    }
    watcher.changed(run, presence);
  }

  private void pressOn(Units.Watcher watcher) {
    begun().ifPresent(begun -> signal(begun.job(), members(begun)));
    complain(watcher);
  }

  private void sweep(Units.Watcher watcher) {
    Optional<Attempt.Begun> begun = begun();
    List<ProcessTable.Row> left = begun.map(this::members).orElse(List.of());
    boolean supervised = begun.filter(b -> table.alive(b.supervisor())).isPresent();
    if (left.isEmpty() && !supervised) {
      cleaned = true;
      pressure = Pressure.NONE;
      watcher.cleaned(run);
      return;
    }
    if (!left.isEmpty()) {
      begun.ifPresent(b -> signal(b.job(), left));
    }
    complain(watcher);
  }

  private List<ProcessTable.Row> members(Attempt.Begun begun) {
    return table.members(begun.job(), attempt.mark());
  }

  private void signal(Identity leader, List<ProcessTable.Row> members) {
    if (clock.nanos() - killAt >= 0) {
      signals.kill(leader, members);
    } else if (!asked) {
      signals.term(leader, members);
    }
    asked = true;
  }

  private void complain(Units.Watcher watcher) {
    if (!toldOverdue && clock.nanos() - killAt - patience.toNanos() >= 0) {
      toldOverdue = true;
      watcher.overdue(run, "a process of it is still there after the kill");
    }
  }

  /**
   * What is so; empty while a start is under way. The supervisor is looked at before its record, so
   * that one that wrote and went in between is not taken for one that went without.
   */
  Optional<Presence> presence() {
    if (begun().isEmpty() && attempt.isVoid()) {
      return Optional.of(new Presence.NeverBegan());
    }
    Optional<Attempt.Begun> begun = begun();
    boolean supervised = supervised(begun);
    Optional<Attempt.End> end = attempt.end();
    if (end.isPresent()) {
      return Optional.of(ended(end.get()));
    }
    if (begun.isEmpty()) {
      return supervised ? Optional.empty() : Optional.of(neverSaid());
    }
    boolean alive = table.alive(begun.get().job());
    if (!supervised && !alive) {
      return Optional.of(new Presence.Gone());
    }
    return supervised && !reached()
        ? Optional.empty()
        : Optional.of(new Presence.Running(begun.get().job(), table.age(begun.get().job())));
  }

  /** What was written once does not change, and is read once. */
  private Optional<Attempt.Begun> begun() {
    if (begun.isEmpty()) {
      begun = attempt.begun();
    }
    return begun;
  }

  private boolean reached() {
    reached = reached || attempt.reached();
    return reached;
  }

  private boolean supervised(Optional<Attempt.Begun> begun) {
    if (supervisor != null) {
      return supervisor.isAlive();
    }
    return begun
        .map(b -> table.alive(b.supervisor()))
        .orElseGet(() -> attempt.ofBoot(table.bootId()) && !overdueStart());
  }

  /** An adopted start of which nothing is heard ends with the reader's patience. */
  private boolean overdueStart() {
    return killAt != 0 && clock.nanos() - killAt >= 0;
  }

  /** Bounds the wait for an adopted start. */
  void expectStart(Duration within) {
    killAt = clock.nanos() + within.toNanos();
  }

  private Presence ended(Attempt.End end) {
    if (!reached()) {
      return new Presence.Failed(
          attempt
              .failure()
              .orElse("the user of the job could not be taken on: " + attempt.complaint()));
    }
    Duration ran = begun().map(begun -> end.at().minus(begun.since())).orElse(Duration.ZERO);
    Optional<Duration> ago =
        end.bootId().equals(table.bootId())
            ? Optional.of(table.uptime().minus(end.at()))
            : Optional.empty();
    return new Presence.Ended(Attempt.outcome(end.code()), ran, ago);
  }

  private Presence neverSaid() {
    try {
      return attempt.claim()
          ? new Presence.Failed("its supervisor ended first: " + attempt.complaint())
          : new Presence.Gone();
    } catch (IOException e) {
      throw new LauncherException("claiming " + attempt.directory(), e);
    }
  }
}
