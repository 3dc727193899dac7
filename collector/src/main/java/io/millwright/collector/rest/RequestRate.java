package io.millwright.collector.rest;

import io.millwright.protocol.clock.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often one token, or one address without a token, may ask: so many requests a second, and
 * twice that at once after a pause (a token bucket).
 *
 * <p><i>Threading:</i> the thread {@code rest}; {@link #refused} from any. <i>Failure:</i> none. Of
 * more callers than it knows apart the one that was silent longest begins anew.
 */
public final class RequestRate {
  /** Requests a second, where the site says nothing. */
  public static final int USUAL = 200;

  public static final int MOST = 10_000;
  private static final Logger LOG = LoggerFactory.getLogger(RequestRate.class);
  private static final int SECONDS_AT_ONCE = 2;
  private static final int MOST_CALLERS = 4096;
  private static final double NANOS = 1e9;

  private final int perSecond;
  private final Clock clock;
  private final AtomicLong refused = new AtomicLong();
  private final Map<String, Bucket> callers =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST_CALLERS;
        }
      };

  /** What one caller may still ask. */
  private static final class Bucket {
    private double left;
    private long nanos;
    private boolean said;

    Bucket(double left, long nanos) {
      this.left = left;
      this.nanos = nanos;
    }
  }

  /**
   * @param perSecond requests of one caller, from 1
   */
  public RequestRate(int perSecond, Clock clock) {
    this.perSecond = perSecond;
    this.clock = clock;
  }

  /**
   * Counts one request.
   *
   * @param caller words for whoever asks, as in {@code the token of ann}
   * @return seconds after which to ask again, at least 1; empty where it may be answered
   */
  OptionalInt wait(String caller) {
    long now = clock.nanos();
    double most = (double) perSecond * SECONDS_AT_ONCE;
    Bucket bucket = callers.computeIfAbsent(caller, first -> new Bucket(most, now));
    bucket.left = Math.min(most, bucket.left + (now - bucket.nanos) / NANOS * perSecond);
    bucket.nanos = now;
    if (bucket.left >= 1) {
      bucket.left--;
      bucket.said &= bucket.left < perSecond;
      return OptionalInt.empty();
    }
    refused.incrementAndGet();
    if (!bucket.said) {
      bucket.said = true; // once, until it has been quiet for a while
      LOG.warn("requests are refused caller={} per_second={}", caller, perSecond);
    }
    return OptionalInt.of(1);
  }

  /** Requests a second. */
  int perSecond() {
    return perSecond;
  }

  /** Requests that were refused, since the start. */
  public long refused() {
    return refused.get();
  }
}
