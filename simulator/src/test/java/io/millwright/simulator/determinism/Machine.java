package io.millwright.simulator.determinism;

import io.millwright.agent.jobs.DeviceGate;
import io.millwright.agent.launcher.Identity;
import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.OutputPart;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.Presence;
import io.millwright.agent.launcher.Unit;
import io.millwright.agent.launcher.Units;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The processes of a node, which outlive its agent and end with a reboot. They are simulated: each
 * begins a while after it was asked for, ends when it is stopped or by itself, and leaves something
 * behind that holds its devices until it is cleaned.
 */
final class Machine {
  private static final int TERMINATED = 15;

  /** Between the end of a lease and the end of all of a run: its grace, and what a kill takes. */
  private static final Duration TO_END = Duration.ofSeconds(31);

  private final String node;
  private final Witness witness;
  private final VirtualClock clock;
  private final Random random;
  private final Map<RunId, Work> processes = new TreeMap<>();
  private final Set<String> faulty = new TreeSet<>();
  private Units.@Nullable Watcher watcher;
  private UUID bootId;
  private long pids = 1;
  private int lives;
  private int sickening;
  private int endsOneIn = 3;
  private long bootNanos;

  /** Until when runs go on, since the boot: root's files, which no agent's death takes away. */
  private final Map<RunId, Duration> leases = new TreeMap<>();

  /** Runs that were stopped because their leases were over. */
  private final Set<RunId> over = new TreeSet<>();

  enum Phase {
    ASKED,
    RUNNING,
    ENDED,
    CLEANED
  }

  /** What is there of a run. */
  private static final class Work {
    private final List<String> devices;
    private final Identity identity;
    private final long bornNanos;
    private Phase phase = Phase.ASKED;
    private Presence end = new Presence.Gone();
    private boolean stopping;
    private boolean cleaning;
    private boolean disowned;
    private final boolean leased;
    private final Optional<ImexChannel> channel;

    /** Not so of what is only cleaned away, and never was. */
    private boolean began = true;

    Work(
        List<String> devices,
        Identity identity,
        long bornNanos,
        boolean leased,
        Optional<ImexChannel> channel) {
      this.leased = leased;
      this.channel = channel;
      this.devices = devices;
      this.identity = identity;
      this.bornNanos = bornNanos;
    }

    boolean holds() {
      return phase != Phase.CLEANED;
    }
  }

  Machine(String node, Witness witness, VirtualClock clock, Random random) {
    this.node = node;
    this.witness = witness;
    this.clock = clock;
    this.random = random;
    this.bootId = new UUID(random.nextLong(), random.nextLong());
    witness.watch(node, this);
  }

  /** Of so many programs that fail one does because of a device; 0 for none. */
  void sickening(int oneIn) {
    sickening = oneIn;
  }

  /** Of so many steps a program ends by itself in one. */
  void ending(int oneIn) {
    endsOneIn = oneIn;
  }

  /** Somebody has changed the devices that failed. */
  void mend() {
    faulty.clear();
  }

  /** What the agent knows of its devices. */
  DeviceGate gate() {
    return new DeviceGate() {
      @Override
      public Optional<String> refusal(DeviceSet devices) {
        return fault(devices);
      }

      @Override
      public Optional<String> fault(DeviceSet devices) {
        return devices.uuids().stream()
            .filter(faulty::contains)
            .findFirst()
            .map(uuid -> uuid + " is failed");
      }
    };
  }

  List<String> devices() {
    return IntStream.range(0, SimulatedAgent.DEVICES).mapToObj(i -> device(node, i)).toList();
  }

  static String device(String node, int index) {
    return "GPU-" + node + "-" + index;
  }

  /** How many agents there have been. */
  int lives() {
    return lives;
  }

  /** The runs of a job that have a process, or will have one that was asked for. */
  List<RunId> alive(String job) {
    return processes.entrySet().stream()
        .filter(process -> process.getKey().job().equals(job))
        .filter(process -> process.getValue().phase.compareTo(Phase.RUNNING) <= 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The runs of a job that is stopped with its lease which have a process. */
  List<RunId> leased(String job) {
    return processes.entrySet().stream()
        .filter(process -> process.getKey().job().equals(job))
        .filter(process -> process.getValue().leased)
        .filter(process -> process.getValue().phase == Phase.RUNNING)
        .map(Map.Entry::getKey)
        .toList();
  }

  UUID bootId() {
    return bootId;
  }

  private Duration uptime() {
    return Duration.ofNanos(clock.nanos() - bootNanos);
  }

  /** Whether nobody lets the run go on any more. */
  private boolean expired(RunId run) {
    Duration until = leases.get(run);
    return over.contains(run) || until == null || until.compareTo(uptime()) <= 0;
  }

  /**
   * Root's own look at the leases, which goes on whatever becomes of the agent: what is over is
   * asked to end, some of it ends late, and all of it has ended after its grace and a kill.
   */
  void guard() {
    for (RunId run : List.copyOf(leases.keySet())) {
      Work process = processes.get(run);
      Duration until = leases.get(run);
      if (process == null || until == null || !expired(run)) {
        continue;
      }
      if (process.phase == Phase.ASKED) {
        begin(run, process); // and is refused
      }
      if (process.phase == Phase.RUNNING) {
        Violation.unless(
            process.leased, "rule 10", "%s on %s is stopped with a lease", run.text(), node);
        over.add(run);
        process.stopping = true;
        boolean latest = uptime().compareTo(until.plus(TO_END)) >= 0;
        if (latest || random.nextInt(6) == 0) {
          end(run, process, Outcome.of(Outcome.Kind.LEASE_EXPIRED));
        }
      }
    }
  }

  /** The IMEX channels of the runs of which anything may still hold a device. */
  Map<RunId, ImexChannel> channels() {
    Map<RunId, ImexChannel> channels = new TreeMap<>();
    processes.forEach((run, process) -> {
      if (process.holds()) {
        process.channel.ifPresent(channel -> channels.put(run, channel));
      }
    });
    return channels;
  }

  /** The runs that have a process. */
  List<RunId> running() {
    return of(Phase.RUNNING);
  }

  /** The runs of which anything may still hold a device. */
  List<RunId> holding() {
    return processes.entrySet().stream()
        .filter(process -> process.getValue().holds())
        .map(Map.Entry::getKey)
        .toList();
  }

  private List<RunId> of(Phase phase) {
    return processes.entrySet().stream()
        .filter(process -> process.getValue().phase == phase)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** As one life of the agent sees it; what the agent does after its death does nothing. */
  Units units(BooleanSupplier alive) {
    watcher = null;
    lives++;
    return new Seen(alive, lives);
  }

  /** The power was gone for a while: the records of ends stay, the processes do not. */
  void reboot() {
    bootId = new UUID(random.nextLong(), random.nextLong());
    bootNanos = clock.nanos();
    leases.clear();
    processes.values().removeIf(process -> process.phase == Phase.ASKED);
    faulty.clear();
    for (Work process : processes.values()) {
      if (process.phase == Phase.ENDED
          && process.end instanceof Presence.Ended(Outcome outcome, Duration ran, var ago)) {
        process.end = new Presence.Ended(outcome, ran, Optional.empty());
      }
      process.phase = Phase.CLEANED;
    }
  }

  /** Nobody cleans what the agent knows nothing of any more: these leave nothing behind. */
  void disown() {
    for (Work process : processes.values()) {
      process.disowned = true;
      process.phase = process.phase == Phase.ENDED ? Phase.CLEANED : process.phase;
    }
  }

  /**
   * Some of what was asked for comes about.
   *
   * @param byThemselves whether processes end that nobody stops
   * @param soon whether all of it does
   */
  void goOn(boolean byThemselves, boolean soon) {
    for (RunId run : List.copyOf(processes.keySet())) {
      Work process = processes.get(run);
      if (process != null && (soon || random.nextInt(3) > 0)) {
        goOn(run, process, byThemselves, soon);
      }
    }
  }

  private void goOn(RunId run, Work process, boolean byThemselves, boolean soon) {
    switch (process.phase) {
      case ASKED -> begin(run, process);
      case RUNNING -> {
        if (process.stopping) {
          boolean expired = over.contains(run);
          end(
              run,
              process,
              expired ? Outcome.of(Outcome.Kind.LEASE_EXPIRED) : Outcome.signal(TERMINATED));
        } else if (byThemselves && (soon || random.nextInt(endsOneIn) == 0)) {
          exit(run, process);
        }
      }
      case ENDED -> {
        if (process.cleaning) {
          process.phase = Phase.CLEANED;
          cleaned(run, process);
        }
      }
      case CLEANED -> {
        if (process.cleaning) {
          cleaned(run, process);
        }
      }
    }
  }

  private void cleaned(RunId run, Work process) {
    process.cleaning = false;
    tell(told -> told.cleaned(run));
  }

  private void begin(RunId run, Work process) {
    if (process.leased && expired(run)) {
      process.phase = process.disowned ? Phase.CLEANED : Phase.ENDED;
      process.end = new Presence.Failed("its lease is over");
    } else if (random.nextInt(20) == 0) {
      process.phase = process.disowned ? Phase.CLEANED : Phase.ENDED;
      process.end = new Presence.Failed("the program is not there");
    } else {
      process.phase = Phase.RUNNING;
      witness.began(node, run);
    }
    tell(told -> told.changed(run, presence(process)));
  }

  private void exit(RunId run, Work process) {
    boolean failed = random.nextInt(4) == 0;
    if (failed && sickening > 0 && random.nextInt(sickening) == 0) {
      process.devices.stream().findFirst().ifPresent(faulty::add);
    }
    end(run, process, Outcome.exit(failed ? 7 : 0));
  }

  private void end(RunId run, Work process, Outcome outcome) {
    process.phase = process.disowned ? Phase.CLEANED : Phase.ENDED;
    process.end =
        new Presence.Ended(
            outcome,
            Duration.ofNanos(clock.nanos() - process.bornNanos),
            Optional.of(Duration.ZERO));
    tell(told -> told.changed(run, process.end));
  }

  private Presence presence(Work process) {
    return switch (process.phase) {
      case ASKED -> new Presence.NeverBegan();
      case RUNNING ->
          new Presence.Running(
              process.identity, Duration.ofNanos(clock.nanos() - process.bornNanos));
      case ENDED, CLEANED -> process.end;
    };
  }

  private interface News {
    void to(Units.Watcher watcher);
  }

  private void tell(News news) {
    if (watcher != null) {
      news.to(watcher);
    }
  }

  private final class Seen implements Units {
    private final BooleanSupplier alive;
    private final int life;

    Seen(BooleanSupplier alive, int life) {
      this.alive = alive;
      this.life = life;
    }

    @Override
    public String bootId() {
      return bootId.toString();
    }

    @Override
    public Duration uptime() {
      return Machine.this.uptime();
    }

    @Override
    public void renew(RunId run, Duration until) {
      if (alive.getAsBoolean() && !over.contains(run) && until.compareTo(uptime()) > 0) {
        leases.put(run, until);
      }
    }

    @Override
    public Optional<String> refusal(Assignment assignment, Policy policy) {
      return Optional.empty();
    }

    @Override
    public boolean endsLeases() {
      return true;
    }

    @Override
    public Optional<String> channelless() {
      return Optional.empty();
    }

    @Override
    public List<Unit> list() {
      List<Unit> units = new ArrayList<>();
      processes.values().removeIf(process -> process.phase == Phase.ASKED || !process.began);
      processes.forEach((run, process) ->
          units.add(new Unit(run, process.devices, process.channel, presence(process))));
      return units;
    }

    @Override
    public void watch(Watcher told) {
      if (alive.getAsBoolean()) {
        watcher = told;
      }
    }

    @Override
    public void start(Launch launch) {
      if (!alive.getAsBoolean()) {
        return;
      }
      List<String> devices = launch.assignment().devices().uuids();
      processes.forEach((other, process) ->
          Violation.unless(
              !process.holds() || process.devices.stream().noneMatch(devices::contains),
              "I1",
              "%s starts on %s with devices %s that %s still has",
              launch.run().text(),
              node,
              devices,
              other.text()));
      Work before = processes.get(launch.run());
      Violation.unless(
          before == null || !before.began,
          "I5",
          "%s is started on %s, where it had begun before",
          launch.run().text(),
          node);
      witness.started(node, life, launch);
      pids++;
      processes.put(
          launch.run(),
          new Work(
              devices,
              new Identity(pids, pids, bootId.toString()),
              clock.nanos(),
              launch.assignment().spec().lease().stops(),
              launch.assignment().channel()));
    }

    @Override
    public void stop(RunId run, Duration grace) {
      Work process = processes.get(run);
      if (!alive.getAsBoolean() || process == null) {
        return;
      }
      if (process.phase == Phase.RUNNING && !(process.leased && expired(run))) {
        witness.stopped(node, run);
      }
      process.stopping = true;
    }

    @Override
    public void clean(RunId run, Duration grace) {
      if (!alive.getAsBoolean()) {
        return;
      }
      Work process = processes.get(run);
      if (process == null) {
        process =
            new Work(
                List.of(),
                new Identity(2, 0, bootId.toString()),
                clock.nanos(),
                false,
                Optional.empty());
        process.phase = Phase.CLEANED;
        process.began = false;
        processes.put(run, process);
      }
      Violation.unless(
          process.phase != Phase.RUNNING,
          "I6",
          "%s is cleaned away on %s while its process is there",
          run.text(),
          node);
      process.cleaning = true;
    }

    @Override
    public List<OutputPart> output(RunId run) {
      return List.of();
    }

    @Override
    public void forget(RunId run) {
      if (alive.getAsBoolean()) {
        processes.remove(run);
      }
    }

    @Override
    public void close() {}
  }
}
