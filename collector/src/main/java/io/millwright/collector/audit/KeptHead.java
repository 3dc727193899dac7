package io.millwright.collector.audit;

import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.vocabulary.LogHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A head of a log that a node has kept, as a person has it in a file.
 *
 * @param seen when the node was told, by its own clock
 */
public record KeptHead(String node, LogHead head, Instant seen) {
  /** 10,000 nodes have some 4 MB. */
  private static final long LARGEST = 64L << 20;

  /**
   * Those of a file: what a node keeps, or the JSON of {@code millwright audit heads}. Both have a
   * list {@code heads}; the node stands in each of them or beside the list.
   *
   * @throws IOException where it cannot be read; the message has the file
   * @throws JsonMistake where it is no such file
   */
  public static List<KeptHead> of(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw JsonMistake.refused(
          file.toString(), "more than %d bytes".formatted(LARGEST), "a file of kept heads");
    }
    try {
      Fields fields = Fields.open("", Json.read(file.toString(), Files.readAllBytes(file)));
      Optional<String> node = fields.optionalText("node");
      return fields.openObjects("heads").stream()
          .map(one -> {
            AuditHeadsBody.Kept kept = AuditHeadsBody.kept(one);
            return new KeptHead(
                node.orElseGet(() -> one.text("node")),
                kept.head(),
                Instant.ofEpochMilli(kept.seenMs()));
          })
          .toList();
    } catch (JsonMistake mistake) {
      throw new JsonMistake("--heads: %s: %s".formatted(file, mistake.getMessage()), mistake);
    }
  }
}
