package io.millwright.collector.silences;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an Alertmanager's silences like the windows of maintenance.
 *
 * <p><i>Lifecycle:</i> {@link #start} and {@link #close} once. <i>Threading:</i> the thread {@code
 * silences}; {@link #up} from any. <i>Failure:</i> an Alertmanager that does not answer is tried
 * again at the next look, ten seconds later; nobody else waits for it.
 */
public final class SilenceMirror implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SilenceMirror.class);
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final Alertmanager alertmanager;
  private final Supplier<List<Silence>> wanted;
  private final Clock clock;
  private final Thread thread;
  private volatile Optional<Boolean> up = Optional.empty();
  private volatile boolean closed;

  /**
   * @param store id of the store whose windows are mirrored; silences of another are left alone
   * @param wanted what is to be held back, of windows that have not ended
   */
  public SilenceMirror(
      URI alertmanager, String store, Supplier<List<Silence>> wanted, Clock clock) {
    this.alertmanager = new Alertmanager(usable(alertmanager), store);
    this.wanted = wanted;
    this.clock = clock;
    this.thread = Threads.platform("silences", this::run);
  }

  /**
   * The address of an Alertmanager.
   *
   * @throws IllegalArgumentException where it is none; one sentence
   */
  public static URI address(String given) {
    try {
      return usable(new URI(given));
    } catch (URISyntaxException none) {
      throw new IllegalArgumentException(refused(given), none);
    }
  }

  private static String refused(String given) {
    return "--alertmanager: '%s' is refused; allowed is an address such as http://127.0.0.1:9093"
        .formatted(given.replaceAll("//.*@", "//…@"));
  }

  private static URI usable(URI alertmanager) {
    if (!List.of("http", "https").contains(String.valueOf(alertmanager.getScheme()))
        || alertmanager.getHost() == null
        || alertmanager.getRawQuery() != null) {
      throw new IllegalArgumentException(refused(alertmanager.toString()));
    }
    return alertmanager;
  }

  public void start() {
    thread.start();
  }

  /** Whether the last look succeeded; empty before the first. */
  public Optional<Boolean> up() {
    return up;
  }

  private void run() {
    while (!closed) {
      look();
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
    }
  }

  private void look() {
    try {
      mirror();
      if (!up.equals(Optional.of(true))) {
        LOG.info("windows of maintenance are mirrored as silences");
      }
      up = Optional.of(true);
    } catch (IOException | RuntimeException e) {
      if (!up.equals(Optional.of(false))) {
        LOG.warn(
            "windows of maintenance are not mirrored: {}; tried again every 10 s", e.getMessage());
      }
      up = Optional.of(false);
    }
  }

  /** Makes up the difference between what should be and what is. */
  void mirror() throws IOException {
    Map<String, Silence> missing = new HashMap<>();
    wanted.get().forEach(silence -> missing.put(silence.window(), silence));
    for (Map.Entry<String, Silence> there : alertmanager.ours().entrySet()) {
      Silence should = missing.remove(there.getValue().window());
      if (should == null) { // its window has ended, or it is there twice
        alertmanager.expire(there.getKey());
      } else if (!should.sameAs(there.getValue())) {
        alertmanager.put(Optional.of(there.getKey()), startable(should, there.getValue()));
      }
    }
    for (Silence silence : missing.values()) {
      alertmanager.put(Optional.empty(), startable(silence));
    }
  }

  /** A silence that has begun keeps its beginning; Alertmanager makes a new one otherwise. */
  private static Silence startable(Silence should, Silence there) {
    return new Silence(
        should.window(),
        should.nodes(),
        there.start(),
        should.end(),
        should.by(),
        should.comment());
  }

  private Silence startable(Silence silence) {
    Instant now = clock.wall();
    return silence.start().isBefore(now)
        ? new Silence(
            silence.window(), silence.nodes(), now, silence.end(), silence.by(), silence.comment())
        : silence;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
