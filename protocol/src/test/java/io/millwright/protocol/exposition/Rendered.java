package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.nio.charset.StandardCharsets;

/** A page of our own as a string. */
final class Rendered {
  private Rendered() {}

  static String page(NodeSnapshot snapshot, TextFormat format) {
    return page(new PageWriter(), snapshot, format);
  }

  static String page(PageWriter writer, NodeSnapshot snapshot, TextFormat format) {
    PageBuffer buffer = new PageBuffer(16);
    writer.write(snapshot, format, buffer);
    return new String(buffer.toByteArray(), StandardCharsets.UTF_8);
  }
}
