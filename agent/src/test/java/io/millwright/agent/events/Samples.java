package io.millwright.agent.events;

import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import java.util.Optional;

/** Events for tests. */
final class Samples {
  private Samples() {}

  static NodeEvent xid(String device, String code, long atMs) {
    return new NodeEvent(
        "boot",
        EventKind.ERROR_CODE.word(),
        Severity.FATAL,
        device,
        "3",
        "gi1ci0",
        code,
        1,
        atMs,
        atMs,
        Optional.of("train-r1"),
        "Xid " + code + ": \"quoted\" — and ünicode");
  }

  static Entry entry(long sequence) {
    return new Entry(sequence, 1_000 * sequence, xid("GPU-" + sequence % 7, "79", sequence));
  }
}
