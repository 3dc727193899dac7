package io.millwright.collector.downlink;

import io.millwright.protocol.bodies.PowerBody;
import java.util.concurrent.CompletableFuture;

/** What came of an order to a node. */
public sealed interface PowerReply {

  /** The node answered. */
  record Answered(PowerBody body) implements PowerReply {}

  /** It cannot be asked now; nothing was sent. */
  record Away(String sentence) implements PowerReply {}

  /** Its agent sets no power limits; nothing was sent. */
  record Declined(String sentence) implements PowerReply {}

  /**
   * It was asked and has not answered: it may have done it.
   *
   * @param late done if it answers after all while its session lasts
   */
  record Unanswered(String sentence, CompletableFuture<PowerBody> late) implements PowerReply {}
}
