package io.millwright.agent.accounting;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the accounts of runs, whoever placed them.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} once; runs that are open then are taken
 * up by the next agent. <i>Threading:</i> the thread {@code accounts} owns the runs and their file;
 * everything else from any thread, and nothing waits. <i>Failure:</i> a disk that takes nothing
 * costs the accounts of runs over the agent's next restart, and is logged; runs are never held up.
 */
public final class AccountKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccountKeeper.class);
  private static final int MOST_WAITING = 1_024;
  private static final int MOST_OPEN = 256;
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration SAVE = Duration.ofMinutes(1);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final Duration YOUNG = Duration.ofMinutes(3);

  /**
   * So long an account that was told is kept here, too, until the events are surely on the disk.
   */
  private static final Duration TOLD = Duration.ofSeconds(10);

  private final RunsFile file;
  private final String bootId;
  private final Sight sight;
  private final Consumer<RunAccount> told;
  private final Clock clock;
  private final Thread thread;
  private final ArrayBlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Map<RunId, OpenRun> runs = new LinkedHashMap<>();
  private final Map<RunId, CompletableFuture<Boolean>> beginnings = new HashMap<>();
  private final Map<RunId, CompletableFuture<Optional<RunAccount>>> endings = new HashMap<>();
  private final List<Told> recent = new ArrayList<>();
  private volatile Map<String, RunId> holders = Map.of();
  private volatile List<RunUse> uses = List.of();
  private volatile boolean stopping;
  private boolean dirty;
  private boolean failing;
  private long savedNanos;

  private record Told(RunAccount account, long atNanos) {}

  /**
   * What is seen of the node.
   *
   * @param snapshot the newest
   * @param readAnew has the lanes of these devices read them at once
   * @param group the control group of a run; empty where it has none of its own
   * @param over whether whoever placed a run says that it has ended; asked of those that an earlier
   *     agent began
   */
  public record Sight(
      Supplier<NodeSnapshot> snapshot,
      Consumer<Set<String>> readAnew,
      Function<RunId, Optional<Path>> group,
      Predicate<RunId> over) {}

  /**
   * A run that is open.
   *
   * @param unsure whether its end may have been missed: an earlier agent began it, another run has
   *     one of its devices, or it is some minutes old
   */
  public record Open(RunAccount account, boolean unsure) {}

  /**
   * @param directory of its file; made where its parent is there
   * @param bootId of the kernel's present boot
   * @param told gets each account, on the thread {@code accounts}; must not wait. After a crash it
   *     may be told twice
   */
  public AccountKeeper(
      Path directory, String bootId, Sight sight, Consumer<RunAccount> told, Clock clock) {
    this.file = new RunsFile(directory);
    this.bootId = bootId;
    this.sight = sight;
    this.told = told;
    this.clock = clock;
    this.thread = Threads.platform("accounts", this::run);
  }

  public void start() {
    takeUp();
    thread.start();
  }

  // ---- from any thread

  /**
   * A run has its devices from now on. One that is known already with the same user and devices
   * goes on; one that began anew, as a job that was queued again, ends the account before it.
   *
   * @return completed once its first readings are in or known not to come; false where it is not
   *     followed, because too much is
   */
  public CompletableFuture<Boolean> begin(Beginning beginning) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    long nowMs = clock.wall().toEpochMilli();
    long nowNanos = clock.nanos();
    if (!put(() -> begin(beginning, nowMs, nowNanos, answer))) {
      answer.complete(false);
    }
    return answer;
  }

  /**
   * A run has let go of its devices.
   *
   * @param end how; empty where only its scheduler knows
   * @return its account once its last readings are in or known not to come; empty where it is not
   *     known
   */
  public CompletableFuture<Optional<RunAccount>> end(RunId run, String end) {
    CompletableFuture<Optional<RunAccount>> answer = new CompletableFuture<>();
    long nowMs = clock.wall().toEpochMilli();
    long nowNanos = clock.nanos();
    if (!put(() -> end(run, end, nowMs, nowNanos, answer))) {
      answer.complete(Optional.empty());
    }
    return answer;
  }

  /**
   * The same of whichever run of a job began last, where another scheduler placed it and nobody
   * says which run it was.
   */
  public CompletableFuture<Optional<RunAccount>> endNewest(String job) {
    CompletableFuture<Optional<RunAccount>> answer = new CompletableFuture<>();
    long nowMs = clock.wall().toEpochMilli();
    long nowNanos = clock.nanos();
    if (!put(() -> end(newest(job), "", nowMs, nowNanos, answer))) {
      answer.complete(Optional.empty());
    }
    return answer;
  }

  /** What the open runs have used until now. */
  public CompletableFuture<List<Open>> soFar() {
    CompletableFuture<List<Open>> answer = new CompletableFuture<>();
    if (!put(() -> answer.complete(accounts()))) {
      answer.complete(List.of());
    }
    return answer;
  }

  /** The run that has each device, or had it a moment ago, by the device's UUID. */
  public Map<String, RunId> holders() {
    return holders;
  }

  /** What the open runs use of the host, as of the last turn. */
  public List<RunUse> uses() {
    return uses;
  }

  private boolean put(Runnable work) {
    boolean taken = !stopping && queue.offer(work);
    if (!taken) {
      LOG.warn("more runs begin and end than accounts are kept of");
    }
    LockSupport.unpark(thread);
    return taken;
  }

  // ---- the thread

  private void run() {
    while (!stopping) {
      try {
        turn();
      } catch (RuntimeException | Error e) {
        LOG.error("a turn of the accounts failed", e);
      }
      if (queue.isEmpty() && !stopping) {
        boolean awaits = !beginnings.isEmpty() || !endings.isEmpty();
        clock.parkUntil(clock.nanos() + (awaits ? LOOK : BEAT).toNanos());
      }
    }
  }

  /** One look at all that is open. */
  void turn() {
    for (Runnable work = queue.poll(); work != null; work = queue.poll()) {
      work.run();
    }
    NodeSnapshot snapshot = sight.snapshot().get();
    long nowNanos = clock.nanos();
    for (OpenRun run : List.copyOf(runs.values())) {
      try {
        look(run, snapshot, nowNanos);
      } catch (RuntimeException e) {
        drop(run, e);
      }
    }
    uses =
        runs.values().stream()
            .filter(run -> !run.ended())
            .map(run -> run.host().use(run.beginning().run()))
            .toList();
    if (recent.removeIf(one -> nowNanos - one.atNanos() >= TOLD.toNanos())) {
      dirty = true;
      publish();
    }
    boolean due = !runs.isEmpty() && nowNanos - savedNanos >= SAVE.toNanos();
    if (dirty || due) {
      save(nowNanos);
    }
    answer();
  }

  private void look(OpenRun run, NodeSnapshot snapshot, long nowNanos) {
    dirty |= run.look(snapshot, nowNanos);
    if (run.takenUp() && !run.ended() && sight.over().test(run.beginning().run())) {
      run.endedUnseen("", clock.wall().toEpochMilli());
    }
    if (!run.ended()) {
      sight
          .group()
          .apply(run.beginning().run())
          .ifPresentOrElse(run.host()::look, run.host()::unseen);
    }
    if (run.settled()) {
      settle(run, nowNanos);
    }
  }

  /** One that cannot be accounted costs the others nothing. */
  private void drop(OpenRun run, RuntimeException why) {
    RunId id = run.beginning().run();
    LOG.error("the account of a run is lost run={}", id.text(), why);
    runs.remove(id, run);
    dirty = true;
    publish();
    Optional.ofNullable(beginnings.remove(id)).ifPresent(one -> one.complete(false));
    Optional.ofNullable(endings.remove(id)).ifPresent(one -> one.complete(Optional.empty()));
  }

  private void settle(OpenRun run, long nowNanos) {
    RunAccount account = run.account();
    runs.remove(account.run());
    recent.add(new Told(account, nowNanos));
    dirty = true;
    told.accept(account);
    publish();
    CompletableFuture<Optional<RunAccount>> waiting = endings.remove(account.run());
    if (waiting != null) {
      waiting.complete(Optional.of(account));
    }
  }

  private void begin(
      Beginning beginning, long nowMs, long nowNanos, CompletableFuture<Boolean> answer) {
    OpenRun known = runs.get(beginning.run());
    if (known != null && !known.ended() && known.beginning().equals(beginning)) {
      answer.complete(true);
      return;
    }
    if (known != null) { // it began again before its last readings were in
      replace(known, nowMs, nowNanos);
    }
    List.copyOf(runs.values()).stream()
        .filter(other -> beginning.follows(other.beginning()))
        .forEach(other -> replace(other, nowMs, nowNanos));
    if (runs.size() >= MOST_OPEN) {
      LOG.warn(
          "the account of a run is not kept: too many are open run={}", beginning.run().text());
      answer.complete(false);
      return;
    }
    OpenRun run = new OpenRun(beginning, nowMs, nowNanos);
    Set<String> wanted = new HashSet<>(beginning.devices());
    for (OpenRun other : runs.values()) {
      if (!other.ended()) {
        other.shares(wanted);
        run.shares(new HashSet<>(other.beginning().devices()));
      }
    }
    runs.put(beginning.run(), run);
    beginnings.put(beginning.run(), answer);
    dirty = true;
    publish();
    sight.readAnew().accept(wanted);
  }

  private RunId newest(String job) {
    return runs.keySet().stream()
        .filter(run -> run.job().equals(job))
        .max(RunId::compareTo)
        .orElse(new RunId(job, 1));
  }

  /** What comes next has begun, and its last readings would be of that. */
  private void replace(OpenRun run, long nowMs, long nowNanos) {
    RunId id = run.beginning().run();
    try {
      run.replaced(nowMs, nowNanos);
      settle(run, nowNanos);
    } catch (RuntimeException e) {
      drop(run, e);
    }
    Optional.ofNullable(beginnings.remove(id)).ifPresent(one -> one.complete(false));
  }

  private void end(
      RunId id,
      String end,
      long nowMs,
      long nowNanos,
      CompletableFuture<Optional<RunAccount>> answer) {
    OpenRun run = runs.get(id);
    if (run == null || run.ended()) {
      answer.complete(Optional.empty());
      return;
    }
    run.end(end, nowMs, nowNanos);
    dirty = true;
    endings.put(id, answer);
    sight.readAnew().accept(Set.copyOf(run.beginning().devices()));
  }

  /** Those that begin are answered once they are on the disk. */
  private void answer() {
    Iterator<Map.Entry<RunId, CompletableFuture<Boolean>>> all = beginnings.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<RunId, CompletableFuture<Boolean>> one = all.next();
      OpenRun run = runs.get(one.getKey());
      if (run == null || run.begun()) {
        all.remove();
        one.getValue().complete(true);
      }
    }
  }

  private List<Open> accounts() {
    NodeSnapshot snapshot = sight.snapshot().get();
    long nowMs = clock.wall().toEpochMilli();
    long nowNanos = clock.nanos();
    List<Open> open = new ArrayList<>();
    for (OpenRun run : List.copyOf(runs.values())) {
      if (!run.ended() && run.begun()) {
        try {
          open.add(new Open(run.soFar(snapshot, nowMs, nowNanos), unsure(run, nowMs)));
        } catch (RuntimeException e) {
          drop(run, e);
        }
      }
    }
    return open;
  }

  /** Of a young run whose devices are its own nobody need be asked. */
  private static boolean unsure(OpenRun run, long nowMs) {
    return run.takenUp() || !run.shared().isEmpty() || nowMs - run.beganMs() >= YOUNG.toMillis();
  }

  private void publish() {
    Map<String, RunId> held = new HashMap<>();
    for (OpenRun run : runs.values()) {
      run.beginning().devices().forEach(uuid -> held.putIfAbsent(uuid, run.beginning().run()));
    }
    for (Told one : recent) { // an error of the device may be what ended it
      one.account()
          .devices()
          .forEach(device -> held.putIfAbsent(device.uuid(), one.account().run()));
    }
    holders = Map.copyOf(held);
  }

  // ---- over restarts

  /** Goes on with what an earlier agent left. */
  void takeUp() {
    long nowNanos = clock.nanos();
    RunsFile.Kept kept = RunsFile.Kept.NOTHING;
    try {
      kept = file.read(nowNanos);
    } catch (IOException e) {
      LOG.error("the accounts of runs that were open are lost", e);
    }
    kept.told().forEach(told);
    kept.told().forEach(one -> recent.add(new Told(one, nowNanos)));
    for (OpenRun run : kept.open()) {
      runs.put(run.beginning().run(), run);
      if (!kept.bootId().equals(bootId)) {
        run.endedUnseen("node-rebooted", kept.seenMs());
      }
    }
    publish();
  }

  private void save(long nowNanos) {
    try {
      file.write(
          bootId,
          clock.wall().toEpochMilli(),
          runs.values().stream().filter(run -> !run.settled()).toList(),
          recent.stream().map(Told::account).toList());
      dirty = false;
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.error("the accounts of runs cannot be kept over a restart", e);
      }
      failing = true;
    }
    savedNanos = nowNanos;
  }

  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      if (thread.isAlive()) {
        thread.join(STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
