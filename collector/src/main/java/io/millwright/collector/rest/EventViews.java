package io.millwright.collector.rest;

import io.millwright.collector.store.EventRow;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.views.EventView;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/** Events as callers see them: the job that was hit and a ticket are for those who may see jobs. */
final class EventViews {
  private EventViews() {}

  static EventView of(EventRow row, Caller caller) {
    if (row.body().isEmpty()) {
      return new EventView(
          row.id(),
          row.atMs(),
          row.kind(),
          row.subject(),
          row.message(),
          filled(row.node()),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          ticket(row, caller));
    }
    NodeEvent event = EventBody.of(row.kind(), row.body().getBytes(StandardCharsets.UTF_8));
    return new EventView(
        row.id(),
        row.atMs(),
        row.kind(),
        row.subject(),
        row.message(),
        filled(row.node()),
        Optional.of(event.severity().word()),
        filled(event.device()),
        filled(event.accelerator()),
        filled(event.instance()),
        filled(event.code()),
        OptionalLong.of(event.count()),
        OptionalLong.of(event.firstMs()),
        OptionalLong.of(event.lastMs()),
        caller.role().mayWhat(Role.VIEWER) ? event.job() : Optional.empty(),
        ticket(row, caller));
  }

  private static Optional<String> ticket(EventRow row, Caller caller) {
    return caller.role().mayWhat(Role.VIEWER) ? filled(row.ticket()) : Optional.empty();
  }

  private static Optional<String> filled(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
