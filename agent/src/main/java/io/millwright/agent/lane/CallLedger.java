package io.millwright.agent.lane;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Duration and return code of each native call, by function, over all lanes of a vendor.
 *
 * <p><i>Threading:</i> lanes count, any thread takes the accounts; without locks, and without
 * garbage but for the first call of a function. <i>Failure:</i> functions beyond {@value #MOST}
 * share one account, {@code other}.
 */
public final class CallLedger implements CallTally {
  /**
   * Upper bounds of the buckets in seconds. A cheap call takes some microseconds, the worst that
   * are known to return some milliseconds (nvml.md 8); what comes after is trouble.
   */
  private static final double[] BOUNDS = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1};

  private static final long[] BOUNDS_NANOS =
      Arrays.stream(BOUNDS).mapToLong(bound -> Math.round(bound * 1e9)).toArray();

  private static final int MOST = 192;
  private static final int PLACES = 256; // a power of two, larger than MOST
  private static final int CODES = 31;
  private static final int UNKNOWN_ERROR = 999;
  private static final int UNKNOWN_SLOT = CODES;
  private static final int OTHER_SLOT = CODES + 1;
  private static final int RESULTS = BOUNDS.length + 1;
  private static final int NANOS = RESULTS + CODES + 2;

  private final AtomicReferenceArray<@Nullable Account> accounts =
      new AtomicReferenceArray<>(PLACES);
  private final Account others = new Account("other");
  private int used;

  /** The counts of one function: buckets, then results, then the sum of durations. */
  private record Account(String call, AtomicLongArray counts) {
    Account(String call) {
      this(call, new AtomicLongArray(NANOS + 1));
    }
  }

  /**
   * What was counted of one function.
   *
   * @param buckets calls by duration, not cumulative: one for each bound, and one beyond
   * @param seconds the sum of durations
   * @param results calls by return code; those that no code up to 30 is known for are 999, and −1
   *     stands for any other
   */
  public record Counted(
      String call, List<Long> buckets, double seconds, Map<Integer, Long> results) {
    public Counted {
      buckets = List.copyOf(buckets);
      results = Map.copyOf(results);
    }
  }

  /** Upper bounds of {@link Counted#buckets} in seconds. */
  public static double[] bounds() {
    return BOUNDS.clone();
  }

  @Override
  public void count(String call, int code, long nanos) {
    AtomicLongArray counts = account(call).counts();
    counts.getAndIncrement(bucket(nanos));
    counts.getAndIncrement(RESULTS + slot(code));
    counts.getAndAdd(NANOS, nanos);
  }

  private static int bucket(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  private static int slot(int code) {
    if (code >= 0 && code < CODES) {
      return code;
    }
    return code == UNKNOWN_ERROR ? UNKNOWN_SLOT : OTHER_SLOT;
  }

  private Account account(String call) {
    for (int i = call.hashCode(); ; i++) {
      Account found = accounts.getAcquire(i & PLACES - 1);
      if (found == null) {
        return opened(call);
      }
      if (found.call().equals(call)) {
        return found;
      }
    }
  }

  private synchronized Account opened(String call) {
    for (int i = call.hashCode(); ; i++) {
      Account found = accounts.getAcquire(i & PLACES - 1);
      if (found != null && found.call().equals(call)) {
        return found;
      }
      if (found == null && used == MOST) {
        return others;
      }
      if (found == null) {
        Account opened = new Account(call);
        accounts.setRelease(i & PLACES - 1, opened);
        used++;
        return opened;
      }
    }
  }

  /** The accounts of all functions that were called, by name. */
  public List<Counted> counted() {
    List<Counted> counted = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      Account account = accounts.getAcquire(i);
      if (account != null) {
        counted.add(counted(account));
      }
    }
    Counted rest = counted(others);
    if (!rest.results().isEmpty()) {
      counted.add(rest);
    }
    counted.sort((a, b) -> a.call().compareTo(b.call()));
    return counted;
  }

  private static Counted counted(Account account) {
    AtomicLongArray counts = account.counts();
    List<Long> buckets = new ArrayList<>();
    for (int i = 0; i <= BOUNDS.length; i++) {
      buckets.add(counts.get(i));
    }
    Map<Integer, Long> results = new LinkedHashMap<>();
    for (int slot = 0; slot <= OTHER_SLOT; slot++) {
      long calls = counts.get(RESULTS + slot);
      if (calls > 0) {
        results.put(code(slot), calls);
      }
    }
    return new Counted(account.call(), buckets, counts.get(NANOS) / 1e9, results);
  }

  private static int code(int slot) {
    if (slot == OTHER_SLOT) {
      return -1;
    }
    return slot == UNKNOWN_SLOT ? UNKNOWN_ERROR : slot;
  }
}
