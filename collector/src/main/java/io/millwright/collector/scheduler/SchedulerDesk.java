package io.millwright.collector.scheduler;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.views.SchedulerReason;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the site's scheduler which nodes incidents take out of work, by a command of the site.
 *
 * <p>A node is out while an open incident has, or had, evidence by which the node or one of its
 * devices is failed, and somebody was called for that incident, or would have been but for there
 * being so many. Silence takes no node out: nothing is known of such a node, and a collector that
 * hears nobody must not empty the site.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close} once. <i>Threading:</i> the thread {@code
 * scheduler}; counts from any. <i>Failure:</i> a command that fails is tried again, later and
 * later, at most five minutes apart; what was done is in the store and in the audit log, and after
 * an end in between the command is run once more.
 */
public final class SchedulerDesk implements AutoCloseable {
  /** Where it stands in the store. */
  static final String OUT = "/mw/scheduler/";

  private static final Logger LOG = LoggerFactory.getLogger(SchedulerDesk.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String BY = "scheduler";

  /** Without brackets, commas and blanks, by which schedulers name several nodes. */
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");

  private final SchedulerOptions options;
  private final Supplier<List<Incident>> incidents;
  private final BiFunction<List<Op>, AuditDraft, Future<?>> audit;
  private final Clock clock;
  private final Command command;
  private final Thread thread;
  private final Map<String, Withdrawn> out = new TreeMap<>();
  private final Map<String, Failed> failed = new ConcurrentHashMap<>();
  private final Set<String> held = new HashSet<>();
  private final StateStore store;
  private final Allowance allowance;
  private final Map<Step, Map<Result, AtomicLong>> counts = new EnumMap<>(Step.class);
  private volatile boolean closed;

  /** What is told of a node. */
  public enum Step {
    OPEN,
    CLOSE;

    public String word() {
      return this == OPEN ? "open" : "close";
    }
  }

  /** What came of it. */
  public enum Result {
    DONE,
    FAILED,
    DRY_RUN,
    LIMITED;

    public String word() {
      return this == DRY_RUN ? "dry-run" : name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What came of telling.
   *
   * @param ops to be written down
   * @param kept done once they are
   */
  private record Change(List<Op> ops, Runnable kept) {}

  /** How often it failed, and when it may be tried again. */
  private record Failed(int times, long againNanos) {}

  /**
   * Reads what was told before.
   *
   * @param incidents as they are now
   * @param audit has changes and their entry written by the single writer
   */
  public SchedulerDesk(
      SchedulerOptions options,
      StateStore store,
      Supplier<List<Incident>> incidents,
      BiFunction<List<Op>, AuditDraft, Future<?>> audit,
      Clock clock) {
    this.options = options;
    this.incidents = incidents;
    this.audit = audit;
    this.clock = clock;
    this.command = new Command(clock);
    this.thread = Threads.platform("scheduler", this::run);
    this.store = store;
    this.allowance = new Allowance(options.perHour(), options.dryRun(), store, clock);
    store.range(OUT).values().forEach(this::take);
    for (Step step : Step.values()) {
      Map<Result, AtomicLong> of = new EnumMap<>(Result.class);
      for (Result result : Result.values()) {
        of.put(result, new AtomicLong());
      }
      counts.put(step, of);
    }
  }

  /** One that cannot be read is left as it is; its node is told of as if it never had been. */
  private void take(Versioned kept) {
    try {
      Withdrawn read = Withdrawn.of(kept.value());
      out.put(read.node(), read);
    } catch (IllegalArgumentException e) {
      LOG.warn("a node that the scheduler was told of cannot be read key={}", kept.key(), e);
    }
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** How often something came of telling, since the start. */
  public long count(Step step, Result result) {
    return counts.getOrDefault(step, Map.of()).getOrDefault(result, new AtomicLong()).get();
  }

  /** Nodes of which the scheduler could not be told what it should know. */
  public int failing() {
    return failed.size();
  }

  // ---- the thread

  private void run() {
    while (!closed) {
      try {
        look();
      } catch (RuntimeException e) {
        LOG.error("a look at what the scheduler is to know failed", e);
      }
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
    }
  }

  /** Makes up the difference between what should be told and what was. */
  void look() {
    List<Incident> now = incidents.get();
    Map<String, Incident> wanted = wanted(now);
    failed.keySet().removeIf(node -> !wanted.containsKey(node) && !out.containsKey(node));
    held.retainAll(wanted.keySet());
    for (Map.Entry<String, Incident> one : wanted.entrySet()) {
      Withdrawn told = out.get(one.getKey());
      boolean known = told != null && told.dry() == options.dryRun();
      if (!closed && !known && due(one.getKey())) {
        open(one.getKey(), one.getValue());
      }
    }
    for (Withdrawn told : List.copyOf(out.values())) {
      boolean over = !wanted.containsKey(told.node()) && !mayHave(told, now);
      if (!closed && over && due(told.node())) {
        end(told);
      }
    }
  }

  private boolean due(String node) {
    Failed before = failed.get(node);
    return before == null || clock.nanos() - before.againNanos() >= 0;
  }

  /** The nodes that are out, each with the oldest incident that says so. */
  private static Map<String, Incident> wanted(List<Incident> incidents) {
    Map<String, Incident> nodes = new TreeMap<>();
    for (Incident one : incidents) {
      boolean called = one.page() == Incident.Page.SENT || one.page() == Incident.Page.SUPPRESSED;
      if (one.open() && called) {
        for (Incident.Member member : one.members()) {
          boolean fails =
              member.symptom().verdict() == Verdict.FAILED && !member.symptom().follows();
          if (fails) {
            nodes.putIfAbsent(member.symptom().suspect().node(), one);
          }
        }
      }
    }
    return nodes;
  }

  /** Of a large incident the members are cut: who is not among them may be of it all the same. */
  private static boolean mayHave(Withdrawn told, List<Incident> incidents) {
    return incidents.stream()
        .anyMatch(one -> one.open() && one.isCut() && one.isCalled(told.incident()));
  }

  private void open(String node, Incident one) {
    String line = SchedulerReason.of(one.id(), one.summary());
    boolean runs = isPlain(node);
    if (runs && !(allowed(node) && begun(withdrawn(node, one)))) {
      return;
    }
    List<String> argv = options.opened().filled(node, line, one.id());
    carryOut(Step.OPEN, node, argv, line, () -> opened(withdrawn(node, one)));
  }

  private Withdrawn withdrawn(String node, Incident one) {
    return new Withdrawn(node, one.id(), clock.wall().toEpochMilli(), options.dryRun());
  }

  private Change opened(Withdrawn told) {
    List<Op> counting = allowance.counting(told);
    List<Op> ops = new ArrayList<>(counting);
    ops.add(new Op.Put(OUT + told.node(), told.json()));
    return new Change(
        ops,
        () -> {
          out.put(told.node(), told);
          allowance.counted(told.node(), counting);
        });
  }

  /** So many nodes an hour; beyond them people decide. */
  private boolean allowed(String node) {
    if (allowance.allows(node)) {
      return true;
    }
    if (held.add(node)) {
      counted(Step.OPEN, Result.LIMITED);
      LOG.warn(
          "the scheduler is not told of a node: so many were taken out within an hour node={} per_hour={}",
          node,
          options.perHour());
    }
    return false;
  }

  /** Durable before anything is run: a command that failed may have done its work all the same. */
  private boolean begun(Withdrawn begun) {
    if (allowance.counts(begun.node())) {
      return true;
    }
    List<Op> counting = allowance.counting(begun);
    if (!isKept(store.submit(new Txn(List.of(), counting)))) {
      again(begun.node());
      return false;
    }
    allowance.counted(begun.node(), counting);
    return true;
  }

  private void end(Withdrawn told) {
    String line = "millwright " + told.incident() + ": closed";
    boolean silent = options.closed().isEmpty() || told.dry() != options.dryRun();
    List<String> argv =
        silent
            ? List.of()
            : options.closed().orElseThrow().filled(told.node(), line, told.incident());
    Change change =
        new Change(List.of(new Op.Delete(OUT + told.node())), () -> out.remove(told.node()));
    carryOut(Step.CLOSE, told.node(), argv, line, () -> change);
  }

  /** Runs it, then writes it down; what fails of that is tried again. */
  private void carryOut(
      Step step, String node, List<String> argv, String reason, Supplier<Change> then) {
    Optional<String> trouble = argv.isEmpty() ? Optional.empty() : tried(node, argv);
    if (trouble.isPresent()) {
      fail(step, node, trouble.get(), reason);
      return;
    }
    String after =
        argv.isEmpty()
            ? "no command: people bring it back"
            : "%s: %s".formatted(options.dryRun() ? "dry run, would run" : "ran", argv);
    Change change = then.get();
    if (!written(change.ops(), draft(step, node, after, reason))) {
      again(node);
      return;
    }
    change.kept().run();
    failed.remove(node);
    if (!argv.isEmpty()) {
      counted(step, options.dryRun() ? Result.DRY_RUN : Result.DONE);
      LOG.info(
          "scheduler step={} node={} dry={} reason={}",
          step.word(),
          node,
          options.dryRun(),
          reason);
    }
  }

  private static boolean isPlain(String node) {
    return NODE.matcher(node).matches() && !node.equalsIgnoreCase("ALL");
  }

  private Optional<String> tried(String node, List<String> argv) {
    if (!isPlain(node)) {
      return Optional.of(
          "the node's name is refused: it is no plain host name, and a scheduler might take it for several nodes");
    }
    return options.dryRun() ? Optional.empty() : command.run(argv, options.deadline());
  }

  /** Written down once for all tries. */
  private void fail(Step step, String node, String why, String reason) {
    counted(step, Result.FAILED);
    boolean first = !failed.containsKey(node);
    again(node);
    if (first) {
      LOG.error("the scheduler could not be told step={} node={}: {}", step.word(), node, why);
      boolean _ = written(List.of(), draft(step, node, "failed: " + why, reason));
    }
  }

  private void again(String node) {
    Failed before = failed.getOrDefault(node, new Failed(0, 0));
    Duration wait = FIRST_WAIT;
    for (int i = 0; i < before.times() && wait.compareTo(LONGEST_WAIT) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    Duration next = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    failed.put(node, new Failed(before.times() + 1, clock.nanos() + next.toNanos()));
  }

  private static AuditDraft draft(Step step, String node, String after, String reason) {
    return new AuditDraft(BY, "scheduler." + step.word(), node, "", after, reason);
  }

  private boolean written(List<Op> changes, AuditDraft draft) {
    return isKept(audit.apply(changes, draft));
  }

  private static boolean isKept(Future<?> writing) {
    try {
      Object _ = writing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.error("what the scheduler is told cannot be written down; it is tried again", e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void counted(Step step, Result result) {
    Optional.ofNullable(counts.get(step))
        .map(of -> of.get(result))
        .ifPresent(AtomicLong::incrementAndGet);
  }
}
