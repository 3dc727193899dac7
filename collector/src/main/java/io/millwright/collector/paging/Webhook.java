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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * nobody go first.
 */
public final class Webhook implements Outlet, AutoCloseable {
  static final int MOST_WAITING = 1000;

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
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private volatile int length;
  private volatile boolean closed;
  private boolean failing;

  /**
   * A notice that was not taken yet.
   *
   * @param keys of the store, under which it and those before it stand
   */
  private record Waiting(Notice notice, List<String> keys) {
    Waiting {
      keys = List.copyOf(keys);
    }
  }

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
    Duration wait = firstWait;
    while (!closed) {
      takeIn();
      if (waiting.isEmpty()) {
        clock.parkUntil(clock.nanos() + IDLE.toNanos());
        continue;
      }
      if (attempt(waiting.values().iterator().next())) {
        wait = firstWait;
        continue;
      }
      sleep(wait);
      Duration twice = wait.multipliedBy(2);
      wait = twice.compareTo(LONGEST_WAIT) < 0 ? twice : LONGEST_WAIT;
    }
  }

  /** News wake the thread; they do not make it ask earlier. */
  private void sleep(Duration wait) {
    long until = clock.nanos() + wait.toNanos();
    while (!closed && until - clock.nanos() > 0) {
      clock.parkUntil(until);
    }
  }

  private void takeIn() {
    for (Notice next = told.poll(); next != null; next = told.poll()) {
      toldCount.decrementAndGet();
      Notice newest = next;
      waiting.merge(
          next.incident().id(),
          new Waiting(next, List.of(IncidentDesk.outbox(next))),
          (before, now) -> joined(before, newest));
    }
    int over = waiting.size() - MOST_WAITING;
    if (over > 0) {
      LOG.error("too many notices wait; some are dropped count={}", over);
    }
    for (int i = 0; i < over; i++) {
      dropOne();
    }
    length = waiting.size();
  }

  /** Of two of one incident the newer is told; who was to be called is still called. */
  private static Waiting joined(Waiting before, Notice now) {
    Notice old = before.notice();
    List<String> keys = new ArrayList<>(before.keys());
    keys.add(IncidentDesk.outbox(now));
    if (now.incident().revision() < old.incident().revision()) {
      return new Waiting(old, keys);
    }
    boolean opens = now.kind() == Notice.Kind.UPDATED && old.kind() != Notice.Kind.CLOSED;
    boolean over = now.kind() == Notice.Kind.CLOSED;
    return new Waiting(
        new Notice(
            opens ? old.kind() : now.kind(), !over && (old.page() || now.page()), now.incident()),
        keys);
  }

  private void dropOne() {
    Waiting least =
        waiting.values().stream()
            .filter(one -> !one.notice().page())
            .findFirst()
            .orElseGet(() -> waiting.values().iterator().next());
    dropped.incrementAndGet();
    done(least);
  }

  private void done(Waiting one) {
    waiting.remove(one.notice().incident().id());
    length = waiting.size();
    for (int i = 0; i < one.keys().size(); i += Txn.MOST_OPS) {
      List<String> some = one.keys().subList(i, Math.min(one.keys().size(), i + Txn.MOST_OPS));
      List<Op> deletes = some.stream().distinct().map(key -> (Op) new Op.Delete(key)).toList();
      var _ =
          store
              .submit(new Txn(List.of(), deletes))
              .whenComplete((answer, failure) -> {
                if (failure != null) {
                  LOG.warn("a notice that was told stays in the store and may be told again");
                }
              });
    }
  }

  /** Whether the next may be sent. */
  private boolean attempt(Waiting one) {
    try {
      int status = send(one.notice());
      if (status / 100 == 2) {
        delivered.incrementAndGet();
        if (failing) {
          LOG.info("the webhook takes notices again");
          failing = false;
        }
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
    return false;
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
