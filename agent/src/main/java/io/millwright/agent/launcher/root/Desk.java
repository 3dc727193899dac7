package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Cgroups;
import io.millwright.agent.launcher.EndRecord;
import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the verbs.
 *
 * <p><i>Threading:</i> {@link #take} on the thread of the door, which owns the list of starts under
 * way; what it returns on any other.
 */
final class Desk {
  private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
  private static final int KILL = 9;
  private static final int TERM = 15;
  private static final long TO_SETTLE_SECONDS = 60;
  private static final int EXITED = 1;

  /** Less than the agent waits. */
  private static final Duration TO_READ = Duration.ofSeconds(20);

  private final Layout layout;
  private final JobUnits units;
  private final ProcessTable table;
  private final Beginning beginning;
  private final Hooks hooks;
  private final Leases leases;
  private final StopBound bound;
  private final PowerDesk power;
  private final LauncherCall reader;
  private final List<CompletableFuture<Answer>> underWay = new ArrayList<>();

  /**
   * @param reader the program that has the rights to read what the launcher may not
   */
  Desk(Layout layout, JobUnits units, ProcessTable table, PowerDesk power, LauncherCall reader) {
    this.power = power;
    this.reader = reader;
    this.layout = layout;
    this.units = units;
    this.table = table;
    this.leases = new Leases(layout, table, Clock.system());
    this.bound = new StopBound(layout.ledger(), Clock.system());
    this.hooks = new Hooks(layout, new SystemdHooks(units), table.bootId());
    this.beginning =
        new Beginning(
            layout,
            units,
            table,
            new RunLedger(layout.ledger()),
            leases,
            new Leftovers(this::read, Strangers.to(layout.agent()), Clock.system()),
            new Seal(layout.orders(), Clock.system()),
            hooks,
            new ImexNodes(layout.host(), new NodeUnit(units)));
  }

  /** Whether something counts that a launcher after this one would not know of. */
  boolean remembers() {
    return bound.remembers();
  }

  /** What is to be done for a verb, and answers it. */
  Supplier<Answer> take(Verb verb) {
    underWay.removeIf(CompletableFuture::isDone);
    return switch (verb) {
      case Verb.Begin start -> begin(start, List.of());
      case Verb.StartInstances(Verb.Begin start, List<Verb.Instance> instances) ->
          begin(start, instances);
      case Verb.HookBefore(Verb.Begin start, List<Verb.Instance> instances) ->
          () ->
              hooks.before(start, begun -> beginning.decided(begun, instances), beginning::vacant);
      case Verb.HookAfter(RunId run) -> () -> hooks.after(run);
      case Verb.Stop stop -> () -> bounded(stop.run(), () -> stop(stop));
      case Verb.Kill kill -> () -> bounded(kill.run(), () -> kill(kill.run()));
      case Verb.Note note -> () -> safely(() -> record(note.run()));
      case Verb.Settle() -> settle(List.copyOf(underWay));
      case Verb.Forget forget -> () -> safely(() -> forget(forget.run()));
      case Verb.Renew wanted ->
          () -> safely(() -> leases.renew(wanted, PolicyFile.read(layout.policy())));
      case Verb.Power wanted -> () -> power.set(wanted);
      case Verb.Read wanted -> () -> read(wanted);
    };
  }

  private Supplier<Answer> begin(Verb.Begin start, List<Verb.Instance> instances) {
    CompletableFuture<Answer> result = new CompletableFuture<>();
    underWay.add(result);
    return () -> {
      try {
        Answer answer = beginning.begin(start, instances);
        result.complete(answer);
        return answer;
      } finally {
        result.complete(new Answer.Refused("it was not finished"));
      }
    };
  }

  private static Supplier<Answer> settle(List<CompletableFuture<Answer>> before) {
    return () -> {
      try {
        CompletableFuture.allOf(before.toArray(CompletableFuture[]::new))
            .get(TO_SETTLE_SECONDS, TimeUnit.SECONDS);
        return new Answer.Done();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return new Answer.Refused("the launcher is ending; ask again");
      } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
        return new Answer.Refused("a start is still under way; ask again");
      }
    };
  }

  /** Nothing but the verb goes on, and nothing but its own answer comes back. */
  private Answer read(Verb.Read wanted) {
    if (!Files.exists(reader.socket())) {
      return new Answer.Refused(
          "there is no socket %s of the program that reads; begin it with systemctl start millwright-read.socket"
              .formatted(reader.socket()));
    }
    try {
      return reader.ask(wanted, TO_READ);
    } catch (IOException trouble) {
      LOG.debug("the program that reads does not answer", trouble);
      return new Answer.Later("it could not be read: " + trouble.getMessage());
    }
  }

  @FunctionalInterface
  private interface Work {
    void go() throws SystemdException, IOException, Refusal;
  }

  private static Answer safely(Work work) {
    try {
      work.go();
      return new Answer.Done();
    } catch (Refusal refusal) {
      return new Answer.Refused(refusal.sentence());
    } catch (SystemdException | IOException trouble) {
      LOG.warn("a verb could not be carried out", trouble);
      return new Answer.Refused(String.valueOf(trouble.getMessage()));
    }
  }

  /**
   * Ends a run, where the policy's bound of stops leaves that; what ends already, or with its
   * lease, is no stop.
   */
  private Answer bounded(RunId run, Work work) {
    try {
      String unit = Layout.unit(run);
      boolean goesOn =
          units
              .ask(systemd -> systemd.find(unit))
              .filter(row -> row.alive() && !row.active().equals("deactivating"))
              .isPresent();
      boolean counts = goesOn && !leases.over(run);
      Optional<String> refusal =
          counts ? bound.refusal(run, PolicyFile.read(layout.policy())) : Optional.empty();
      if (refusal.isPresent()) {
        LOG.warn("a run goes on that was to be stopped run={} why={}", run.text(), refusal.get());
        return new Answer.Later(refusal.get());
      }
    } catch (SystemdException trouble) {
      LOG.warn("a verb could not be carried out", trouble);
      return new Answer.Refused(String.valueOf(trouble.getMessage()));
    }
    return safely(work);
  }

  /**
   * Systemd's own stop gives the grace that the job asked for; a longer one is waited for by the
   * agent, and the processes are only asked.
   */
  private void stop(Verb.Stop stop) throws SystemdException {
    String unit = Layout.unit(stop.run());
    Optional<UnitRow> row = units.ask(systemd -> systemd.find(unit)).filter(UnitRow::alive);
    if (row.isEmpty()) {
      return;
    }
    long own = units.ask(systemd -> systemd.number(row.get(), "TimeoutStopUSec")).orElse(0L) / 1000;
    units.ask(systemd -> {
      if (stop.graceMs() <= Math.max(1, own)) {
        systemd.stop(unit);
      } else {
        systemd.kill(unit, TERM);
      }
      return unit;
    });
  }

  private void kill(RunId run) throws SystemdException {
    units.ask(systemd -> {
      systemd.kill(Layout.unit(run), KILL);
      systemd.stop(Layout.unit(run));
      return run;
    });
  }

  private void record(RunId run) throws SystemdException, IOException, Refusal {
    if (EndRecord.find(layout.ended(), run).isPresent()) {
      return;
    }
    String unit = Layout.unit(run);
    Optional<UnitRow> row = units.ask(systemd -> systemd.find(unit));
    if (row.isEmpty()) {
      throw new Refusal("run: systemd knows no unit of " + run.text());
    }
    if (row.get().alive()) {
      throw new Refusal("run: the unit of " + run.text() + " has not ended");
    }
    String invocation = units.ask(systemd -> systemd.invocation(row.get())).orElse("");
    EndRecord end = units.ask(systemd -> end(systemd, run, row.get()));
    new RunFiles(layout, run).end(end, invocation);
  }

  private EndRecord end(Systemd systemd, RunId run, UnitRow row) throws SystemdException {
    long code = systemd.number(row, "ExecMainCode").orElse(0L);
    return new EndRecord(
        leases.over(run) ? EndRecord.LEASE_EXPIRED : systemd.word(row, "Result").orElse(""),
        code == EXITED ? "exited" : "killed",
        Long.toString(systemd.number(row, "ExecMainStatus").orElse(0L)),
        table.bootId(),
        table.uptime(),
        false);
  }

  private void forget(RunId run) throws SystemdException, IOException, Refusal {
    String unit = Layout.unit(run);
    Optional<UnitRow> row = units.ask(systemd -> systemd.find(unit));
    if (row.filter(UnitRow::alive).isPresent() || new Cgroups(layout).inhabited(run)) {
      throw new Refusal("run: the unit of " + run.text() + " has not ended; stop it first");
    }
    if (!(hooks.after(run) instanceof Answer.Done)) {
      throw new Refusal("hooks: those after run " + run.text() + " have not ended well");
    }
    units.ask(systemd -> {
      systemd.stop(Layout.keeperUnit(run));
      systemd.forget(Layout.keeperUnit(run));
      systemd.forget(unit);
      return run;
    });
    Files.deleteIfExists(layout.environment().resolve(run.text()));
    leases.forget(run);
    delete(layout.directory(run));
    try (DirectoryStream<Path> records = Files.newDirectoryStream(layout.ended(), unit + ".*")) {
      for (Path record : records) {
        Files.deleteIfExists(record);
      }
    }
  }

  /** Files only are in it. */
  static void delete(Path directory) throws IOException {
    if (!Files.isDirectory(directory, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
