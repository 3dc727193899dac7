package io.millwright.collector.paging;

import io.millwright.collector.incidents.Notice;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one address of incidents: a signed JSON document a notice, until it is taken.
 *
 * <p><i>Lifecycle:</i> {@link #start} and {@link #close} once. <i>Threading:</i> the thread {@code
 * webhook} speaks with the address; {@link #tell} from any, it never waits. <i>Failure:</i> what is
 * not taken is sent again, later and later, at most five minutes apart, also by the next start;
 * what the address calls wrong (400, 413, 422) is dropped, logged and counted. Of an incident the
 * newest notice alone waits; of more incidents than {@value #MOST_WAITING}, those that call for
 * nobody go first. What the address does not take goes behind what was not tried.
 */
public final class Webhook implements Outlet, AutoCloseable {
  public static final int MOST_WAITING = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final String MAC = "HmacSHA256";

  private final WebhookOptions options;
  private final StateStore store;
  private final Clock clock;
  private final Duration limit;
  private final Duration firstWait;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Notice> told = new ConcurrentLinkedQueue<>();
  private final AtomicInteger toldCount = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> untold = new ConcurrentLinkedQueue<>();
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  /** Incidents that were over before anybody could be called. */
  private final Set<String> uncalled = new LinkedHashSet<>();

  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private volatile int length;
  private volatile boolean closed;
  private boolean failing;
  private int failures;

  /**
   * A notice that was not taken yet.
   *
   * @param notice its page says that somebody is still to be called, also while it is over
   * @param tries that failed
   * @param triedNanos when the last of them did
   */
  private record Waiting(Notice notice, int tries, long triedNanos) {
    /** What is told: for what is over nobody is called. */
    Notice told() {
      boolean over = notice.kind() == Notice.Kind.CLOSED;
      return new Notice(
          notice.kind(), notice.page() && !over, notice.incident(), notice.mergedInto());
    }

    boolean calls() {
      return told().page();
    }

    String key() {
      return IncidentDesk.outbox(notice);
    }
  }

  /** What was not tried, calls first; then what was tried the longest ago. */
  private static final Comparator<Waiting> TURN =
      Comparator.comparing((Waiting one) -> one.tries() > 0)
          .thenComparing(one -> one.tries() == 0 && !one.calls())
          .thenComparingLong(Waiting::triedNanos);

  public Webhook(WebhookOptions options, StateStore store, Clock clock) {
    this(options, store, clock, Duration.ofSeconds(10), Duration.ofSeconds(1));
  }

  /**
   * One of other patience.
   *
   * @param limit for each reading of an answer
   * @param firstWait before it is sent again; doubles each time
   */
  Webhook(
      WebhookOptions options, StateStore store, Clock clock, Duration limit, Duration firstWait) {
    this.options = options;
    this.store = store;
    this.clock = clock;
    this.limit = limit;
    this.firstWait = firstWait;
    this.thread = Threads.platform("webhook", this::run);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  @Override
  public boolean wants() {
    return true;
  }

  @Override
  public void tell(Notice notice) {
    if (toldCount.get() >= MOST_WAITING && !notice.page()) {
      dropped.incrementAndGet();
      untold.add(IncidentDesk.outbox(notice));
      LockSupport.unpark(thread);
      return;
    }
    toldCount.incrementAndGet();
    told.add(notice);
    LockSupport.unpark(thread);
  }

  /** How many incidents wait to be told. */
  public int waiting() {
    return length + toldCount.get();
  }

  public long delivered() {
    return delivered.get();
  }

  /** Attempts that failed. */
  public long failed() {
    return failed.get();
  }

  /** Notices that nobody will be told any more. */
  public long dropped() {
    return dropped.get();
  }

  // ---- the thread

  private void run() {
    while (!closed) {
      takeIn();
      Optional<Waiting> next = next();
      if (next.isEmpty()) {
        clock.parkUntil(clock.nanos() + idle());
      } else if (attempt(next.get())) {
        failures = 0;
      } else {
        failures++;
        sleep(wait(failures));
      }
    }
  }

  /** Before it is tried again after so many failures. */
  private Duration wait(int times) {
    Duration wait = firstWait;
    for (int i = 1; i < times && wait.compareTo(LONGEST_WAIT) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
  }

  /** How long it is until one that failed may be tried again. */
  private long leftNanos(Waiting one) {
    return one.tries() == 0
        ? 0
        : Math.max(0, one.triedNanos() + wait(one.tries()).toNanos() - clock.nanos());
  }

  private Optional<Waiting> next() {
    return waiting.values().stream().filter(one -> leftNanos(one) == 0).min(TURN);
  }

  private long idle() {
    return waiting.values().stream().mapToLong(this::leftNanos).reduce(IDLE.toNanos(), Math::min);
  }

  /** News wake the thread; they do not make it ask earlier. */
  private void sleep(Duration wait) {
    long until = clock.nanos() + wait.toNanos();
    while (!closed && until - clock.nanos() > 0) {
      takeIn();
      clock.parkUntil(until);
    }
  }

  private void takeIn() {
    Map<String, Op> ops = new LinkedHashMap<>();
    for (String key = untold.poll(); key != null; key = untold.poll()) {
      ops.put(key, new Op.Delete(key));
    }
    for (Notice next = told.poll(); next != null; next = told.poll()) {
      toldCount.decrementAndGet();
      take(next, ops);
    }
    submit(ops.values());
    int over = waiting.size() - MOST_WAITING;
    if (over > 0) {
      LOG.error("too many notices wait; some are dropped count={}", over);
    }
    for (int i = 0; i < over; i++) {
      dropOne();
    }
    length = waiting.size();
  }

  /** In the store stands what waits, and nothing that it stands for. */
  private void take(Notice next, Map<String, Op> ops) {
    String id = next.incident().id();
    boolean back = next.kind() != Notice.Kind.CLOSED && uncalled.remove(id);
    Notice now = back ? calling(next) : next;
    Waiting before = waiting.getOrDefault(id, new Waiting(now, 0, 0));
    Notice joined = joined(before.notice(), now);
    boolean calls = joined.page() && !before.notice().page();
    Waiting one =
        calls
            ? new Waiting(joined, 0, 0)
            : new Waiting(joined, before.tries(), before.triedNanos());
    waiting.put(id, one);
    for (String old : List.of(before.key(), IncidentDesk.outbox(next))) {
      if (!old.equals(one.key())) {
        ops.put(old, new Op.Delete(old));
      }
    }
    if (!joined.equals(next)) {
      IncidentJson.put(one.key(), joined).ifPresent(op -> ops.put(op.key(), op));
    }
  }

  private static Notice calling(Notice notice) {
    return new Notice(notice.kind(), true, notice.incident(), notice.mergedInto());
  }

  /** Of two of one incident the newer is told; who was to be called is still called. */
  private static Notice joined(Notice one, Notice other) {
    boolean rising = one.incident().revision() <= other.incident().revision();
    Notice old = rising ? one : other;
    Notice now = rising ? other : one;
    boolean opens = now.kind() == Notice.Kind.UPDATED && old.kind() != Notice.Kind.CLOSED;
    return new Notice(
        opens ? old.kind() : now.kind(),
        old.page() || now.page(),
        now.incident(),
        now.mergedInto());
  }

  private void dropOne() {
    Waiting least =
        waiting.values().stream()
            .filter(one -> !one.calls())
            .findFirst()
            .orElseGet(() -> waiting.values().iterator().next());
    dropped.incrementAndGet();
    done(least);
  }

  private void done(Waiting one) {
    waiting.remove(one.notice().incident().id());
    length = waiting.size();
    submit(List.of(new Op.Delete(one.key())));
  }

  /** It may come back as the same incident, and then somebody is called. */
  private void remember(Waiting one) {
    if (one.notice().page() && !one.calls()) {
      uncalled.add(one.notice().incident().id());
      if (uncalled.size() > MOST_WAITING) {
        uncalled.remove(uncalled.iterator().next());
      }
    }
  }

  private void submit(Collection<Op> ops) {
    List<Op> all = List.copyOf(ops);
    for (int i = 0; i < all.size(); i += Txn.MOST_OPS) {
      List<Op> some = all.subList(i, Math.min(all.size(), i + Txn.MOST_OPS));
      var _ =
          store
              .submit(new Txn(List.of(), some))
              .whenComplete((answer, failure) -> {
                if (failure != null) {
                  LOG.warn("the store does not take what was told; it may be told again");
                }
              });
    }
  }

  /** Whether the next may be sent. */
  private boolean attempt(Waiting one) {
    try {
      int status = send(one.told());
      if (status / 100 == 2) {
        delivered.incrementAndGet();
        if (failing) {
          LOG.info("the webhook takes notices again");
          failing = false;
        }
        remember(one);
        done(one);
        return true;
      }
      if (status == 400 || status == 413 || status == 422) {
        LOG.error("the webhook refuses a notice status={} id={}", status, one.notice().key());
        dropped.incrementAndGet();
        done(one);
        return true;
      }
      fail("it answers " + status);
    } catch (IOException | RuntimeException e) {
      fail(String.valueOf(e.getMessage()));
    }
    again(one);
    return false;
  }

  /** Written once more: the store may not have taken it when it was made. */
  private void again(Waiting one) {
    waiting.put(
        one.notice().incident().id(), new Waiting(one.notice(), one.tries() + 1, clock.nanos()));
    IncidentJson.put(one.key(), one.notice()).ifPresent(op -> submit(List.of(op)));
  }

  private void fail(String why) {
    failed.incrementAndGet();
    if (!failing) {
      LOG.warn("the webhook takes no notices; they wait: {}", why);
      failing = true;
    }
  }

  private int send(Notice notice) throws IOException {
    byte[] body = WebhookBody.of(notice);
    String at = Long.toString(clock.wall().getEpochSecond());
    HttpURLConnection connection = (HttpURLConnection) options.url().toURL().openConnection();
    try {
      connection.setInstanceFollowRedirects(false); // to the configured address and no other
      connection.setUseCaches(false);
      connection.setConnectTimeout((int) limit.toMillis());
      connection.setReadTimeout((int) limit.toMillis());
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setRequestProperty("User-Agent", "millwright-collector");
      connection.setRequestProperty("Idempotency-Key", notice.key());
      connection.setRequestProperty("Millwright-Timestamp", at);
      connection.setRequestProperty("Millwright-Signature", signature(options.secret(), at, body));
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  /** {@code sha256=} and HMAC-SHA256, in hex, of the timestamp, a full stop and the body. */
  static String signature(byte[] secret, String at, byte[] body) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret, MAC));
      mac.update((at + ".").getBytes(StandardCharsets.UTF_8));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + MAC, e);
    }
  }
}
