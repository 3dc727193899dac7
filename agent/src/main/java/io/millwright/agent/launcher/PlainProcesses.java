package io.millwright.agent.launcher;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs as plain processes, for the demo: each in a session of its own under a small supervisor that
 * outlives the agent and writes down how the program ended. Nothing holds memory, processors or
 * devices apart here, so it runs only what a policy with {@code demo: true} allows.
 *
 * <p><i>Threading:</i> the thread {@code units} owns the runs and does all that waits; it is asked
 * by a queue. <i>Failure:</i> trouble with one run is told as that run's and logged; the others go
 * on.
 */
public final class PlainProcesses implements Units {
  private static final Logger LOG = LoggerFactory.getLogger(PlainProcesses.class);
  private static final Duration BEAT = Duration.ofMillis(50);
  private static final Duration REST = Duration.ofHours(1);
  private static final Duration EARLIER_START = Duration.ofSeconds(5);
  private static final Duration STOP_WAIT = Duration.ofSeconds(10);
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final RunDirectories directories;
  private final NeuronHost neuron;
  private final Clock clock;
  private final Duration patience;
  private final ProcessTable table;
  private final long self;
  private final String supervise;
  private final String begin;
  private final Thread thread;
  private final BlockingQueue<Runnable> asked = new LinkedBlockingQueue<>();
  private final Map<RunId, PlainUnit> units = new LinkedHashMap<>();
  private volatile boolean stopping;

  /** Replaced before the thread is started; the thread's alone after that. */
  private Watcher watcher = new Deaf();

  /**
   * @param directory where the runs are kept, below the agent's own state
   * @param neuron the node's Neuron devices, which may be simulated
   * @param patience between the kill and the complaint that something is left
   */
  public PlainProcesses(Path directory, NeuronHost neuron, Clock clock, Duration patience) {
    this.directories = new RunDirectories(directory);
    this.neuron = neuron;
    this.clock = clock;
    this.patience = patience;
    this.table = ProcessTable.open();
    this.self = UnixUsers.self();
    this.supervise = Scripts.read("supervise.sh");
    this.begin = Scripts.read("begin.sh");
    this.thread = Threads.platform("units", this::run);
  }

  @Override
  public boolean givesSecrets() {
    return false;
  }

  @Override
  public String bootId() {
    return table.bootId();
  }

  @Override
  public Optional<String> refusal(Assignment assignment, Policy policy) {
    JobSpec spec = assignment.spec();
    if (!policy.demo()) {
      return Optional.of(
          "policy: plain processes are for the demo and hold nothing apart; allowed is a policy"
              + " with demo: true");
    }
    if (policy.signedStarts()) {
      return Optional.of(
          "signed_starts: nobody looks at a signature where jobs are plain processes; leave it out of"
              + " the policy, or set jobs.units: systemd");
    }
    if (spec.lease().stops()) {
      return Optional.of(
          "lease: 'stop' is refused where jobs are plain processes, for nobody ends them when the"
              + " agent is dead; allowed is keep, or jobs.units: systemd");
    }
    if (spec.devices().imex()) {
      return Optional.of(
          "devices.imex: plain processes are given no channel; leave it out, or set jobs.units:"
              + " systemd");
    }
    if (spec.memoryBytes().isPresent()) {
      return Optional.of("memory_bytes: plain processes hold no such limit; leave it out");
    }
    if (spec.cpus().isPresent()) {
      return Optional.of("cpus: plain processes hold no such limit; leave it out");
    }
    if (!spec.secrets().isEmpty()) {
      return Optional.of(
          "secrets: plain processes are given none; leave them out, or set jobs.units: systemd");
    }
    if (spec.container().isPresent()) {
      return Optional.of(
          "container: plain processes have none; leave it out, or set jobs.units: systemd");
    }
    if (policy.hooked(spec)) {
      return Optional.of(
          "hooks: none runs around plain processes; leave them out of policy and job, or set"
              + " jobs.units: systemd");
    }
    return switch (policy.decide(assignment)) {
      case Policy.Decision.Refused(String sentence) -> Optional.of(sentence);
      case Policy.Decision.Allowed(UnixUser user) -> foreign(user);
    };
  }

  private Optional<String> foreign(UnixUser user) {
    return self == 0 || user.uid() == self
        ? Optional.empty()
        : Optional.of(
            "user: '%s' (uid %d) is refused; an agent that is not root runs jobs as its own uid %d"
                .formatted(user.name(), user.uid(), self));
  }

  @Override
  public List<Unit> list() {
    try {
      directories.create();
      List<Unit> found = new ArrayList<>();
      for (RunId run : directories.runs()) {
        Optional<Attempt> last = directories.last(run);
        if (last.isPresent()) {
          found.add(new Unit(run, directories.devices(run), found(run, last.get())));
        }
      }
      return found;
    } catch (IOException e) {
      throw new LauncherException("reading the runs beneath " + directories.root(), e);
    }
  }

  /** Waits, bounded, for a start that an earlier agent left half done. */
  private Presence found(RunId run, Attempt attempt) throws IOException {
    if (attempt.isVoid() || attempt.claim()) {
      return new Presence.NeverBegan();
    }
    PlainUnit unit = new PlainUnit(run, attempt, table, clock, patience, null);
    unit.expectStart(EARLIER_START);
    Optional<Presence> presence = unit.presence();
    while (presence.isEmpty()) {
      clock.parkUntil(clock.nanos() + BEAT.toNanos());
      presence = unit.presence();
    }
    unit.known(presence.get());
    units.put(run, unit);
    return presence.get();
  }

  @Override
  public void watch(Watcher told) {
    this.watcher = told;
    thread.start();
  }

  @Override
  public void start(Launch launch) {
    ask(() -> begin(launch));
  }

  @Override
  public void stop(RunId run, Duration grace) {
    ask(() -> with(run, unit -> unit.stop(grace)));
  }

  @Override
  public void clean(RunId run, Duration grace) {
    ask(() -> {
      if (units.containsKey(run)) {
        with(run, unit -> unit.clean(grace));
      } else {
        watcher.cleaned(run);
      }
    });
  }

  private void with(RunId run, Consumer<PlainUnit> act) {
    PlainUnit unit = units.get(run);
    if (unit != null) {
      act.accept(unit);
    }
  }

  @Override
  public List<OutputPart> output(RunId run) {
    try {
      Optional<Attempt> last = directories.last(run);
      return last.isPresent() ? last.get().output() : List.of();
    } catch (IOException e) {
      throw new LauncherException("looking for the output of " + run.text(), e);
    }
  }

  @Override
  public void forget(RunId run) {
    ask(() -> {
      units.remove(run);
      directories.delete(run);
    });
  }

  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      if (thread.isAlive()) {
        thread.join(STOP_WAIT);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
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
      for (PlainUnit unit : List.copyOf(units.values())) {
        if (!stopping && !unit.finished()) {
          safely(() -> unit.look(watcher));
        }
      }
      boolean busy = units.values().stream().anyMatch(unit -> !unit.finished());
      if (!stopping && asked.isEmpty()) {
        clock.parkUntil(clock.nanos() + (busy ? BEAT : REST).toNanos());
      }
    }
  }

  private static void safely(Runnable act) {
    try {
      act.run();
    } catch (RuntimeException | Error e) {
      LOG.error("looking after a run failed", e);
    }
  }

  private void begin(Launch launch) {
    RunId run = launch.run();
    try {
      Optional<String> refusal = refusal(launch.assignment(), launch.policy());
      if (refusal.isPresent()) {
        throw new IOException(refusal.get());
      }
      Attempt attempt = directories.next(launch, table.bootId(), surroundings(launch).lines());
      Process supervisor = spawn(launch, attempt);
      units.put(run, new PlainUnit(run, attempt, table, clock, patience, supervisor));
    } catch (IOException e) {
      LOG.warn("job could not be begun run={}", run.text(), e);
      watcher.changed(run, new Presence.Failed(String.valueOf(e.getMessage())));
    }
  }

  private Surroundings surroundings(Launch launch) throws IOException {
    if (!NeuronHost.asked(launch.assignment())) {
      return Surroundings.of(launch);
    }
    return switch (neuron.grant(launch.assignment())) {
      case NeuronGrant.Refused(String sentence) -> throw new IOException(sentence);
      case NeuronGrant.Given given -> Surroundings.of(launch, given);
    };
  }

  private Process spawn(Launch launch, Attempt attempt) throws IOException {
    JobSpec spec = launch.assignment().spec();
    UnixUser user = launch.user();
    List<String> words =
        new ArrayList<>(List.of("setsid", "/bin/sh", "-c", supervise, "millwright-run"));
    words.add(attempt.directory().toString());
    words.add(self == 0 ? user.uid() + ":" + user.gid() : "-");
    words.add(launch.policy().directoryOf(spec).toString());
    words.add(Long.toString(launch.policy().limits().outputBytes() / 2));
    words.add(begin);
    words.addAll(spec.argv());
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(attempt.directory().resolve("supervisor.log").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    return builder.start();
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
