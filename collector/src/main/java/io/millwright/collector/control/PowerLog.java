package io.millwright.collector.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.collector.downlink.PowerReply;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StateStore;
import io.millwright.collector.store.Txn;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.bodies.PowerRequest;
import io.millwright.protocol.clock.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Every order to a node's power limits in the store: who gave it and when, from before it is sent,
 * and what came of it.
 *
 * <p><i>Threading:</i> any thread, none waits. <i>Failure:</i> a future that fails with {@link
 * io.millwright.collector.store.StoreException}.
 */
public record PowerLog(StateStore store, Clock clock) {
  /** Where they stand in the store, in the order of time. */
  public static final String KEYS = "/mw/audit/power/";

  /** An order that is written down. */
  public record Entry(String key, ObjectNode words) {}

  /** Durable when the future is done. */
  public CompletableFuture<Entry> begin(String by, String node, PowerRequest wish) {
    long at = clock.wall().toEpochMilli();
    ObjectNode words = Json.object().put("at_ms", at).put("by", by).put("node", node);
    if (wish.watts().isPresent()) {
      words.put("watts", wish.watts().getAsInt());
    } else {
      words.put("watts", PowerRequest.DEFAULT);
    }
    ArrayNode devices = words.putArray("devices");
    wish.devices().forEach(devices::add);
    Entry entry = new Entry("%s%020d-%s".formatted(KEYS, at, UUID.randomUUID()), words);
    return put(entry);
  }

  /** The same with what came of it. */
  public CompletableFuture<Entry> end(Entry entry, PowerReply reply) {
    ObjectNode words = entry.words().deepCopy();
    switch (reply) {
      case PowerReply.Answered(PowerBody body) -> {
        body.refusal().ifPresent(why -> words.put("refusal", why));
        ArrayNode results = words.putArray("results");
        body.caps().forEach(cap -> results.addObject().setAll(result(cap)));
      }
      case PowerReply.Away(String why) -> words.put("not_sent", why);
      case PowerReply.Declined(String why) -> words.put("not_sent", why);
      case PowerReply.Unanswered(String why, _) -> words.put("unanswered", why);
    }
    return put(new Entry(entry.key(), words));
  }

  private static ObjectNode result(PowerBody.Cap cap) {
    ObjectNode one = Json.object().put("device", cap.device()).put("result", cap.result());
    cap.setMilliwatts().ifPresent(set -> one.put("set_milliwatts", set));
    cap.inForceMilliwatts().ifPresent(inForce -> one.put("in_force_milliwatts", inForce));
    return one;
  }

  private CompletableFuture<Entry> put(Entry entry) {
    Op written = new Op.Put(entry.key(), Json.text(entry.words()));
    return store.submit(new Txn(List.of(), List.of(written))).thenApply(committed -> entry);
  }
}
