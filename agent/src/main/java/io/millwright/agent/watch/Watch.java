package io.millwright.agent.watch;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.health.Engine;
import io.millwright.agent.health.Event;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Observation;
import io.millwright.agent.lane.DeviceErrors;
import io.millwright.agent.sampling.ProbeLedger;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over the node's health: completes each snapshot with verdicts and event counts.
 *
 * <p><i>Lifecycle:</i> {@link #start} before the first snapshot, {@link #stop} after the last.
 * <i>Threading:</i> {@link #apply}, the errors and the ledger on the sampler's thread; {@link
 * #save} on that which keeps; {@link #report} and {@link #follow} anywhere. <i>Failure:</i> a
 * judgement that fails leaves the snapshot as it was and the report without judgements, which is
 * unknown.
 */
public final class Watch implements UnaryOperator<NodeSnapshot>, DeviceErrors, ProbeLedger {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
  private static final String KMSG = "kmsg";
  private static final HealthReport NOTHING = new HealthReport(0, List.of());

  private final Settings settings;
  private final ProbeLedger ledger;
  private final Supplier<Map<String, RunId>> holders;
  private final Supplier<String> awaited;
  private final Consumer<HealthReport> listener;
  private final Clock clock;
  private final Chronicle chronicle;
  private final Set<String> failing = new HashSet<>();

  /** Probes that succeeded since the start. */
  private final Set<String> answered = new HashSet<>();

  private final Set<String> watched = new HashSet<>();
  private final List<Event> events = new ArrayList<>();
  private KernelLog.State toldOfLog = new KernelLog.State.Unknown();
  private volatile RuleCatalogue wanted;
  private RuleCatalogue rules;
  private HealthSeries series;
  private @Nullable Engine engine;
  private @Nullable KernelLog log;
  private @Nullable EventFile file;
  private EventFile.@Nullable Kept saved;
  private volatile EventFile.@Nullable Kept newest;
  private volatile HealthReport report = NOTHING;
  private HealthReport told = NOTHING;
  private long cursor = -1;
  private boolean broken;

  /**
   * @param bootId of the kernel's present boot
   * @param kernelLog what the kernel log is read from; empty where it is not
   * @param directory that keeps the counted events; its parent must be there, or they are kept in
   *     memory alone
   */
  public record Settings(String node, String bootId, Optional<Path> kernelLog, Path directory) {}

  /**
   * @param ledger told in turn of how the probes fare, and of the kernel log as the probe {@code
   *     kmsg}
   * @param holders the run that has a device, by its uuid
   * @param awaited what the drivers have not answered yet, in words; empty where they have
   * @param listener told of each report that says something else than the one before, on the
   *     sampler's thread, before the snapshot is published; must not wait
   * @param chronicle of what happens; opened with what was kept, and told of each tick
   */
  public Watch(
      Settings settings,
      ProbeLedger ledger,
      Supplier<Map<String, RunId>> holders,
      Supplier<String> awaited,
      Consumer<HealthReport> listener,
      Chronicle chronicle,
      Clock clock) {
    this.settings = settings;
    this.rules = RuleCatalogue.load();
    this.wanted = rules;
    this.ledger = ledger;
    this.holders = holders;
    this.awaited = awaited;
    this.listener = listener;
    this.chronicle = chronicle;
    this.clock = clock;
    this.series = new HealthSeries(rules, settings.node());
  }

  /**
   * Judges by these rules, from the next tick on; what stands by a rule that is as before goes on.
   * Any thread.
   */
  public void follow(RuleCatalogue next) {
    wanted = next;
  }

  /** What the kernel log is looked through for; the words of the label {@code pattern}. */
  public static Set<String> patterns() {
    return Arrays.stream(KernelPattern.values())
        .map(KernelPattern::word)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Reads what was kept, and begins to follow the kernel log. */
  public void start() {
    EventFile.Kept kept = EventFile.Kept.none(settings.bootId());
    if (kept(settings.directory())) {
      file = new EventFile(settings.directory());
      kept = file.load(settings.bootId());
    } else {
      LOG.info(
          "events are counted in memory alone: there is no {}", settings.directory().getParent());
    }
    saved = kept;
    rules = wanted;
    series = new HealthSeries(rules, settings.node());
    boolean booted = !kept.memory().bootId().equals(settings.bootId());
    Memory memory = kept.memory().under(settings.bootId());
    chronicle.follow(rules);
    chronicle.open(kept.pending(), file != null, booted);
    engine = new Engine(rules, settings.directory().toString(), memory, settings.bootId());
    cursor = memory.cursor();
    if (settings.kernelLog().isPresent()) {
      KernelLog followed = new KernelLog(settings.kernelLog().get(), cursor, clock);
      followed.start();
      log = followed;
    } else {
      answered.add(KMSG); // what is not to be read does not fail
    }
  }

  private static boolean kept(Path directory) {
    Path parent = directory.getParent();
    return parent != null && Files.isDirectory(parent);
  }

  /** Ends the reading of the kernel log and keeps what was counted. */
  public void stop() {
    if (log != null) {
      log.stop();
    }
    EventFile.Kept last = newest;
    if (last != null) {
      newest = new EventFile.Kept(last.memory(), chronicle.ended());
    }
    save();
  }

  /** How everything is, as of the last tick; without judgements before the first. */
  public HealthReport report() {
    return report;
  }

  // ---- on the sampler's thread

  @Override
  public NodeSnapshot apply(NodeSnapshot taken) {
    Engine judge = engine;
    if (judge == null) {
      return taken;
    }
    try {
      NodeSnapshot completed = completed(taken, byWantedRules(judge));
      broken = false;
      return completed;
    } catch (RuntimeException | Error e) {
      if (!broken) {
        LOG.error("the node's health cannot be judged", e);
      }
      broken = true;
      publish(new HealthReport(clock.wall().toEpochMilli(), List.of()));
      return taken;
    }
  }

  private Engine byWantedRules(Engine judge) {
    RuleCatalogue next = wanted;
    if (next == rules) {
      return judge;
    }
    Engine other = judge.with(next);
    rules = next;
    chronicle.follow(next);
    series = new HealthSeries(next, settings.node());
    engine = other;
    return other;
  }

  private NodeSnapshot completed(NodeSnapshot taken, Engine judge) {
    if (log != null) {
      log.drain(this::take);
      tellOfLog(log.state());
    }
    Observation now =
        new Observation(
            clock.nanos(),
            clock.wall().toEpochMilli(),
            taken,
            events,
            holders.get(),
            failing,
            answered,
            awaited.get());
    events.clear();
    HealthReport judged = judge.judge(now);
    Memory memory = judge.memory(cursor);
    chronicle.observe(judge.news(), judged);
    newest = new EventFile.Kept(memory, chronicle.pending());
    chronicle.wake();
    Sample sample =
        series.of(taken, judged, memory, watched, toldOfLog instanceof KernelLog.State.Read);
    publish(judged);
    List<Sample> samples = new ArrayList<>(taken.samples());
    samples.add(sample);
    samples.add(chronicle.sample());
    return new NodeSnapshot(taken.sequence(), taken.takenAtNanos(), samples);
  }

  private void take(KernelLog.Line line) {
    events.add(line.event());
    cursor = Math.max(cursor, line.sequence());
  }

  private void publish(HealthReport judged) {
    report = judged;
    if (Changes.between(told, judged)) {
      told = judged;
      listener.accept(judged);
    }
  }

  private void tellOfLog(KernelLog.State state) {
    if (state.equals(toldOfLog)) {
      return;
    }
    toldOfLog = state;
    switch (state) {
      case KernelLog.State.Unknown() -> {}
      case KernelLog.State.Read() -> succeeded(KMSG, Duration.ZERO, clock.wall());
      case KernelLog.State.Unreadable(Fault fault) -> failed(KMSG, Duration.ZERO, fault);
    }
  }

  @Override
  public void watched(String uuid) {
    watched.add(uuid);
  }

  @Override
  public void occurred(String uuid, Optional<InstanceId> instance, int xid, Instant at) {
    events.add(
        new Event.DeviceError(
            new Event.Place.Uuid(uuid),
            instance,
            ErrorCode.xid(xid),
            Event.Origin.DRIVER,
            at.toEpochMilli(),
            Event.Gravity.UNSAID,
            ""));
  }

  @Override
  public void succeeded(String probe, Duration took, Instant at) {
    failing.remove(probe);
    answered.add(probe);
    ledger.succeeded(probe, took, at);
  }

  @Override
  public void failed(String probe, Duration took, Fault fault) {
    failing.add(probe);
    ledger.failed(probe, took, fault);
  }

  @Override
  public void overran(String probe) {
    ledger.overran(probe);
  }

  // ---- on the thread that keeps

  /** Keeps what was counted and told since, where something was. */
  public synchronized void save() {
    EventFile.Kept now = newest;
    if (now == null) {
      return;
    }
    EventFile to = file;
    if (to != null && differs(now, saved) && to.save(now)) {
      saved = now;
    }
    chronicle.keep(now.pending());
  }

  private static boolean differs(EventFile.Kept now, EventFile.@Nullable Kept before) {
    return before == null
        || !now.memory().tallies().equals(before.memory().tallies())
        || !now.memory().kernel().equals(before.memory().kernel())
        || !now.memory().standing().equals(before.memory().standing())
        || !now.memory().devices().equals(before.memory().devices())
        || !now.pending().waiting().equals(before.pending().waiting())
        || now.pending().newest() > before.pending().newest();
  }
}
