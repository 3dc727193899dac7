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
 * <i>Failure:</i> an order that comes to nothing is given again after half a minute, as long as
 * policy asks.
 */
final class PolicyEvidence implements EvidenceSource {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyEvidence.class);
  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final int MOST = 10_000;

  private final Clock clock;

  /** When a node's evidence was last ordered, by the monotonic clock in ns. */
  private final Map<String, Long> ordered = new HashMap<>();

  private Optional<EvidenceDesk> desk = Optional.empty();

  PolicyEvidence(Clock clock) {
    this.clock = clock;
  }

  /** The desk, which is made when the single writer is, and so later than this. */
  void from(EvidenceDesk made) {
    desk = Optional.of(made);
  }

  @Override
  public void want(String node, String why, long sinceMs) {
    long now = clock.nanos();
    Long last = ordered.get(node);
    boolean waits = last != null && now - last < AGAIN.toNanos();
    if (waits || isUnderWay(node) || ready(node, sinceMs) instanceof Readiness.Ready) {
      return;
    }
    if (ordered.size() >= MOST) {
      ordered.values().removeIf(at -> now - at >= AGAIN.toNanos());
    }
    ordered.put(node, now);
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
              case EvidenceOrder.State.Ready(var body) ->
                  body.refusal().orElse("the node sent no bundle");
            })
        .orElse("it was not captured yet");
  }
}
