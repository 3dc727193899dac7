package io.millwright.collector.events;

import io.millwright.collector.fleet.FleetEvent;
import io.millwright.collector.store.EventFound;
import io.millwright.collector.store.EventMark;
import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.collector.store.EventTable;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the events of the fleet.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close} once. <i>Threading:</i> the thread {@code
 * event-store} owns the table; everything else from any thread, and nothing waits. <i>Failure:</i>
 * a disk that takes nothing stops no session: its events are left with its agent, who is asked to
 * bring them again once the disk is well.
 */
public final class EventKeeper implements EventSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventKeeper.class);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration EXPIRE = Duration.ofSeconds(10);
  private static final Duration STOP = Duration.ofSeconds(5);

  /** Beyond these sessions are cut off, and bring their events again. */
  public static final int MOST_WAITING = 20_000;

  private static final int MOST_A_TURN = 1_000;
  public static final int MOST_QUESTIONS = 256;
  private static final int MOST_ANSWERS_A_TURN = 4;
  private static final int MOST_EXPIRIES_A_TURN = 4;

  private final EventTable table;
  private final Supplier<List<FleetEvent>> fleet;
  private final Function<String, Optional<String>> tickets;
  private final Consumer<List<Told>> accounts;
  private final Clock clock;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final ConcurrentLinkedQueue<Question> asked = new ConcurrentLinkedQueue<>();
  private final Map<String, EventMark> marks = new ConcurrentHashMap<>();
  private final Set<String> telling = ConcurrentHashMap.newKeySet();
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();

  /**
   * For ever, since what they bring would stand behind a gap; forgotten with the session itself.
   */
  private final Set<EventSource> broken = Collections.newSetFromMap(new WeakHashMap<>());

  /** Those of the broken that are to be told so once the disk is well. */
  private final Set<EventSource> untold = new HashSet<>();

  private volatile long newest;
  private volatile long bytes;
  private final LongAdder received = new LongAdder();
  private final LongAdder duplicates = new LongAdder();
  private final LongAdder cutOff = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final Map<String, LongAdder> receivedByNode = new ConcurrentHashMap<>();
  private volatile boolean stopping;
  private long takenOfFleet;
  private long expiredNanos;
  private volatile boolean failing;

  /** Accounts alone. */
  private volatile boolean unaccounted;

  private boolean expiring;

  private record Question(EventQuery query, CompletableFuture<EventFound> answer) {}

  /**
   * @param fleet what the collector itself saw, the newest last
   */
  public EventKeeper(EventTable table, Supplier<List<FleetEvent>> fleet, Clock clock) {
    this(table, fleet, uuid -> Optional.empty(), accounted -> {}, clock);
  }

  /**
   * One that says of a part that it is returned.
   *
   * @param fleet what the collector itself saw, the newest last
   * @param tickets under which the device of a UUID is returned
   * @param accounts gets the events that have the account of a run, on the thread {@code
   *     event-store}, before they are kept; has them durably when it returns, and where it throws
   *     their sessions are to bring them again
   */
  public EventKeeper(
      EventTable table,
      Supplier<List<FleetEvent>> fleet,
      Function<String, Optional<String>> tickets,
      Consumer<List<Told>> accounts,
      Clock clock) {
    this.table = table;
    this.fleet = fleet;
    this.tickets = tickets;
    this.accounts = accounts;
    this.clock = clock;
    this.thread = Threads.platform("event-store", this::run);
    this.newest = table.newest();
    this.bytes = table.bytes();
    marks.putAll(table.marks());
  }

  public void start() {
    expiredNanos = clock.nanos() - EXPIRE.toNanos();
    thread.start();
  }

  // ---- from sessions

  @Override
  public long opened(String node, UUID journal) {
    if (journal.equals(Frame.Hello.NO_EVENTS)) {
      telling.remove(node);
      return 0;
    }
    telling.add(node);
    EventMark mark = marks.get(node);
    return mark != null && mark.journal().equals(journal) ? mark.sequence() : 0;
  }

  @Override
  public void tell(Told event) {
    told.add(event);
    if (waiting.incrementAndGet() == 1) {
      LockSupport.unpark(thread);
    }
  }

  // ---- for whoever looks

  /** The events that are wanted, once the thread has looked. */
  public CompletableFuture<EventFound> find(EventQuery query) {
    Question question = new Question(query, new CompletableFuture<>());
    if (asked.size() >= MOST_QUESTIONS || stopping) {
      refused.increment();
      question
          .answer()
          .completeExceptionally(
              new StoreException("the events cannot be asked for now; ask again later"));
      return question.answer();
    }
    asked.add(question);
    LockSupport.unpark(thread);
    return question.answer();
  }

  /** Told on the thread {@code event-store} when there is more; must not wait. */
  public void listen(Runnable listener) {
    listeners.add(listener);
  }

  public void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /** The id of the newest. */
  public long newest() {
    return newest;
  }

  /** How many wait to be stored. */
  public int waiting() {
    return waiting.get();
  }

  /** Questions that wait. */
  public int asked() {
    return asked.size();
  }

  /** Questions that were refused because too many waited, since the start. */
  public long refused() {
    return refused.sum();
  }

  /** Sessions that are to bring their events again, since the start. */
  public long cutOff() {
    return cutOff.sum();
  }

  /** Why events are not kept, in one sentence; empty where they are. */
  public Optional<String> trouble() {
    if (failing) {
      return Optional.of(
          "events cannot be kept and wait on their nodes: see the disk of --data; the log has the reason");
    }
    return unaccounted
        ? Optional.of(
            "accounts of runs cannot be kept and wait on their nodes: see usage.db in --data; the log has the reason")
        : Optional.empty();
  }

  /** Bytes of all that is kept. */
  public long bytes() {
    return bytes;
  }

  /** Events of agents that were stored, since the start. */
  public long received() {
    return received.sum();
  }

  /** Events of one node that were stored, its own and the collector's of it, since the start. */
  public long received(String node) {
    LongAdder ofNode = receivedByNode.get(node);
    return ofNode == null ? 0 : ofNode.sum();
  }

  /** Events of agents that were there already, since the start. */
  public long duplicates() {
    return duplicates.sum();
  }

  // ---- the thread

  private void run() {
    while (!stopping) {
      try {
        turn();
      } catch (RuntimeException | Error e) {
        LOG.error("a turn of the events failed", e);
      }
      if (waiting.get() == 0 && asked.isEmpty() && !stopping) {
        clock.parkUntil(clock.nanos() + LOOK.toNanos());
      }
    }
    refuseQuestions();
  }

  /** One look at all that waits. */
  void turn() {
    List<FleetEvent> own = ofFleet();
    List<Told> batch = takenOut();
    if (!batch.isEmpty() || !own.isEmpty() || !untold.isEmpty()) {
      store(batch, own);
    }
    expire();
    answer();
  }

  /** As often as something was stored, so that what comes fast goes as fast. */
  private void expire() {
    boolean due = expiring || clock.nanos() - expiredNanos >= EXPIRE.toNanos();
    if (!due || failing) {
      return;
    }
    expiredNanos = clock.nanos();
    expiring = false;
    boolean more = true;
    for (int i = 0; i < MOST_EXPIRIES_A_TURN && more; i++) {
      more = table.expire(clock.wall().toEpochMilli());
    }
    expiring = more;
    bytes = table.bytes();
  }

  private List<Told> takenOut() {
    List<Told> batch = new ArrayList<>();
    while (batch.size() < MOST_A_TURN) {
      Told next = told.poll();
      if (next == null) {
        return batch;
      }
      if (waiting.getAndDecrement() > MOST_WAITING) {
        breakOff(next.source()); // it comes again, and everything behind it
      }
      batch.add(next);
    }
    return batch;
  }

  private void breakOff(EventSource source) {
    if (broken.add(source)) {
      untold.add(source);
      cutOff.increment();
    }
  }

  /** Those that were not looked at; a verdict is told by the agent itself where it tells events. */
  private List<FleetEvent> ofFleet() {
    List<FleetEvent> own = new ArrayList<>();
    for (FleetEvent event : fleet.get()) {
      if (event.sequence() > takenOfFleet && !isToldByAgent(event)) {
        own.add(event);
      }
    }
    return own;
  }

  private boolean isToldByAgent(FleetEvent event) {
    return event.kind().equals(EventKind.VERDICT_CHANGED.word()) && telling.contains(node(event));
  }

  private static String node(FleetEvent event) {
    int end = event.subject().indexOf(' ');
    return end < 0 ? event.subject() : event.subject().substring(0, end);
  }

  /** Whatever goes wrong, what was taken out is wanted again, and nothing is told durable. */
  private void store(List<Told> batch, List<FleetEvent> own) {
    boolean stored;
    try {
      stored = kept(batch, own);
    } catch (RuntimeException | Error e) {
      failed(batch, e);
      return;
    }
    tell(batch, stored);
  }

  /** Whether there was anything new. */
  private boolean kept(List<Told> batch, List<FleetEvent> own) {
    account(batch);
    Map<String, EventMark> changed = new HashMap<>();
    List<EventRow> rows = new ArrayList<>();
    long repeated = 0;
    for (Told event : batch) {
      if (broken.contains(event.source())) {
        continue;
      }
      if (isNew(event, changed)) {
        rows.add(row(event));
      } else {
        repeated++;
      }
    }
    long ofAgents = rows.size();
    own.forEach(event -> rows.add(row(event)));
    table.store(rows, changed, clock.wall().toEpochMilli());
    if (failing) {
      LOG.info("events are kept again");
    }
    failing = false;
    marks.putAll(changed);
    takenOfFleet = own.isEmpty() ? takenOfFleet : own.getLast().sequence();
    received.add(ofAgents);
    rows.forEach(
        row -> receivedByNode.computeIfAbsent(row.node(), first -> new LongAdder()).increment());
    duplicates.add(repeated);
    return !rows.isEmpty();
  }

  /** Whose account is not taken brings it again, and all behind it; of others all is kept. */
  private void account(List<Told> batch) {
    Map<String, EventMark> seen = new HashMap<>();
    List<Told> accounted = new ArrayList<>();
    for (Told event : batch) {
      if (!broken.contains(event.source())
          && isNew(event, seen)
          && event.event().account().isPresent()) {
        accounted.add(event);
      }
    }
    if (accounted.isEmpty()) {
      return;
    }
    try {
      accounts.accept(accounted);
      if (unaccounted) {
        LOG.info("accounts of runs are kept again");
      }
      unaccounted = false;
    } catch (RuntimeException e) {
      if (!unaccounted) {
        LOG.error("accounts of runs cannot be kept; agents keep theirs meanwhile", e);
      }
      unaccounted = true;
      accounted.forEach(event -> breakOff(event.source()));
    }
  }

  /** Higher than all that is kept of its journal, and with this batch. */
  private boolean isNew(Told event, Map<String, EventMark> changed) {
    EventMark mark = changed.getOrDefault(event.node(), marks.get(event.node()));
    if (mark != null
        && mark.journal().equals(event.journal())
        && event.sequence() <= mark.sequence()) {
      return false;
    }
    changed.put(event.node(), new EventMark(event.journal(), event.sequence()));
    return true;
  }

  private void tell(List<Told> batch, boolean stored) {
    Map<EventSource, Long> durable = new LinkedHashMap<>();
    for (Told event : batch) {
      if (!broken.contains(event.source())) {
        durable.merge(event.source(), event.sequence(), Math::max);
      }
    }
    durable.forEach((source, sequence) -> told(() -> source.durable(sequence)));
    List<EventSource> again = List.copyOf(untold);
    untold.clear();
    again.forEach(
        source -> told(() -> source.again("events could not be kept and are wanted again")));
    if (stored) {
      expiring = true;
      newest = table.newest();
      bytes = table.bytes();
      listeners.forEach(EventKeeper::told);
    }
  }

  /** One that cannot be told keeps no other from it; a session is told again by its next event. */
  private static void told(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException e) {
      LOG.error("somebody could not be told of events", e);
    }
  }

  /** What these sessions bring from now on would stand behind a gap. */
  private void failed(List<Told> batch, Throwable e) {
    if (!failing) {
      LOG.error("events cannot be kept; agents keep theirs meanwhile", e);
    }
    failing = true;
    batch.forEach(event -> breakOff(event.source()));
    clock.parkUntil(clock.nanos() + LOOK.toNanos());
  }

  private static EventRow row(FleetEvent event) {
    return new EventRow(
        0,
        node(event),
        event.wallMs(),
        event.kind(),
        event.subject(),
        event.message(),
        "",
        event.ticket());
  }

  private EventRow row(Told told) {
    NodeEvent event = told.event();
    String device = event.accelerator().isEmpty() ? event.device() : event.accelerator();
    return new EventRow(
        0,
        told.node(),
        told.atMs(),
        event.kind(),
        device.isEmpty() ? told.node() : told.node() + " accelerator " + device,
        event.message(),
        Json.text(EventBody.tree(event)),
        tickets.apply(event.device()).orElse(""));
  }

  /** A few, so that whoever asks much does not hold up what is to be stored. */
  private void answer() {
    for (int i = 0; i < MOST_ANSWERS_A_TURN; i++) {
      Question next = asked.poll();
      if (next == null) {
        return;
      }
      try {
        next.answer().complete(table.find(next.query()));
      } catch (RuntimeException e) {
        next.answer().completeExceptionally(e);
      }
    }
  }

  private void refuseQuestions() {
    StoreException ended = new StoreException("the collector is stopping; ask again later");
    for (Question next = asked.poll(); next != null; next = asked.poll()) {
      next.answer().completeExceptionally(ended);
    }
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
    refuseQuestions();
    table.close();
  }
}
