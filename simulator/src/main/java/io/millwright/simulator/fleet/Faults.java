package io.millwright.simulator.fleet;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What breaks in the fleet and mends again, and which nodes go and come back, by a seed: a device
 * is lost, power falls, an Xid is told, in turn, at even distances.
 *
 * <p><i>Threading:</i> the thread {@code fleet}.
 */
final class Faults {
  private static final long MINUTE = 60_000_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final int LEAST_SECONDS = 20;
  private static final int LEAST_AWAY_SECONDS = 5;
  private static final int SPREAD_SECONDS = 20;

  private final List<FleetNode> nodes;
  private final RandomGenerator random;
  private final long faultEvery;
  private final long churnEvery;
  private final List<Standing> standing = new ArrayList<>();
  private long nextFault;
  private long nextChurn;
  private int begun;
  private int gone;

  /** One that has not ended. */
  private record Standing(FleetNode node, Runnable end, long endNanos) {}

  /**
   * @param nowNanos from which on time counts
   */
  Faults(List<FleetNode> nodes, FleetOptions options, RandomGenerator random, long nowNanos) {
    this.nodes = nodes;
    this.random = random;
    this.faultEvery = every(options.faultsAMinute());
    this.churnEvery = every(options.churnAMinute());
    this.nextFault = nowNanos + faultEvery;
    this.nextChurn = nowNanos + churnEvery;
  }

  private static long every(int aMinute) {
    return aMinute == 0 ? Long.MAX_VALUE / 4 : MINUTE / aMinute;
  }

  /** How many have begun. */
  int begun() {
    return begun;
  }

  /** How often a node has gone. */
  int gone() {
    return gone;
  }

  void look(long nowNanos) {
    end(nowNanos);
    while (nowNanos - nextFault >= 0) {
      nextFault += faultEvery;
      begin(nowNanos);
    }
    while (nowNanos - nextChurn >= 0) {
      nextChurn += churnEvery;
      FleetNode node = any();
      if (node.present()) {
        node.go(nowNanos + seconds(LEAST_AWAY_SECONDS));
        gone++;
      }
    }
  }

  private void end(long nowNanos) {
    Iterator<Standing> all = standing.iterator();
    while (all.hasNext()) {
      Standing one = all.next();
      if (nowNanos - one.endNanos() >= 0) {
        all.remove();
        one.end().run();
      }
    }
  }

  private void begin(long nowNanos) {
    FleetNode node = any();
    int device = random.nextInt(ModelSeries.DEVICES);
    boolean taken = standing.stream().anyMatch(one -> one.node() == node);
    int kind = begun % 3;
    begun++;
    if (kind == 2 || taken) {
      node.xid(device, ModelSeries.XIDS.get(random.nextInt(ModelSeries.XIDS.size())));
      return;
    }
    Runnable end = kind == 0 ? () -> node.lose(device, false) : () -> node.model().fall(false);
    if (kind == 0) {
      node.lose(device, true);
    } else {
      node.model().fall(true);
    }
    standing.add(new Standing(node, end, nowNanos + seconds(LEAST_SECONDS)));
  }

  private FleetNode any() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private long seconds(int least) {
    return (least + random.nextInt(SPREAD_SECONDS)) * SECOND;
  }
}
