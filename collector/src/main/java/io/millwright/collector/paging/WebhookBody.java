package io.millwright.collector.paging;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Notice;
import io.millwright.collector.incidents.Suspect;
import io.millwright.protocol.bodies.Json;

/** What the webhook sends. */
final class WebhookBody {
  private static final int SCHEMA = 1;
  private static final int MOST_NODES = 100;

  private WebhookBody() {}

  static byte[] of(Notice notice) {
    Incident incident = notice.incident();
    ObjectNode body =
        Json.object()
            .put("schema_version", SCHEMA)
            .put("kind", notice.kind().word())
            .put("page", notice.page())
            .put("id", incident.id())
            .put("revision", incident.revision())
            .put("state", incident.state())
            .put("severity", incident.severity().word())
            .put("summary", incident.summary())
            .put("cause", incident.cause().kind().word())
            .put("cause_name", incident.cause().name())
            .put("opened_ms", incident.openedMs())
            .put("suspects", incident.count())
            .put("repeats", incident.repeats());
    incident.closedMs().ifPresent(at -> body.put("closed_ms", at));
    notice.mergedInto().ifPresent(id -> body.put("merged_into", id));
    ArrayNode aliases = body.putArray("aliases");
    incident.aliases().forEach(aliases::add);
    incident.root().ifPresent(root -> body.set("root", root(root)));
    ArrayNode nodes = body.putArray("nodes");
    incident.nodes().stream().limit(MOST_NODES).forEach(nodes::add);
    ArrayNode jobs = body.putArray("jobs");
    incident.jobs().stream().limit(MOST_NODES).forEach(jobs::add);
    return Json.bytes(body);
  }

  private static ObjectNode root(Suspect root) {
    ObjectNode one = Json.object().put("node", root.node());
    root.index().ifPresent(index -> one.put("accelerator", index));
    root.uuid().ifPresent(uuid -> one.put("uuid", uuid));
    root.serial().ifPresent(serial -> one.put("serial", serial));
    return one;
  }
}
