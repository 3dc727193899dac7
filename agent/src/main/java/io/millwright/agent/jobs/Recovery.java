package io.millwright.agent.jobs;

import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the book and what is really there together, once, when the agent begins. */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Ledger ledger;
  private final Foreman foreman;
  private final Units units;
  private final Clock clock;

  Recovery(Ledger ledger, Foreman foreman, Units units, Clock clock) {
    this.ledger = ledger;
    this.foreman = foreman;
    this.units = units;
    this.clock = clock;
  }

  void run(List<Unit> there) {
    Map<RunId, Presence> presences = new HashMap<>();
    there.forEach(unit -> presences.put(unit.run(), unit.presence()));
    for (Run run : List.copyOf(ledger.book().runs())) {
      if (run.open()) {
        recover(run, presences.getOrDefault(run.id(), new Presence.NeverBegan()));
      }
    }
    there.stream().filter(unit -> ledger.book().run(unit.run()).isEmpty()).forEach(this::found);
  }

  private void recover(Run run, Presence presence) {
    LOG.info(
        "run is taken up again run={} state={} presence={}",
        run.id().text(),
        run.state().word(),
        presence.getClass().getSimpleName());
    if (!run.bootId().equals(units.bootId())) {
      rebooted(run, presence);
      return;
    }
    switch (run.state()) {
      case ACCEPTED, PREPARING, READY, CLEANING -> foreman.signal(run.id(), new Signal.Resumed());
      case STUCK -> stuck(run, presence);
      case STARTING -> started(run, presence);
      case RUNNING, STOPPING -> running(run, presence);
      case QUEUED, PLACED, ENDED -> {}
    }
  }

  /** The record of an end outlives a boot; a process does not. */
  private void rebooted(Run run, Presence presence) {
    boolean begun =
        switch (run.state()) {
          case STARTING, RUNNING, STOPPING, STUCK -> true;
          case QUEUED, PLACED, ACCEPTED, PREPARING, READY, CLEANING, ENDED -> false;
        };
    if (begun && presence instanceof Presence.Ended) {
      foreman.changed(run.id(), presence);
    }
    foreman.signal(run.id(), new Signal.Rebooted());
  }

  /** How it ended in between is known only now. */
  private void stuck(Run run, Presence presence) {
    if (presence instanceof Presence.Ended) {
      foreman.changed(run.id(), presence);
    } else {
      foreman.signal(run.id(), new Signal.Resumed());
    }
  }

  private void started(Run run, Presence presence) {
    foreman.changed(run.id(), presence);
  }

  private void running(Run run, Presence presence) {
    switch (presence) {
      case Presence.NeverBegan(), Presence.Failed _, Presence.Gone() ->
          foreman.signal(run.id(), new Signal.Lost());
      case Presence.Running _, Presence.Ended _ -> foreman.changed(run.id(), presence);
    }
  }

  /** Told, and left alone. */
  private void found(Unit unit) {
    String detail = "untracked: found on the node, and this journal knows nothing of it";
    switch (unit.presence()) {
      case Presence.NeverBegan() -> {}
      case Presence.Running running -> {
        take(unit, JobState.RUNNING, Optional.empty(), detail);
        foreman.changed(unit.run(), running);
      }
      case Presence.Ended ended ->
          take(
              unit,
              JobState.ENDED,
              untracked(),
              detail + "; it ended with " + ended.outcome().text());
      case Presence.Failed(String reason) ->
          take(unit, JobState.ENDED, untracked(), detail + "; it never ran: " + reason);
      case Presence.Gone() -> take(unit, JobState.ENDED, untracked(), detail + "; it is gone");
    }
  }

  private static Optional<Outcome> untracked() {
    return Optional.of(Outcome.of(Outcome.Kind.UNTRACKED));
  }

  private void take(Unit unit, JobState state, Optional<Outcome> outcome, String detail) {
    long now = clock.wall().toEpochMilli();
    LOG.warn("untracked run found run={} state={}", unit.run().text(), state.word());
    ledger.happened(
        List.of(
            new Entry.Found(unit.run(), unit.devices(), unit.channel(), units.bootId(), now),
            new Entry.Moved(
                unit.run(), state, outcome, Usage.NONE, detail, ledger.nextSequence(), now)));
  }
}
