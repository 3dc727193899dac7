package io.millwright.collector;

import io.millwright.collector.control.EvidenceDesk;
import io.millwright.collector.control.EvidenceOrder;
import io.millwright.collector.operations.EvidenceSource;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evidence that policy waits for, from the desk that wants it of the nodes.
 *
 * <p><i>Threading:</i> the thread {@code control}, but for {@link #from} before it is started.
 * <i>Failure:</i> an order that comes to nothing is given again after half a minute, then after
 * twice as long each time, up to an hour, and ten times in all for what began at the same time.
 */
final class PolicyEvidence implements EvidenceSource {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyEvidence.class);
  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int MOST_TRIES = 10;
  private static final int MOST = 10_000;

  private final Clock clock;

  /** By node. */
  private final Map<String, Tries> tried = new HashMap<>();

  private Optional<EvidenceDesk> desk = Optional.empty();

  PolicyEvidence(Clock clock) {
    this.clock = clock;
  }

  /**
   * How often evidence was ordered in vain.
   *
   * @param sinceMs what is older is of no use; what is wanted since earlier is served by it too
   * @param nextNanos when it may be ordered again, by the monotonic clock
   */
  private record Tries(long sinceMs, int count, long nextNanos) {
    boolean serves(long since) {
      return since <= sinceMs;
    }

    Tries again(long now) {
      long wait = Math.min(LONGEST.toNanos(), AGAIN.toNanos() << count);
      return new Tries(sinceMs, count + 1, now + wait);
    }
  }

  /** The desk, which is made when the single writer is, and so later than this. */
  void from(EvidenceDesk made) {
    desk = Optional.of(made);
  }

  @Override
  public void want(String node, String why, long sinceMs) {
    long now = clock.nanos();
    Tries tries =
        Optional.ofNullable(tried.get(node))
            .filter(before -> before.serves(sinceMs))
            .orElseGet(() -> new Tries(sinceMs, 0, now));
    boolean rests = tries.count() >= MOST_TRIES || now - tries.nextNanos() < 0;
    if (rests || isUnderWay(node) || ready(node, sinceMs) instanceof Readiness.Ready) {
      return;
    }
    if (tried.size() >= MOST) {
      tried.values().removeIf(before -> now - before.nextNanos() >= 0);
    }
    tried.put(node, tries.again(now));
    desk.ifPresent(one -> order(one, node, why));
  }

  private static void order(EvidenceDesk desk, String node, String why) {
    var _ =
        desk.capture(node, why, "")
            .whenComplete((_, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "evidence that policy waits for could not be ordered node={}", node, failure);
              }
            });
  }

  private boolean isUnderWay(String node) {
    return orders(node).stream()
        .filter(order -> order.test().isEmpty())
        .findFirst()
        .filter(order -> order.state() instanceof EvidenceOrder.State.Asked)
        .isPresent();
  }

  private List<EvidenceOrder> orders(String node) {
    return desk.map(one -> one.orders(node)).orElse(List.of());
  }

  @Override
  public Readiness ready(String node, long sinceMs) {
    return orders(node).stream()
        .filter(order -> order.hasBundle() && order.atMs() >= sinceMs)
        .findFirst()
        .<Readiness>map(order -> new Readiness.Ready(order.id()))
        .orElseGet(() -> new Readiness.Missing(missing(node, sinceMs)));
  }

  private String missing(String node, long sinceMs) {
    return orders(node).stream()
        .filter(order -> order.test().isEmpty() && order.atMs() >= sinceMs)
        .findFirst()
        .map(order ->
            switch (order.state()) {
              case EvidenceOrder.State.Asked() -> "the node has not answered yet";
              case EvidenceOrder.State.Failed(String why) -> why;
              case EvidenceOrder.State.Unanswered(String why) -> why;
              case EvidenceOrder.State.Ready(var body) ->
                  body.refusal().orElse("the node sent no bundle");
            })
        .orElse("it was not captured yet");
  }
}
