package io.millwright.agent.launcher;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs as transient units of systemd, for an agent without any right: it looks at the units over
 * the system bus and at the launcher's files, and asks the launcher for everything that changes
 * something.
 *
 * <p>What systemd tells is a hint to look, and without a hint it is looked at every few seconds: a
 * bus or a systemd that restarts costs time and no news. A run is known by the invocation of its
 * unit, so that an agent that comes back takes up what it left and nothing else. That an answer did
 * not come never means that a job is gone.
 *
 * <p><i>Threading:</i> the thread {@code units} owns the runs; the thread {@code launch} waits for
 * starts, so that a slow one holds up no stop. Both are asked by queues. <i>Failure:</i> trouble
 * with one run is told as that run's and logged; {@link #list} throws where launcher or bus do not
 * answer at all.
 */
public final class SystemdUnits implements Units {
  private static final Logger LOG = LoggerFactory.getLogger(SystemdUnits.class);
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration REST = Duration.ofSeconds(5);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration TO_LIST = Duration.ofSeconds(40);
  private static final Duration STOP_WAIT = Duration.ofSeconds(4);
  private static final Duration FORGET_AGAIN = Duration.ofMinutes(10);
  private static final int TRIES = 3;
  private static final Duration BETWEEN_HOOKS = Duration.ofMillis(200);

  /** For the hooks of another run that had the same device, beyond the deadlines of its own. */
  private static final Duration BEYOND_HOOKS = Duration.ofMinutes(1);

  private static final Duration TO_UNDO = Duration.ofMinutes(10);

  private final Layout layout;
  private final Clock clock;
  private final Duration patience;
  private final ProcessTable table;
  private final LauncherCall launcher;
  private final UnitView view;
  private final Function<DeviceSet, List<Verb.Instance>> instances;
  private final HeldDevices held;
  private final Thread thread;
  private final Thread launching;
  private final BlockingQueue<Runnable> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<Launch> launches = new LinkedBlockingQueue<>();
  private final Map<RunId, SystemdRun> runs = new LinkedHashMap<>();

  /** Until when runs go on of which the launcher is still to be told so; the newest alone. */
  private final Map<RunId, Duration> renewals = new ConcurrentHashMap<>();

  /** When the launcher is to be asked, in nanoseconds of the clock. */
  private final Map<RunId, Long> toForget = new LinkedHashMap<>();

  /** That have not begun, and of which hooks may have; read by inquiries too. */
  private final Set<RunId> prepared = ConcurrentHashMap.newKeySet();

  /** Of which the launcher refused to forget what it has. */
  private final Set<RunId> kept = new LinkedHashSet<>();

  private volatile boolean hinted = true;
  private volatile boolean stopping;
  private volatile boolean listing;
  private long lookAt;

  /** Replaced before the threads are started; the thread's alone after that. */
  private Watcher watcher = new Deaf();

  /** Of a node that has no MIG instances. */
  public SystemdUnits(Layout layout, Clock clock, Duration patience) {
    this(layout, devices -> List.of(), clock, patience);
  }

  /**
   * @param instances where the MIG instances among some devices are; asked on any thread
   * @param patience between the kill and the complaint that something is left
   */
  public SystemdUnits(
      Layout layout,
      Function<DeviceSet, List<Verb.Instance>> instances,
      Clock clock,
      Duration patience) {
    this.instances = instances;
    this.layout = layout;
    this.clock = clock;
    this.patience = patience;
    this.table = ProcessTable.open();
    this.launcher = new LauncherCall(layout.socket(), clock);
    this.view = new UnitView(layout.bus(), clock, this::hint);
    this.held = new HeldDevices(this::inquire, Strangers.to(layout.agent()), clock);
    this.thread = Threads.platform("units", this::run);
    this.launching = Threads.platform("launch", this::launch);
  }

  private void hint() {
    hinted = true;
    LockSupport.unpark(thread);
  }

  @Override
  public String bootId() {
    return table.bootId();
  }

  @Override
  public boolean takesOrders() {
    return true;
  }

  @Override
  public Optional<String> refusal(Assignment assignment, Policy policy) {
    return new Cgroups(layout)
        .refusal(assignment.spec())
        .or(() -> devices(assignment, policy.deviceClasses()))
        .or(() -> assignment.spec().container().flatMap(wanted -> containerless()));
  }

  @Override
  public Optional<String> containerless() {
    return layout.host().containers().refusal();
  }

  /** Why jobs here do not get such devices at all; the launcher looks at each of them. */
  static Optional<String> devices(Assignment assignment, Set<DeviceClass> classes) {
    List<String> uuids = assignment.devices().uuids();
    if (uuids.isEmpty()) {
      return Optional.empty();
    }
    List<DeviceClass> needed = new ArrayList<>();
    needed.add(DeviceClass.of(assignment.devices().kind()));
    if (assignment.spec().devices().imex()) {
      needed.add(DeviceClass.IMEX);
    }
    return needed.stream()
        .filter(one -> !classes.contains(one))
        .findFirst()
        .map(one ->
            "devices: this node's policy gives jobs no device of class %s; add it to device_classes"
                .formatted(one.word()));
  }

  @Override
  public List<Unit> list() {
    listing = true;
    try {
      settle(clock.nanos() + TO_LIST.toNanos());
      return listed(clock.nanos() + TO_LIST.toNanos());
    } finally {
      listing = false;
      if (stopping) {
        view.close();
      }
    }
  }

  /** A run that is gone says so by itself, in less time than this has. */
  private List<Unit> listed(long until) {
    List<SystemdRun> open = new ArrayList<>();
    Set<RunId> known = new LinkedHashSet<>(names());
    known.forEach(run -> open.add(new SystemdRun(run, layout, table, clock, patience)));
    List<Unit> found = new ArrayList<>();
    boolean answered = false;
    while (!open.isEmpty() || !answered) {
      boolean late = clock.nanos() - until >= 0;
      Optional<Map<String, UnitRow>> rows = view.rows();
      if (stopping || (late && rows.isEmpty())) {
        throw new LauncherException("systemd does not answer at " + layout.bus());
      }
      if (rows.isPresent() && !answered) {
        answered = true;
        open.addAll(strangers(rows.get(), known));
      }
      for (SystemdRun run : List.copyOf(open)) {
        Optional<Presence> presence = run.presence(rows, view);
        if (presence.isEmpty()) {
          run.record(launcher);
        }
        if (presence.isPresent()) {
          found.add(taken(run, presence.get()));
          open.remove(run);
        } else if (late) {
          throw new LauncherException("systemd does not say enough of " + run.id().text());
        }
      }
      if (!open.isEmpty() || !answered) {
        clock.parkUntil(clock.nanos() + SOON.toNanos());
      }
    }
    return found;
  }

  /** Units of jobs that live although nothing is kept of them, as after a purge. */
  private List<SystemdRun> strangers(Map<String, UnitRow> rows, Set<RunId> known) {
    return rows.values().stream()
        .filter(UnitRow::alive)
        .flatMap(row -> Layout.runOf(row.name()).stream())
        .filter(run -> !known.contains(run))
        .sorted()
        .map(run -> new SystemdRun(run, layout, table, clock, patience))
        .toList();
  }

  private Unit taken(SystemdRun run, Presence presence) {
    run.known(presence);
    runs.put(run.id(), run);
    return new Unit(run.id(), run.devices(), run.channel(), presence);
  }

  /** Until no start of an earlier agent can be under way. */
  private void settle(long until) {
    while (true) {
      String trouble;
      try {
        Answer answer = launcher.ask(new Verb.Settle());
        if (answer instanceof Answer.Done) {
          return;
        }
        trouble = answer.toString();
      } catch (IOException e) {
        trouble = String.valueOf(e.getMessage());
      }
      if (stopping || clock.nanos() - until >= 0) {
        throw new LauncherException(trouble);
      }
      clock.parkUntil(clock.nanos() + BEAT.toNanos());
    }
  }

  private List<RunId> names() {
    try (Stream<Path> directories = Files.list(layout.runs())) {
      return directories
          .map(directory -> "mw-job-" + directory.getFileName() + ".service")
          .flatMap(unit -> Layout.runOf(unit).stream())
          .sorted()
          .toList();
    } catch (NoSuchFileException absent) {
      throw new LauncherException("there is no " + layout.runs() + "; install the package again");
    } catch (IOException e) {
      throw new LauncherException("reading the runs beneath " + layout.runs(), e);
    }
  }

  @Override
  public void watch(Watcher told) {
    this.watcher = told;
    thread.start();
    launching.start();
  }

  @Override
  public boolean endsLeases() {
    return true;
  }

  @Override
  public Optional<String> channelless() {
    return ImexDriver.of(layout.host()).lack();
  }

  @Override
  public boolean prepares(Assignment assignment, Policy policy) {
    return policy.hooked(assignment.spec());
  }

  @Override
  public void prepare(Launch launch) {
    Duration most =
        launch.policy().hooksOf(launch.assignment().spec(), HookRule.Moment.BEFORE).stream()
            .map(HookRule::deadline)
            .reduce(BEYOND_HOOKS, Duration::plus);
    ask(() -> {
      prepared.add(launch.run());
      inquire(
          new Verb.HookBefore(launch.verb(), instances.apply(launch.assignment().devices())),
          most,
          () -> prepared.contains(launch.run()),
          answer -> watcher.prepared(launch.run(), trouble(answer)));
    });
  }

  private static Optional<String> trouble(Answer answer) {
    return switch (answer) {
      case Answer.Done() -> Optional.empty();
      case Answer.Failed(String why) -> Optional.of(why);
      case Answer.Refused(String why) -> Optional.of(why);
      case Answer.Later(String why) -> Optional.of(why);
      case Answer.Capped _, Answer.Told _ -> Optional.of("the launcher answered something else");
    };
  }

  @Override
  public void abandon(RunId run) {
    ask(() -> {
      prepared.remove(run);
      inquire(
          new Verb.HookAfter(run),
          answer ->
              trouble(answer)
                  .ifPresent(why ->
                      LOG.warn(
                          "what was done before a run is not undone run={} why={}",
                          run.text(),
                          why)));
    });
  }

  @Override
  public void start(Launch launch) {
    ask(() -> {
      SystemdRun run = new SystemdRun(launch.run(), layout, table, clock, patience);
      if (prepared.remove(launch.run())) {
        run.owesHooks();
      }
      run.beginning(true);
      runs.put(launch.run(), run);
      launches.add(launch);
    });
  }

  @Override
  public void renew(RunId run, Duration until) {
    if (renewals.put(run, until) == null) {
      ask(() -> renewed(run));
    }
  }

  private void renewed(RunId run) {
    Duration until = renewals.remove(run);
    if (until == null) {
      return;
    }
    try {
      launcher
          .ask(new Verb.Renew(run, until.toMillis()))
          .refusal()
          .ifPresent(why -> LOG.warn("a lease is not renewed run={} why={}", run.text(), why));
    } catch (IOException later) {
      renewals.clear(); // the next heartbeat brings the others again; others wait behind this
      LOG.warn("the launcher does not answer, and leases run out run={}", run.text(), later);
    }
  }

  @Override
  public void stop(RunId run, Duration grace) {
    ask(() -> {
      SystemdRun known = runs.get(run);
      if (known != null) {
        known.stop(grace);
        hinted = true;
      }
    });
  }

  @Override
  public void clean(RunId run, Duration grace) {
    ask(() -> {
      SystemdRun known = runs.get(run);
      if (known != null) {
        known.clean(grace);
        hinted = true;
      } else {
        watcher.cleaned(run);
      }
    });
  }

  @Override
  public List<OutputPart> output(RunId run) {
    try {
      return new Attempt(layout.directory(run)).output();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw new LauncherException("looking for the output of " + run.text(), e);
    }
  }

  @Override
  public void forget(RunId run) {
    ask(() -> {
      runs.remove(run);
      toForget.put(run, clock.nanos());
      hinted = true;
    });
  }

  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    launching.interrupt();
    try {
      if (thread.isAlive()) {
        thread.join(STOP_WAIT);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    if (!listing) {
      view.close();
    }
  }

  private void ask(Runnable act) {
    asked.add(act);
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!stopping) {
      for (Runnable act = asked.poll(); act != null && !stopping; act = asked.poll()) {
        safely(act);
      }
      if (!stopping && (hinted || clock.nanos() - lookAt >= 0)) {
        hinted = false;
        safely(this::look);
        lookAt = clock.nanos() + rest().toNanos();
      }
      if (!stopping && asked.isEmpty() && !hinted) {
        clock.parkUntil(lookAt);
      }
    }
  }

  private Duration rest() {
    boolean pressing = runs.values().stream().anyMatch(SystemdRun::pressing);
    return pressing || !dueToForget().isEmpty() ? BEAT : REST;
  }

  private void look() {
    List<SystemdRun> open = runs.values().stream().filter(run -> !run.finished()).toList();
    if (!open.isEmpty()) {
      Optional<Map<String, UnitRow>> rows = view.rows();
      open.forEach(
          run -> safely(() -> run.look(rows, view, launcher, watcher, held, this::inquire)));
    }
    dueToForget().forEach(run -> safely(() -> forgotten(run)));
  }

  private List<RunId> dueToForget() {
    long now = clock.nanos();
    return toForget.entrySet().stream()
        .filter(entry -> now - entry.getValue() >= 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  private void forgotten(RunId run) {
    try {
      Optional<String> refusal = launcher.ask(new Verb.Forget(run)).refusal();
      if (refusal.isPresent()) {
        if (kept.add(run)) {
          LOG.warn("what is kept of a run stays for now run={} why={}", run.text(), refusal.get());
        }
        toForget.put(run, clock.nanos() + FORGET_AGAIN.toNanos());
        return;
      }
      toForget.remove(run);
      kept.remove(run);
    } catch (IOException later) {
      LOG.debug("the launcher does not answer yet", later);
    }
  }

  /** On a thread of its own; its answer is heard on this one, and may be worth looking. */
  private void inquire(Verb question, Consumer<Answer> told) {
    inquire(
        question, question instanceof Verb.HookAfter ? TO_UNDO : Duration.ZERO, () -> true, told);
  }

  /**
   * As {@link #inquire(Verb, Consumer)}.
   *
   * @param most for how long it is asked again when it is told to
   * @param wanted whether anybody still wants to know
   */
  private void inquire(
      Verb question, Duration most, BooleanSupplier wanted, Consumer<Answer> told) {
    Threads.platform(
            "inquiry",
            () -> {
              long until = clock.nanos() + most.toNanos();
              Answer answer = answer(question);
              while (answer instanceof Answer.Later
                  && clock.nanos() - until < 0
                  && wanted.getAsBoolean()
                  && !stopping) {
                clock.parkUntil(clock.nanos() + BETWEEN_HOOKS.toNanos());
                if (wanted.getAsBoolean()) {
                  answer = answer(question);
                }
              }
              tell(told, answer);
            })
        .start();
  }

  private void tell(Consumer<Answer> told, Answer answer) {
    ask(() -> {
      told.accept(answer);
      hinted = true;
    });
  }

  private Answer answer(Verb question) {
    try {
      return launcher.ask(question);
    } catch (IOException | RuntimeException later) {
      return new Answer.Later(String.valueOf(later.getMessage()));
    }
  }

  private static void safely(Runnable act) {
    try {
      act.run();
    } catch (RuntimeException | Error e) {
      LOG.error("looking after a run failed", e);
    }
  }

  /** The thread of starts. */
  private void launch() {
    while (!stopping) {
      try {
        Launch launch = launches.take();
        safely(() -> begin(launch));
      } catch (InterruptedException stop) {
        return;
      }
    }
  }

  private Verb verb(Launch launch) {
    List<Verb.Instance> places = instances.apply(launch.assignment().devices());
    return places.isEmpty() ? launch.verb() : new Verb.StartInstances(launch.verb(), places);
  }

  private void begin(Launch launch) {
    RunId run = launch.run();
    String trouble = "";
    for (int i = 0; i < TRIES && !stopping; i++) {
      try {
        Answer answer = launcher.ask(verb(launch));
        ask(() -> began(run, answer));
        return;
      } catch (IOException unsure) {
        LOG.warn("the launcher did not say what became of a start run={}", run.text(), unsure);
        trouble = String.valueOf(unsure.getMessage());
      }
      settle();
      if (Files.exists(layout.directory(run))) {
        ask(() -> began(run, new Answer.Done()));
        return;
      }
    }
    String why = trouble;
    ask(() -> began(run, new Answer.Refused(why)));
  }

  /** For as long as it takes: what became of the start is not known before. */
  private void settle() {
    while (!stopping) {
      try {
        settle(clock.nanos() + TO_LIST.toNanos());
        return;
      } catch (LauncherException still) {
        LOG.warn("the launcher does not answer", still);
      }
    }
  }

  private void began(RunId id, Answer answer) {
    SystemdRun run = runs.get(id);
    if (run == null) {
      return;
    }
    run.beginning(false);
    switch (answer) {
      case Answer.Done() -> hinted = true;
      case Answer.Refused(String why) -> refused(run, why);
      case Answer.Later(String why) -> refused(run, why);
      case Answer.Failed(String why) -> refused(run, why);
      case Answer.Capped _, Answer.Told _ -> refused(run, "the launcher answered something else");
    }
  }

  private void refused(SystemdRun run, String why) {
    LOG.warn("job could not be begun run={} why={}", run.id().text(), why);
    Presence failed = new Presence.Failed(why);
    run.known(failed);
    watcher.changed(run.id(), failed);
  }

  /** Before anybody listens. */
  private static final class Deaf implements Watcher {
    @Override
    public void changed(RunId run, Presence presence) {}

    @Override
    public void cleaned(RunId run) {}

    @Override
    public void overdue(RunId run, String why) {}
  }
}
