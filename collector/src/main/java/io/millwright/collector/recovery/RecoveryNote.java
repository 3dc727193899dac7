package io.millwright.collector.recovery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.store.Op;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * That the store is older than what the nodes know, as the store has it.
 *
 * @param phase how far it has come
 * @param since when it was restored, or found to be older
 * @param why in one sentence, as in {@code restored of store …}
 * @param mark place in the queue; runs that were queued up to it may have been cancelled in what
 *     was lost
 * @param lost nodes that an operator declared lost
 */
public record RecoveryNote(Phase phase, Instant since, String why, long mark, Set<String> lost) {
  static final String KEY = "/mw/recovery";
  private static final List<String> FIELDS = List.of("phase", "since_ms", "why", "mark", "lost");

  /** How far a recovery has come. */
  public enum Phase {
    /** Restored, and not opened by a collector since. */
    RESTORED("restored"),
    /** Nothing is placed or stopped. */
    RECOVERING("recovering"),
    /** All goes on but for the runs that were queued up to the mark. */
    HOLDING("holding");

    private final String word;

    Phase(String word) {
      this.word = word;
    }

    static Optional<Phase> ofWord(String word) {
      return Arrays.stream(values()).filter(phase -> phase.word.equals(word)).findFirst();
    }
  }

  public RecoveryNote {
    lost = Set.copyOf(lost);
  }

  /** Of a store that becomes one of this generation. */
  public static RecoveryNote restored(Instant now, String backup, long generation) {
    return new RecoveryNote(
        Phase.RESTORED,
        now,
        "restored as generation %d from the backup of %s".formatted(generation, backup),
        JobBook.firstSequence(generation),
        Set.of());
  }

  RecoveryNote in(Phase next) {
    return new RecoveryNote(next, since, why, mark, lost);
  }

  RecoveryNote without(String node) {
    Set<String> more = new TreeSet<>(lost);
    more.add(node);
    return new RecoveryNote(phase, since, why, mark, more);
  }

  static RecoveryNote of(String text) {
    Fields fields =
        Fields.of(
            "", Json.read("the note of a recovery", text.getBytes(StandardCharsets.UTF_8)), FIELDS);
    return new RecoveryNote(
        fields.word("phase", Phase::ofWord, "a phase of a recovery"),
        Instant.ofEpochMilli(fields.whole("since_ms")),
        fields.text("why"),
        fields.whole("mark"),
        Set.copyOf(fields.texts("lost")));
  }

  /** How it stands in the store. */
  public Op.Put put() {
    ObjectNode tree =
        Json.object()
            .put("phase", phase.word)
            .put("since_ms", since.toEpochMilli())
            .put("why", why)
            .put("mark", mark);
    ArrayNode nodes = tree.putArray("lost");
    new TreeSet<>(lost).forEach(nodes::add);
    return new Op.Put(KEY, Json.text(tree));
  }
}
