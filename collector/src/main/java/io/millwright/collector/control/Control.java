package io.millwright.collector.control;

import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.LinkWatch;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.self.Durations;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fleet's single writer.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #stop} once. <i>Threading:</i> the thread {@code
 * control} owns the state; {@link #tell} and {@link #fleet} from any thread, neither blocks.
 * <i>Failure:</i> a fact that cannot be taken in is logged and lost, the state stands.
 *
 * <p>One sample and one report of health a node wait; a session tells of its beginning and its end
 * once each.
 */
public final class Control {
  private static final Logger LOG = LoggerFactory.getLogger(Control.class);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * What sessions tell of samples, health and themselves is taken in so often, all at once: a turn
   * looks at every node, and a turn for each sample would cost the square of the fleet.
   */
  private static final Duration BATCH = Duration.ofMillis(100);

  private static final int MOST_A_TURN = 256;

  /**
   * For so long what sessions tell of jobs waits after a turn, for each node, and for that batch at
   * most: not at all in a small fleet, and a large one that comes back takes a part of a core.
   */
  private static final long REST_NANOS_A_NODE = 10_000;

  private final Clock clock;
  private final JobDesk desk;
  private final HotFleet hot;
  private final Supplier<RackMap> racks;
  private final Consumer<FleetState> onlooker;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Fact> turns = new ConcurrentLinkedQueue<>();
  private final Map<String, Fact.Sampled> newest = new ConcurrentHashMap<>();
  private final AtomicLong superseded = new AtomicLong();
  private final Map<String, Fact.Judged> judged = new ConcurrentHashMap<>();
  private final LinkWatch links = new LinkWatch();
  private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Question<?>> asked = new ConcurrentLinkedQueue<>();
  private volatile FleetState fleet = FleetState.EMPTY;
  private final JobMeters meters = new JobMeters();
  private volatile JobsState jobs = JobsState.EMPTY;
  private volatile List<JobShare> shares = List.of();
  private volatile boolean stopping;
  private volatile long turnedNanos;

  public Control(JobDesk desk, Clock clock) {
    this(desk, new HotFleet(0), () -> RackMap.EMPTY, fleet -> {}, clock);
  }

  /**
   * One that somebody looks at.
   *
   * @param hot the readings that are kept by column; written here and nowhere else
   * @param racks where nodes stand
   * @param onlooker is shown the fleet at the end of each turn, on the thread {@code control}; must
   *     not wait
   */
  public Control(
      JobDesk desk,
      HotFleet hot,
      Supplier<RackMap> racks,
      Consumer<FleetState> onlooker,
      Clock clock) {
    this.clock = clock;
    this.desk = desk;
    this.hot = hot;
    this.racks = racks;
    this.onlooker = onlooker;
    this.thread = Threads.platform("control", this::run);
  }

  public void start() {
    turnedNanos = clock.nanos();
    thread.start();
  }

  public void stop(Duration longest) throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    if (thread.isAlive()) {
      thread.join(longest);
    }
  }

  /** Since when the writer has not come to the end of a turn. */
  public Duration stillFor() {
    return Duration.ofNanos(clock.nanos() - turnedNanos);
  }

  /** Whether it was started. */
  public boolean begun() {
    return thread.getState() != Thread.State.NEW;
  }

  /** Whether the writer writes. */
  public boolean running() {
    return thread.isAlive() && !stopping;
  }

  /** How long runs waited for their place, from submission on. */
  public Durations waits() {
    return desk.waits();
  }

  /** The newest state. */
  public FleetState fleet() {
    return fleet;
  }

  /** The newest state of the jobs. */
  public JobsState jobs() {
    return jobs;
  }

  /** What the jobs have and use, a second old at most while the writer turns. */
  public List<JobShare> shares() {
    return shares;
  }

  /**
   * Asks something of the jobs, on the thread {@code control}.
   *
   * @param question of the desk and of the fleet as it is then
   * @return the answer; a failure of the store is a {@link JobsFailure}
   */
  public <T> CompletableFuture<T> ask(BiFunction<JobDesk, FleetState, T> question) {
    Question<T> asking = new Question<>(question, new CompletableFuture<>());
    asked.add(asking);
    if (stopping && asked.remove(asking)) {
      asking.refuse();
    }
    LockSupport.unpark(thread);
    return asking.answer();
  }

  /** Somebody waits for an answer of the desk. */
  private record Question<T>(BiFunction<JobDesk, FleetState, T> of, CompletableFuture<T> answer) {
    void refuse() {
      answer.completeExceptionally(new JobsFailure("the collector is stopping; ask again later"));
    }
  }

  private <T> void answer(Question<T> question) {
    T given;
    try {
      given = question.of().apply(desk, fleet);
    } catch (RuntimeException | Error e) {
      question
          .answer()
          .completeExceptionally(
              e instanceof RuntimeException failure
                  ? JobDesk.sentence(failure).<Throwable>map(JobsFailure::new).orElse(e)
                  : e);
      return;
    }
    jobs = desk.state(); // whoever has the answer finds it in the list
    question.answer().complete(given);
  }

  /** How much of what sessions told of jobs waits; who brings more is to be read more slowly. */
  public int told() {
    return told.size();
  }

  /** What a session tells of jobs; nothing of it is dropped. */
  public void tell(Told news) {
    told.add(news);
    LockSupport.unpark(thread);
  }

  /** Samples that a newer one of their node overtook in the inbox. */
  public long superseded() {
    return superseded.get();
  }

  /** How much waits. */
  public int waiting() {
    return turns.size() + newest.size() + judged.size() + told.size() + asked.size();
  }

  public void tell(Fact fact) {
    switch (fact) {
      case Fact.Sampled sampled -> {
        if (newest.put(sampled.node(), sampled) != null) {
          superseded.incrementAndGet();
        }
      }
      case Fact.Judged report -> judged.put(report.node(), report);
      case Fact.Connected connected -> turns.add(connected);
      case Fact.Disconnected ended -> turns.add(ended);
    }
  }

  private void run() {
    while (!stopping) {
      try {
        turn();
      } catch (RuntimeException | Error e) {
        LOG.error("a batch of facts failed", e);
      }
      turnedNanos = clock.nanos();
      rest();
    }
    for (Question<?> left = asked.poll(); left != null; left = asked.poll()) {
      left.refuse();
    }
  }

  /** Until somebody waits for an answer, a batch of facts is due, or it is time to look. */
  private void rest() {
    long batch = turnedNanos + BATCH.toNanos();
    long look = turnedNanos + LOOK.toNanos();
    long rest = Math.min(BATCH.toNanos(), fleet.nodes().size() * REST_NANOS_A_NODE);
    long soon = turnedNanos + rest;
    while (!stopping && asked.isEmpty() && told.size() < MOST_A_TURN) {
      long now = clock.nanos();
      boolean heard = !told.isEmpty();
      if (now - look >= 0 || (heard && now - soon >= 0) || (now - batch >= 0 && waiting() > 0)) {
        return;
      }
      clock.parkUntil(heard ? soon : now - batch >= 0 ? now + BATCH.toNanos() : batch);
    }
  }

  /**
   * Samples are taken out first and applied last, reports of health in between: the beginning of
   * their session came before, and a sample's report before the sample.
   */
  void turn() {
    List<Fact> samples = takenOut(newest);
    List<Fact> reports = takenOut(judged);
    List<Fact> facts = new ArrayList<>();
    for (Fact fact = turns.poll(); fact != null; fact = turns.poll()) {
      facts.add(fact);
    }
    facts.addAll(reports);
    facts.addAll(samples);
    fleet = links.looked(applied(facts), clock.nanos(), clock.wall().toEpochMilli());
    turnOfColumns(facts, clock.nanos());
    turnOfJobs();
    onlooker.accept(fleet);
  }

  private void turnOfColumns(List<Fact> facts, long nowNanos) {
    for (Fact fact : facts) {
      try {
        fleet.node(fact.node()).ifPresent(node -> hot.look(node, nowNanos));
      } catch (RuntimeException e) {
        LOG.error("a sample is not in the columns node={}", fact.node(), e);
      }
    }
    try {
      hot.tidy(nowNanos, racks.get());
    } catch (RuntimeException e) {
      LOG.error("the columns were not tidied", e);
    }
  }

  /** A fact that cannot be taken in keeps no other from it. */
  private FleetState applied(List<Fact> facts) {
    if (facts.isEmpty()) {
      return fleet;
    }
    try {
      return FleetReducer.apply(fleet, facts);
    } catch (RuntimeException e) {
      LOG.error("a batch of facts failed; they are taken one by one", e);
    }
    FleetState next = fleet;
    for (Fact fact : facts) {
      try {
        next = FleetReducer.apply(next, List.of(fact));
      } catch (RuntimeException e) {
        LOG.error("a fact was lost node={}", fact.node(), e);
      }
    }
    return next;
  }

  private static List<Fact> takenOut(Map<String, ? extends Fact> waiting) {
    List<Fact> facts = new ArrayList<>();
    for (String node : List.copyOf(waiting.keySet())) {
      Fact fact = waiting.remove(node);
      if (fact != null) {
        facts.add(fact);
      }
    }
    return facts;
  }

  private void turnOfJobs() {
    for (int i = 0; i < MOST_A_TURN && !asked.isEmpty(); i++) {
      Question<?> question = asked.poll();
      if (question != null) {
        answer(question);
      }
    }
    List<Told> news = new ArrayList<>();
    for (Told next = told.poll(); next != null; next = told.poll()) {
      news.add(next);
      if (news.size() == MOST_A_TURN) {
        break;
      }
    }
    desk.turn(fleet, news);
    for (Operating.News happened : desk.news()) {
      fleet =
          fleet.with(
              clock.wall().toEpochMilli(),
              happened.kind(),
              happened.subject(),
              happened.message(),
              happened.ticket());
    }
    jobs = desk.state();
    meters.look(fleet, jobs, clock.nanos()).ifPresent(now -> shares = now);
  }
}
