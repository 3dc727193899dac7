package io.millwright.collector.downlink;

import io.millwright.protocol.bodies.EvidenceBody;

/** What came of an order of evidence. */
public sealed interface EvidenceReply {

  /** The node answered; perhaps with a refusal. */
  record Answered(EvidenceBody body) implements EvidenceReply {}

  /** It cannot be asked; nothing was sent. */
  record NotSent(String sentence) implements EvidenceReply {}

  /** It was asked and has not answered. */
  record Unanswered(String sentence) implements EvidenceReply {}
}
