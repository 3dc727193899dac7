package io.millwright.collector.scheduler;

import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Of how many nodes the scheduler may be told within an hour that they are out.
 *
 * <p>A node counts from before its first try, whatever comes of it, and from the end of the try
 * that went well. What a dry run counted does not count for one that acts, and the other way.
 *
 * <p><i>Threading:</i> the desk's. <i>Failure:</i> a record that cannot be read is left as it is,
 * and does not count.
 */
final class Allowance {
  /** Where it stands in the store. */
  static final String BEGUN = "/mw/scheduler-begun/";

  private static final Logger LOG = LoggerFactory.getLogger(Allowance.class);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int MOST_CLEARED = 32;

  private final int perHour;
  private final Clock clock;
  private final Map<String, Long> begunNanos = new TreeMap<>();

  /** Reads what was begun before. */
  Allowance(int perHour, boolean dry, StateStore store, Clock clock) {
    this.perHour = perHour;
    this.clock = clock;
    for (Versioned kept : store.range(BEGUN).values()) {
      try {
        Withdrawn begun = Withdrawn.of(kept.value());
        long age = clock.wall().toEpochMilli() - begun.atMs();
        long counted = begun.dry() == dry ? Math.clamp(age, 0, HOUR.toMillis()) : HOUR.toMillis();
        begunNanos.put(begun.node(), clock.nanos() - Duration.ofMillis(counted).toNanos());
      } catch (IllegalArgumentException e) {
        LOG.warn("a node that was begun with cannot be read key={}", kept.key(), e);
      }
    }
  }

  /** Whether the node counts now. */
  boolean counts(String node) {
    Long since = begunNanos.get(node);
    return since != null && clock.nanos() - since < HOUR.toNanos();
  }

  /** Whether the node counts, or one more may. */
  boolean allows(String node) {
    return counts(node) || begunNanos.keySet().stream().filter(this::counts).count() < perHour;
  }

  /** What is to be written down for the node to count from now; of what is over some goes too. */
  List<Op> counting(Withdrawn begun) {
    List<Op> ops = new ArrayList<>();
    begunNanos.keySet().stream()
        .filter(node -> !counts(node) && !node.equals(begun.node()))
        .limit(MOST_CLEARED)
        .forEach(node -> ops.add(new Op.Delete(BEGUN + node)));
    ops.add(new Op.Put(BEGUN + begun.node(), begun.json()));
    return ops;
  }

  /** That was written down. */
  void counted(String node, List<Op> written) {
    for (Op op : written) {
      if (op instanceof Op.Delete(String key)) {
        begunNanos.remove(key.substring(BEGUN.length()));
      }
    }
    begunNanos.put(node, clock.nanos());
  }
}
