package io.millwright.collector.control;

import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.downlink.EvidenceReply;
import io.millwright.collector.downlink.EvidenceWish;
import io.millwright.collector.operations.PlainText;
import io.millwright.collector.operations.Ruling;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.CaptureKind;
import io.millwright.protocol.frames.Frame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evidence of all nodes: who wanted it and what came of it, durable from before it is sent. The
 * bundles themselves stay on their nodes.
 *
 * <p>For policy: {@link #capture(String, String, String)} before anything disruptive, and {@link
 * #newest} to see what there is.
 *
 * <p><i>Threading:</i> any thread, none waits. <i>Failure:</i> a future that fails with {@link
 * io.millwright.collector.store.StoreException} or {@link JobsFailure} where nothing was sent.
 */
public final class EvidenceDesk {
  /** Where the orders stand in the store: node, then the number of the order. */
  public static final String KEYS = "/mw/evidence/";

  /** Where the number of the newest order stands: the order itself may be dropped. */
  private static final String LAST = "/mw/evidence-last";

  private static final Logger LOG = LoggerFactory.getLogger(EvidenceDesk.class);
  private static final int MOST_A_NODE = 16;

  /** Of all nodes together: they are read at the start. */
  private static final int MOST = 2000;

  private static final Duration BUNDLE = Duration.ofMinutes(2);
  private static final Duration CHECKS = Duration.ofSeconds(25);
  private static final Duration TEST = Duration.ofMillis(Frame.Capture.LONGEST_DEADLINE);

  /** From when it was ordered: its deadline, and the time that it waits to be sent. */
  private static final Duration HELD = TEST.plus(Duration.ofSeconds(10));

  private static final String POLICY = "policy";

  /** What is dropped first where there is no room; of the same, the oldest. */
  private static final Comparator<EvidenceOrder> LEAST_WANTED =
      Comparator.comparingInt(EvidenceDesk::worth).thenComparing(EvidenceOrder::id);

  private final Control control;
  private final AuditLog audit;
  private final StateStore store;
  private final Clock clock;
  private final AtomicLong last = new AtomicLong();

  /** By node, the newest first. */
  private final Map<String, List<EvidenceOrder>> orders = new ConcurrentHashMap<>();

  /** Reads what is kept. */
  public EvidenceDesk(Control control, AuditLog audit, StateStore store, Clock clock) {
    this.control = control;
    this.audit = audit;
    this.store = store;
    this.clock = clock;
    for (Versioned kept : store.range(KEYS).values()) {
      take(kept);
    }
    store.get(LAST).ifPresent(kept -> numbered(kept.value()));
    orders
        .values()
        .forEach(all -> all.stream().filter(EvidenceOrder::mayRun).forEach(this::holdOn));
  }

  /** The session, or the collector, may have ended before a test did. */
  private void holdOn(EvidenceOrder order) {
    Duration left = left(order);
    if (left.isPositive()) {
      CompletableFuture<Boolean> _ =
          control.ask((desk, fleet) -> {
            desk.testBegins(order.node(), order.id(), left);
            return true;
          });
    }
  }

  /** How long a node is held for an order at most; not above 0 where that is over. */
  private Duration left(EvidenceOrder order) {
    Duration since = Duration.ofMillis(clock.wall().toEpochMilli() - order.atMs());
    return HELD.minus(since.isNegative() ? Duration.ZERO : since);
  }

  private void take(Versioned kept) {
    String[] words = kept.key().substring(KEYS.length()).split("/");
    try {
      put(EvidenceOrder.of(words[0], words[1], kept.value()));
    } catch (RuntimeException e) {
      LOG.warn("an order of evidence that is kept cannot be read key={}", kept.key(), e);
    }
  }

  private void numbered(String id) {
    try {
      last.accumulateAndGet(Long.parseLong(id), Math::max);
    } catch (NumberFormatException e) {
      LOG.warn("the number of the newest order that is kept cannot be read key={}", LAST, e);
    }
  }

  private static String id(long number) {
    return "%015d".formatted(number);
  }

  /** The id of the newest order that is durable, on whichever node; it never runs back. */
  public String latest() {
    return id(last.get());
  }

  /** The newest orders of a node, the newest first. */
  public List<EvidenceOrder> orders(String node) {
    return orders.getOrDefault(node, List.of());
  }

  /** The newest one of a node whose bundle is ready. */
  public Optional<EvidenceOrder> newest(String node) {
    return orders(node).stream().filter(EvidenceOrder::hasBundle).findFirst();
  }

  /** An order that is under way. */
  public record Begun(EvidenceOrder order, CompletableFuture<EvidenceOrder> done) {}

  /**
   * Wants a bundle, in the name of policy.
   *
   * @param incident that it belongs to; empty for none
   * @return done when the bundle is ready or it is known that there will be none
   */
  public CompletableFuture<EvidenceOrder> capture(String node, String reason, String incident) {
    return begin(POLICY, node, reason, incident, "", false).thenCompose(Begun::done);
  }

  /**
   * Wants a bundle, or a test of the site; written down in the audit log.
   *
   * @param by who wants it
   * @param test empty for a bundle
   * @param inService consents to a test on a node in service that has work
   * @return done when the order is durable and on its way
   */
  public CompletableFuture<Begun> begin(
      String by, String node, String reason, String incident, String test, boolean inService) {
    long at = clock.wall().toEpochMilli();
    return control
        .ask((desk, fleet) -> {
          EvidenceOrder order =
              new EvidenceOrder(
                  id(Math.max(last.get() + 1, at)),
                  node,
                  at,
                  by,
                  reason,
                  incident,
                  test,
                  new EvidenceOrder.State.Asked());
          List<EvidenceOrder> leaving = leaving(order);
          List<Op> ops = ops(order, leaving);
          ops.add(new Op.Put(LAST, order.id()));
          audit.commit(ops, List.of(draft(order, inService)));
          return kept(order, leaving);
        })
        .thenApply(kept -> new Begun(kept, sent(kept, inService)));
  }

  private static AuditDraft draft(EvidenceOrder order, boolean inService) {
    boolean bundle = order.test().isEmpty();
    return new AuditDraft(
        order.by(),
        bundle ? "evidence.bundle" : "evidence.test",
        order.node(),
        "",
        bundle
            ? "order " + order.id()
            : "order %s, test %s%s"
                .formatted(order.id(), order.test(), inService ? ", in service" : ""),
        order.reason());
  }

  private CompletableFuture<EvidenceOrder> sent(EvidenceOrder order, boolean inService) {
    boolean bundle = order.test().isEmpty();
    EvidenceWish wish =
        new EvidenceWish(
            bundle ? CaptureKind.BUNDLE : CaptureKind.TEST,
            order.test(),
            order.reason(),
            order.incident(),
            bundle ? BUNDLE : TEST);
    return asked(order, wish, bundle || inService)
        .thenApply(EvidenceDesk::state)
        .exceptionally(failure -> new EvidenceOrder.State.Failed(sentence(failure)))
        .thenCompose(state -> ended(order.with(state)))
        .whenComplete((kept, failure) -> {
          if (failure != null) {
            LOG.warn("what came of an order of evidence is not kept id={}", order.id(), failure);
          }
        });
  }

  /** Durable first: no job is sent to a node of which the store may still say that a test runs. */
  private CompletableFuture<EvidenceOrder> ended(EvidenceOrder order) {
    return keep(order)
        .thenApply(kept -> {
          if (!kept.test().isEmpty() && !kept.mayRun()) {
            CompletableFuture<Boolean> _ =
                control.ask((desk, fleet) -> {
                  desk.testEnded(kept.node(), kept.id());
                  return true;
                });
          }
          return kept;
        });
  }

  private static String sentence(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return String.valueOf(cause.getMessage());
  }

  private static EvidenceOrder.State state(EvidenceReply reply) {
    return switch (reply) {
      case EvidenceReply.Answered(EvidenceBody body) ->
          body.refusal()
              .<EvidenceOrder.State>map(EvidenceOrder.State.Failed::new)
              .orElseGet(() -> new EvidenceOrder.State.Ready(body));
      case EvidenceReply.NotSent(String why) -> new EvidenceOrder.State.Failed(why);
      case EvidenceReply.Unanswered(String why) -> new EvidenceOrder.State.Unanswered(why);
    };
  }

  /**
   * @param inService whether it may be sent to a node that has work
   */
  private CompletableFuture<EvidenceReply> asked(
      EvidenceOrder order, EvidenceWish wish, boolean inService) {
    CompletableFuture<EvidenceReply> reply = new CompletableFuture<>();
    return control
        .ask((desk, fleet) -> {
          Optional<String> refusal = inService ? Optional.empty() : desk.testRefusal(order.node());
          if (refusal.isPresent()) {
            reply.complete(new EvidenceReply.NotSent(refusal.get()));
            return true;
          }
          if (order.mayRun()) {
            desk.testBegins(order.node(), order.id(), HELD);
          }
          desk.capture(order.node(), wish, reply);
          return true;
        })
        .thenCompose(asked -> reply);
  }

  /**
   * What a person ended.
   *
   * @param over the newest of the orders that are over
   * @param awaited another order, whose answer is awaited: the node is held for it all the same
   */
  public record Released(EvidenceOrder over, Optional<EvidenceOrder> awaited) {}

  /**
   * A person knows that no test of a node runs any more of which no answer came: nothing is held
   * back for it. One whose answer is still awaited is left, and one that holds nothing any more.
   *
   * @return done when it is durable
   * @throws IllegalArgumentException in the future, where the reason is none
   */
  public CompletableFuture<Ruling<Released>> release(String by, String node, String reason) {
    return control.ask((desk, fleet) -> {
      PlainText.require("reason", reason);
      List<EvidenceOrder> holding =
          orders(node).stream()
              .filter(EvidenceOrder::mayRun)
              .filter(order -> left(order).isPositive())
              .toList();
      List<EvidenceOrder> released =
          holding.stream()
              .filter(order -> order.state() instanceof EvidenceOrder.State.Unanswered)
              .map(order ->
                  order.with(
                      new EvidenceOrder.State.Failed("%s said that it is over".formatted(by))))
              .toList();
      if (released.isEmpty()) {
        return new Ruling.Refused<>(
            "no test of node %s is without an answer; what keeps it from work is told by 'millwright node %s'"
                .formatted(node, node));
      }
      List<Op> ops = new ArrayList<>();
      List<AuditDraft> drafts = new ArrayList<>();
      for (EvidenceOrder order : released) {
        ops.add(new Op.Put(key(order), order.json()));
        drafts.add(
            new AuditDraft(
                by,
                "evidence.release",
                node,
                "order %s, test %s, may run".formatted(order.id(), order.test()),
                "over",
                reason));
      }
      audit.commit(ops, drafts);
      for (EvidenceOrder order : released) {
        put(order);
        desk.testEnded(node, order.id());
      }
      Optional<EvidenceOrder> awaited =
          holding.stream()
              .filter(order -> order.state() instanceof EvidenceOrder.State.Asked)
              .findFirst();
      return new Ruling.Done<>(new Released(released.getFirst(), awaited)); // the newest first
    });
  }

  /** The doctor's checks of a node; nothing is kept of them. */
  public CompletableFuture<EvidenceReply> checks(String node) {
    CompletableFuture<EvidenceReply> reply = new CompletableFuture<>();
    return control
        .ask((desk, fleet) -> {
          desk.capture(node, new EvidenceWish(CaptureKind.CHECKS, "", "", "", CHECKS), reply);
          return true;
        })
        .thenCompose(asked -> reply);
  }

  /** A piece of a bundle. */
  public CompletableFuture<Frame.Bundle> read(String node, String bundle, long offset) {
    CompletableFuture<Frame.Bundle> piece = new CompletableFuture<>();
    return control
        .ask((desk, fleet) -> {
          desk.bundle(node, bundle, offset, piece);
          return true;
        })
        .thenCompose(asked -> piece);
  }

  // ---- what is kept

  private CompletableFuture<EvidenceOrder> keep(EvidenceOrder order) {
    List<EvidenceOrder> leaving = leaving(order);
    return store
        .submit(new Txn(List.of(), ops(order, leaving)))
        .thenApply(committed -> kept(order, leaving));
  }

  private static List<Op> ops(EvidenceOrder order, List<EvidenceOrder> leaving) {
    List<Op> ops = new ArrayList<>();
    ops.add(new Op.Put(key(order), order.json()));
    leaving.forEach(older -> ops.add(new Op.Delete(key(older))));
    return ops;
  }

  private EvidenceOrder kept(EvidenceOrder order, List<EvidenceOrder> leaving) {
    put(order);
    leaving.forEach(this::forget);
    return order;
  }

  /** Those that this one leaves no room for: of its own node, or else of all; never itself. */
  private List<EvidenceOrder> leaving(EvidenceOrder order) {
    List<EvidenceOrder> own = others(orders(order.node()), order);
    if (own.size() >= MOST_A_NODE) {
      return leastWanted(yielding(order, own), own.size() + 1 - MOST_A_NODE);
    }
    List<EvidenceOrder> all = new ArrayList<>();
    orders.values().forEach(some -> all.addAll(others(some, order)));
    return all.size() < MOST ? List.of() : leastWanted(yielding(order, all), 1);
  }

  /** A test that policy ordered leaves what people asked for: there is one more then. */
  private static List<EvidenceOrder> yielding(EvidenceOrder order, List<EvidenceOrder> all) {
    return ofAcceptance(order) ? all.stream().filter(EvidenceDesk::ofAcceptance).toList() : all;
  }

  private static boolean ofAcceptance(EvidenceOrder order) {
    return order.by().equals(POLICY) && !order.test().isEmpty();
  }

  private static List<EvidenceOrder> others(List<EvidenceOrder> all, EvidenceOrder order) {
    return all.stream().filter(one -> !one.id().equals(order.id())).toList();
  }

  private static List<EvidenceOrder> leastWanted(List<EvidenceOrder> all, int most) {
    return all.stream().sorted(LEAST_WANTED).limit(most).toList();
  }

  /**
   * What failed goes before what there is, of that a test of policy first, and all of it before
   * what is under way.
   */
  private static int worth(EvidenceOrder order) {
    return switch (order.state()) {
      case EvidenceOrder.State.Failed ignored -> 0;
      case EvidenceOrder.State.Ready ignored -> ofAcceptance(order) ? 1 : 2;
      case EvidenceOrder.State.Unanswered ignored -> order.mayRun() ? 2 : 0;
      case EvidenceOrder.State.Asked ignored -> 3;
    };
  }

  private void forget(EvidenceOrder older) {
    orders.computeIfPresent(
        older.node(),
        (node, kept) -> {
          List<EvidenceOrder> next = new ArrayList<>(kept);
          next.removeIf(one -> one.id().equals(older.id()));
          return next.isEmpty() ? null : List.copyOf(next);
        });
  }

  private static String key(EvidenceOrder order) {
    return KEYS + order.node() + "/" + order.id();
  }

  private void put(EvidenceOrder order) {
    last.accumulateAndGet(Long.parseLong(order.id()), Math::max);
    orders.compute(
        order.node(), (node, before) -> with(before == null ? List.of() : before, order));
  }

  private static List<EvidenceOrder> with(List<EvidenceOrder> before, EvidenceOrder order) {
    List<EvidenceOrder> next = new ArrayList<>(before);
    next.removeIf(older -> older.id().equals(order.id()));
    next.add(order);
    next.sort(Comparator.comparing(EvidenceOrder::id).reversed());
    return List.copyOf(next);
  }
}
