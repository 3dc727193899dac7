package io.millwright.agent.events;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.vocabulary.event.NodeEvent;

/**
 * An event that has its number.
 *
 * @param sequence rising, also over restarts; numbers may be left out
 * @param atMs when it was told, by the wall clock
 */
public record Entry(long sequence, long atMs, NodeEvent event) {

  /**
   * @throws IllegalArgumentException for what is no such text
   */
  static Entry of(byte[] text) {
    return of(Fields.open("", Json.read("the event", text)));
  }

  /**
   * The entry of these fields.
   *
   * @throws IllegalArgumentException for what is no entry
   */
  public static Entry of(Fields fields) {
    return new Entry(fields.whole("sequence"), fields.whole("at_ms"), event(fields));
  }

  /** The event of these fields, as {@link #tree(NodeEvent)} has it. */
  public static NodeEvent event(Fields fields) {
    return EventBody.of(fields.plainText("kind"), fields);
  }

  /** As JSON; fields of a newer version are ignored by an older one. */
  public ObjectNode tree() {
    return tree(event).put("sequence", sequence).put("at_ms", atMs);
  }

  /** An event as JSON, with its kind. */
  public static ObjectNode tree(NodeEvent event) {
    return EventBody.tree(event).put("kind", event.kind());
  }

  byte[] json() {
    return Json.bytes(tree());
  }
}
