package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Pinned;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.orders.OrderKey;
import io.millwright.protocol.orders.OrderKeys;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a start is the collector's own: what root pinned is read anew at each. That an order is
 * used once is the ledger's affair.
 *
 * <p><i>Threading:</i> any thread.
 *
 * @param orders the directory of {@link Pinned}
 */
record Seal(Path orders, Clock clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Seal.class);

  /** What the collector wants begun; of an order, what was signed and nothing else. */
  Assignment opened(Verb.Begin start, Policy policy) throws Refusal {
    return switch (Pinned.read(orders)) {
      case Pinned.Unusable(String why) ->
          good(new OrderKeys.Judgement.Bad("order: no start is taken here: " + why));
      case Pinned.Nobody() -> unchecked(start, policy);
      case Pinned.By by -> checked(start, by);
    };
  }

  private Assignment unchecked(Verb.Begin start, Policy policy) throws Refusal {
    if (policy.signedStarts()) {
      throw new Refusal(
          "order: signed_starts of this node's policy is required, and no key is pinned in %s; put the collector's there ('millwright-collector ca orders-key' prints it)"
              .formatted(orders));
    }
    return switch (start) {
      case Verb.Start(Assignment assignment) -> assignment;
      case Verb.StartSigned(StartOrder order) -> good(OrderKeys.unchecked(order));
    };
  }

  private static Assignment good(OrderKeys.Judgement judgement) throws Refusal {
    return switch (judgement) {
      case OrderKeys.Judgement.Good(Assignment wanted) -> wanted;
      case OrderKeys.Judgement.Bad(String why) -> {
        // What an agent that is not its own master would send: it stands in the log of root's.
        LOG.warn("a start is refused why={}", why);
        throw new Refusal(why);
      }
    };
  }

  private Assignment checked(Verb.Begin start, Pinned.By by) throws Refusal {
    return switch (start) {
      case Verb.Start(Assignment assignment) ->
          good(
              new OrderKeys.Judgement.Bad(
                  "order: the start of run %s carries no signature, and a key is pinned in %s; its agent is older or has lost the order (see its log), or the collector has no key ('millwright-collector ca orders-key' makes it)"
                      .formatted(assignment.id().text(), orders)));
      case Verb.StartSigned(StartOrder order) -> {
        Assignment wanted = good(by.keys().judge(order, by.node(), clock.wall()));
        LOG.info(
            "a start is signed run={} key={} store={} not_after={}",
            wanted.id().text(),
            order.key(),
            order.store(),
            order.notAfter());
        yield wanted;
      }
    };
  }

  /** In words, for the log. */
  static String words(Pinned pinned) {
    return switch (pinned) {
      case Pinned.Nobody() -> "unsigned";
      case Pinned.By by ->
          "signed for %s by %s"
              .formatted(by.node(), by.keys().keys().stream().map(OrderKey::id).toList());
      case Pinned.Unusable(String why) -> "refused: " + why;
    };
  }
}
