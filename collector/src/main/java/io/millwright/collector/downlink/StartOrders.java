package io.millwright.collector.downlink;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderKeys;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Signs the starts that nodes are sent, anew each time.
 *
 * <p><i>Threading:</i> any thread; immutable.
 */
public final class StartOrders {
  private final Optional<OrderSigner> signer;
  private final String store;
  private final Clock clock;

  /**
   * @param signer empty where the collector has no key to sign with
   * @param store the id of the collector's store
   */
  public StartOrders(Optional<OrderSigner> signer, String store, Clock clock) {
    this.signer = signer;
    this.store = store;
    this.clock = clock;
  }

  /** Of a collector that signs nothing. */
  public static StartOrders none(Clock clock) {
    return new StartOrders(Optional.empty(), "", clock);
  }

  /** An order for each of these; none where there is no key. */
  Map<RunId, StartOrder> of(List<Assignment> assignments) {
    Map<RunId, StartOrder> orders = new HashMap<>();
    if (signer.isPresent()) {
      long notAfter = clock.wall().plus(OrderKeys.GOOD_FOR).getEpochSecond();
      for (Assignment assignment : assignments) {
        orders.put(assignment.id(), signer.get().sign(assignment, store, notAfter));
      }
    }
    return orders;
  }
}
