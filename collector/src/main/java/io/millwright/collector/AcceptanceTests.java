package io.millwright.collector;

import io.millwright.collector.acceptance.TestSource;
import io.millwright.collector.control.EvidenceDesk;
import io.millwright.collector.control.EvidenceOrder;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.TestRecord;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The site's tests that acceptance waits for, from the desk that orders them of the nodes.
 *
 * <p><i>Threading:</i> any thread, but for {@link #from} before any is started.
 */
final class AcceptanceTests implements TestSource {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptanceTests.class);
  private static final String POLICY = "policy";

  private Optional<EvidenceDesk> desk = Optional.empty();

  /** The desk, which is made when the single writer is, and so later than this. */
  void from(EvidenceDesk made) {
    desk = Optional.of(made);
  }

  @Override
  public String latest() {
    return desk.map(EvidenceDesk::latest).orElse("");
  }

  @Override
  public Optional<Run> newest(String node, String test) {
    return desk.flatMap(one ->
        one.orders(node).stream()
            .filter(order -> order.test().equals(test))
            .findFirst()
            .map(AcceptanceTests::run));
  }

  private static Run run(EvidenceOrder order) {
    return switch (order.state()) {
      case EvidenceOrder.State.Asked() ->
          new Run(order.id(), order.atMs(), Result.RUNNING, order.test());
      case EvidenceOrder.State.Failed(String why) ->
          new Run(order.id(), order.atMs(), Result.CANNOT_TELL, why);
      case EvidenceOrder.State.Unanswered(String why) ->
          new Run(order.id(), order.atMs(), Result.CANNOT_TELL, why);
      case EvidenceOrder.State.Ready(EvidenceBody body) ->
          body.test()
              .map(record -> run(order, record))
              .orElseGet(() ->
                  new Run(
                      order.id(),
                      order.atMs(),
                      Result.CANNOT_TELL,
                      "the node sent no record of the test"));
    };
  }

  private static Run run(EvidenceOrder order, TestRecord record) {
    Result result =
        switch (record.result()) {
          case PASS -> Result.PASSED;
          case FAIL -> Result.FAILED;
          case CANNOT_TELL -> Result.CANNOT_TELL;
        };
    return new Run(
        order.id(),
        order.atMs(),
        result,
        "%s: %s (%s)".formatted(record.name(), record.result().word(), record.why()));
  }

  @Override
  public void begin(String node, String test, String reason) {
    desk.ifPresent(one -> {
      var _ =
          one.begin(POLICY, node, reason, "", test, false)
              .whenComplete((_, failure) -> {
                if (failure != null) {
                  LOG.warn("the test of an acceptance could not be ordered node={}", node, failure);
                }
              });
    });
  }
}
