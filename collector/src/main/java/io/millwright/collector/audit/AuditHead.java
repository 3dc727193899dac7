package io.millwright.collector.audit;

import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where the chain ends.
 *
 * @param sequence of the newest entry; 0 where there is none
 */
public record AuditHead(long sequence, String hash) {
  static final AuditHead EMPTY = new AuditHead(0, AuditEntry.NONE);

  String json() {
    return Json.text(Json.object().put("sequence", sequence).put("hash", hash));
  }

  static AuditHead of(String text) {
    Fields fields =
        Fields.of(
            "",
            Json.read("the head of the audit log", text.getBytes(StandardCharsets.UTF_8)),
            List.of("sequence", "hash"));
    return new AuditHead(fields.whole("sequence"), fields.text("hash"));
  }
}
