package io.millwright.protocol.orders;

import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The keys whose orders a node takes: one, or two while one takes the other's place.
 *
 * @param keys at least one
 */
public record OrderKeys(List<OrderKey> keys) {
  public static final int MOST = 2;

  /** From its signing: longer than checks before a job may take, and than a node takes to begin. */
  public static final Duration GOOD_FOR = Duration.ofHours(4);

  /** By how much the clocks of collector and node may differ. */
  public static final Duration ALLOWANCE = Duration.ofMinutes(5);

  public OrderKeys {
    keys = List.copyOf(keys);
    if (keys.isEmpty() || keys.size() > MOST) {
      throw new IllegalArgumentException(
          "%d keys are refused; allowed are 1 to %d".formatted(keys.size(), MOST));
    }
  }

  /** What an order is worth here. */
  public sealed interface Judgement {
    /** One of the keys signed it for this node, and its time is now; this is what it wants. */
    record Good(Assignment assignment) implements Judgement {}

    /** It begins nothing, and why in one sentence. */
    record Bad(String sentence) implements Judgement {}
  }

  /**
   * Judges an order.
   *
   * @param node the name of this node
   * @param now by this node's wall clock
   */
  public Judgement judge(StartOrder order, String node, Instant now) {
    Optional<OrderKey> signer =
        keys.stream().filter(key -> key.id().equals(order.key())).findFirst();
    if (signer.isEmpty()) {
      return bad(
          "key %s is unknown here, known are %s; pin that key, or let the collector sign with one of these"
              .formatted(order.key(), keys.stream().map(OrderKey::id).toList()));
    }
    return switch (unchecked(order)) {
      case Judgement.Bad unreadable -> unreadable;
      case Judgement.Good(Assignment wanted) -> judge(order, wanted, signer.get(), node, now);
    };
  }

  private static Judgement judge(
      StartOrder order, Assignment wanted, OrderKey signer, String node, Instant now) {
    byte[] message = StartText.of(order.assignment(), wanted, order.store(), order.notAfter());
    if (!signer.signed(message, Base64.getDecoder().decode(order.signature()))) {
      return bad(
          "run %s is not what key %s signed: the job or the order was changed behind the collector"
              .formatted(wanted.id().text(), order.key()));
    }
    if (!wanted.node().equals(node)) {
      return bad("it is of node '%s', and this is '%s'".formatted(wanted.node(), node));
    }
    Instant notAfter = Instant.ofEpochSecond(order.notAfter());
    if (now.isAfter(notAfter.plus(ALLOWANCE))) {
      return bad(
          "it was good until %s, and this node's clock says %s; set the clock, or submit the job again"
              .formatted(notAfter, now));
    }
    if (notAfter.isAfter(now.plus(GOOD_FOR).plus(ALLOWANCE))) {
      return bad(
          "it is good until %s, and this node's clock says %s; allowed are %d hours from its signing: set the clocks of this node and of the collector"
              .formatted(notAfter, now, GOOD_FOR.toHours()));
    }
    return new Judgement.Good(wanted);
  }

  /** What an order wants, for who has no key to know it by: nobody's signature was looked at. */
  public static Judgement unchecked(StartOrder order) {
    try {
      return new Judgement.Good(
          JobJson.assignment(order.assignment().getBytes(StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException unreadable) {
      return bad("what was signed cannot be read: " + unreadable.getMessage());
    }
  }

  private static Judgement bad(String why) {
    return new Judgement.Bad("order: " + why);
  }
}
