package io.millwright.collector.backup;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.collector.store.StoreCopy;
import io.millwright.collector.store.StoreIdentity;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a backup is of: its file {@code backup.json}.
 *
 * @param store which store, and of which generation
 * @param term number of the collector's start that wrote it last
 * @param revision of its last transaction
 * @param takenAt to the millisecond
 * @param files that it holds, the store first
 */
public record BackupManifest(
    StoreIdentity store, long term, long revision, Instant takenAt, List<Copied> files) {
  static final String FILE = "backup.json";
  private static final int FORMAT = 1;
  private static final List<String> FIELDS =
      List.of("format", "store", "generation", "term", "revision", "taken_at", "files");
  private static final List<String> COPIED = List.of("name", "bytes", "sha256");

  /**
   * A file of the backup.
   *
   * @param sha256 of its bytes, in hexadecimal
   */
  public record Copied(StoreCopy.Kind kind, long bytes, String sha256) {}

  public BackupManifest {
    files = List.copyOf(files);
  }

  /**
   * @throws JsonMistake for what is no such text
   */
  static BackupManifest of(byte[] text) {
    Fields open = Fields.open("", Json.read(FILE, text));
    int format = open.wholeInt("format");
    if (format != FORMAT) {
      throw JsonMistake.refused(
          "format", "" + format, "%d: use the program that made it".formatted(FORMAT));
    }
    Fields fields = Fields.of("", Json.read(FILE, text), FIELDS);
    List<Copied> files =
        fields.objects("files", COPIED).stream()
            .map(file ->
                new Copied(
                    file.word("name", BackupManifest::kind, "collector.db, events.db or usage.db"),
                    file.whole("bytes"),
                    file.text("sha256")))
            .toList();
    if (files.isEmpty() || files.getFirst().kind() != StoreCopy.Kind.STORE) {
      throw JsonMistake.refused("files", "no store", "collector.db as the first");
    }
    return new BackupManifest(
        new StoreIdentity(fields.text("store"), fields.whole("generation")),
        fields.whole("term"),
        fields.whole("revision"),
        fields.word("taken_at", BackupManifest::instant, "a time as in 2026-11-22T08:00:00Z"),
        files);
  }

  private static Optional<StoreCopy.Kind> kind(String name) {
    return Arrays.stream(StoreCopy.Kind.values())
        .filter(kind -> kind.fileName().equals(name))
        .findFirst();
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  byte[] json() {
    ObjectNode tree =
        Json.object()
            .put("format", FORMAT)
            .put("store", store.id())
            .put("generation", store.generation())
            .put("term", term)
            .put("revision", revision)
            .put("taken_at", takenAt.toString());
    ArrayNode all = tree.putArray("files");
    for (Copied file : files) {
      all.addObject()
          .put("name", file.kind().fileName())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    return Json.bytes(tree);
  }

  /** Which backup, in words for the audit log and for people. */
  public String words() {
    return "store %s of generation %d at revision %d, taken at %s"
        .formatted(Shown.text(store.id()), store.generation(), revision, takenAt);
  }
}
