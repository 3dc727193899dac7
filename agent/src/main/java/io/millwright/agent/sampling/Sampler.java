package io.millwright.agent.sampling;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ticks at the fast period and publishes a {@link NodeSnapshot} each time. A lane that comes up
 * during a tick, as those of the devices do when the driver attaches, is asked in that tick.
 *
 * <p><i>Threading:</i> the thread {@code sampler} owns everything but the published reference.
 * <i>Failure:</i> a lane that hangs costs a tick at most a quarter of the period, once: while it is
 * busy it is not waited for; lanes that come up in a tick are waited for once more.
 */
public final class Sampler {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
  private static final int SHARE_OF_PERIOD = 4;

  private static final Duration LEAST_GAP = Duration.ofMillis(20);

  private final Clock clock;
  private final Periods periods;
  private final Supplier<List<Probe>> probes;
  private final ProbeLedger ledger;
  private final UnaryOperator<NodeSnapshot> completing;
  private final Consumer<NodeSnapshot> published;
  private final Thread thread;
  private volatile NodeSnapshot snapshot = new NodeSnapshot(0, 0, List.of());
  private volatile boolean stopping;
  private volatile boolean nudged;
  private final Map<Probe, RoundResult> told = new HashMap<>();
  private boolean failing;

  /**
   * @param probes asked at each tick, because devices come and go
   * @param completing adds what follows from all samples together, on the sampler's thread
   * @param published told of each snapshot, on the sampler's thread
   */
  public Sampler(
      Clock clock,
      Periods periods,
      Supplier<List<Probe>> probes,
      ProbeLedger ledger,
      UnaryOperator<NodeSnapshot> completing,
      Consumer<NodeSnapshot> published) {
    this.clock = clock;
    this.periods = periods;
    this.probes = probes;
    this.ledger = ledger;
    this.completing = completing;
    this.published = published;
    this.thread = Threads.platform("sampler", this::run);
  }

  public void start() {
    thread.start();
  }

  /** No tick begins any more; returns when the last has ended, or after this long. */
  public void stop(Duration longest) throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    if (thread.isAlive()) {
      thread.join(longest);
    }
  }

  /** Asks for a tick before its time, as when a job begins or ends. The ticks keep their times. */
  public void nudge() {
    nudged = true;
    LockSupport.unpark(thread);
  }

  /** The last one; sequence 0 before the first tick. */
  public NodeSnapshot snapshot() {
    return snapshot;
  }

  private void run() {
    long period = periods.fast().toNanos();
    long next = clock.nanos();
    for (long sequence = 1; !stopping; sequence++) {
      long begun = clock.nanos();
      nudged = false;
      tickSafely(new Tick(sequence, begun));
      if (begun - next >= 0) {
        next += period;
      }
      long now = clock.nanos();
      if (next - now < 0) {
        next = now;
      }
      park(sooner(next, now), begun + LEAST_GAP.toNanos());
    }
  }

  /** The next tick's time, or that at which a call that is in flight will count as hung. */
  private long sooner(long next, long now) {
    long soonest = next;
    for (Probe probe : probes.get()) {
      OptionalLong overdue = probe.overdueAtNanos();
      if (overdue.isPresent()
          && overdue.getAsLong() - now > 0
          && overdue.getAsLong() - soonest < 0) {
        soonest = overdue.getAsLong();
      }
    }
    return soonest;
  }

  /** Until a tick is due, or one was asked for and the last is not too near. */
  private void park(long due, long earliest) {
    while (!stopping && clock.nanos() - due < 0) {
      if (!nudged) {
        clock.parkUntil(due);
      } else if (clock.nanos() - earliest < 0) {
        clock.parkUntil(earliest);
      } else {
        return;
      }
    }
  }

  private void tickSafely(Tick tick) {
    try {
      tick(tick);
      failing = false;
    } catch (InterruptedException stop) {
      stopping = true;
    } catch (RuntimeException | Error e) {
      if (!failing) {
        LOG.error("tick failed", e);
      }
      failing = true;
    }
  }

  private void tick(Tick tick) throws InterruptedException {
    List<Probe> asked = new ArrayList<>(probes.get());
    Set<Probe> refused = ask(tick, asked);
    List<Probe> newcomers = new ArrayList<>(probes.get());
    newcomers.removeAll(asked);
    if (!newcomers.isEmpty()) {
      refused.addAll(ask(new Tick(tick.sequence(), tick.nanos()), newcomers));
      asked.addAll(newcomers);
    }
    publish(tick, asked);
    report(asked, refused);
  }

  /** Waits for those that accept; returns those that do not. */
  private Set<Probe> ask(Tick tick, List<Probe> asked) throws InterruptedException {
    Set<Probe> refused = new HashSet<>();
    for (Probe probe : asked) {
      if (!probe.request(tick)) {
        refused.add(probe);
      }
    }
    tick.awaitFinished(asked.size() - refused.size(), periods.fast().dividedBy(SHARE_OF_PERIOD));
    return refused;
  }

  private void publish(Tick tick, List<Probe> asked) {
    List<Sample> samples = new ArrayList<>();
    for (Probe probe : asked) {
      for (Sample sample : probe.samples(tick)) {
        samples.add(sample.aged(tick.nanos(), periods));
      }
    }
    NodeSnapshot taken = completing.apply(new NodeSnapshot(tick.sequence(), tick.nanos(), samples));
    snapshot = taken;
    published.accept(taken);
  }

  /**
   * Lanes that share a name are one probe: as good as the worst of them. A round is told of once,
   * however long its result stands.
   */
  private void report(List<Probe> asked, Set<Probe> refused) {
    Map<String, Judged> worst = new LinkedHashMap<>();
    for (Probe probe : asked) {
      Judged judged = new Judged(probe, result(probe, refused.contains(probe)));
      worst.merge(probe.name(), judged, (x, y) -> worse(x.result(), y.result()) ? x : y);
    }
    worst.values().forEach(judged -> report(judged.probe(), judged.result()));
    told.keySet().retainAll(asked);
  }

  private record Judged(Probe probe, RoundResult result) {}

  /** A round that is overdue has failed by time-out, once, under the number it will have. */
  private RoundResult result(Probe probe, boolean overdue) {
    RoundResult last = probe.last();
    if (!overdue) {
      return last;
    }
    ledger.overran(probe.name());
    return new RoundResult.Failed(last.round() + 1, last.took(), Fault.TIMEOUT);
  }

  private void report(Probe probe, RoundResult result) {
    if (result.equals(told.put(probe, result))) {
      return;
    }
    switch (result) {
      case RoundResult.Succeeded(long round, Duration took) ->
          ledger.succeeded(probe.name(), took, clock.wall());
      case RoundResult.Failed(long round, Duration took, Fault fault) ->
          ledger.failed(probe.name(), took, fault);
      case RoundResult.Rested() -> {}
    }
  }

  private static boolean worse(RoundResult a, RoundResult b) {
    return rank(a) != rank(b) ? rank(a) > rank(b) : a.took().compareTo(b.took()) >= 0;
  }

  private static int rank(RoundResult result) {
    return switch (result) {
      case RoundResult.Rested() -> 0;
      case RoundResult.Succeeded ignored -> 1;
      case RoundResult.Failed ignored -> 2;
    };
  }
}
