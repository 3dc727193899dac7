package io.millwright.agent.watch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.agent.events.Entry;
import io.millwright.agent.events.Pending;
import io.millwright.agent.health.Event;
import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Memory.KernelTally;
import io.millwright.agent.health.Memory.Standing;
import io.millwright.agent.health.Tally;
import io.millwright.agent.records.WholeFile;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.health.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counted events on the disk: one file, replaced as a whole, so that a crash leaves the old one
 * or the new one.
 *
 * <p><i>Threading:</i> one owner at a time. <i>Failure:</i> a file that cannot be understood is
 * moved aside with a warning; a disk that cannot be written to is one warning, and the events stay
 * in memory.
 */
final class EventFile {
  private static final Logger LOG = LoggerFactory.getLogger(EventFile.class);
  private static final String NAME = "events.json";
  private static final int VERSION = 1;
  private static final long LARGEST = 4L << 20;

  private final Path directory;
  private boolean failing;

  EventFile(Path directory) {
    this.directory = directory;
  }

  private Path file() {
    return directory.resolve(NAME);
  }

  /**
   * What is kept together, so that what is counted is told and what is told is counted.
   *
   * @param pending events that are not in their store yet
   */
  record Kept(Memory memory, Pending pending) {
    static Kept none(String bootId) {
      return new Kept(Memory.none(bootId), Pending.NOTHING);
    }
  }

  /** What was kept, of whichever boot. */
  Kept load(String bootId) {
    if (!Files.exists(file())) {
      return Kept.none(bootId);
    }
    try {
      return kept(read());
    } catch (IOException | IllegalArgumentException e) {
      moveAside(e);
      return Kept.none(bootId);
    }
  }

  private byte[] read() throws IOException {
    if (Files.size(file()) > LARGEST) {
      throw new IOException("it is longer than " + LARGEST + " bytes");
    }
    return Files.readAllBytes(file());
  }

  private void moveAside(Exception cause) {
    Path aside = directory.resolve(NAME + ".damaged");
    LOG.warn(
        "the counted events cannot be understood, and counting begins anew; the file is kept as {}: {}",
        aside,
        cause.getMessage());
    try {
      Files.move(file(), aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("it could not be moved there path={}", file(), e);
    }
  }

  /** Whether it is on the disk now. */
  boolean save(Kept kept) {
    try {
      WholeFile.write(directory, NAME, text(kept));
      if (failing) {
        LOG.info("the counted events are kept again path={}", file());
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warn("the counted events cannot be kept path={}", file(), e);
      }
      failing = true;
    }
    return !failing;
  }

  /** What is counted goes before what was told, where both are more than is read again. */
  private static byte[] text(Kept kept) {
    byte[] text = Json.bytes(tree(kept));
    Pending pending = kept.pending();
    while (text.length > LARGEST && !pending.isEmpty()) {
      pending = pending.halved();
      text = Json.bytes(tree(new Kept(kept.memory(), pending)));
    }
    return text;
  }

  // ---- its text

  private static ObjectNode tree(Kept kept) {
    ObjectNode tree = tree(kept.memory());
    ArrayNode outgoing = tree.putArray("outgoing");
    kept.pending().outgoing().forEach(entry -> outgoing.add(entry.tree()));
    ArrayNode waiting = tree.putArray("waiting");
    kept.pending().waiting().forEach(event -> waiting.add(Entry.tree(event)));
    tree.put("acknowledged", kept.pending().acknowledged());
    return tree;
  }

  private static ObjectNode tree(Memory memory) {
    ObjectNode tree =
        Json.object()
            .put("version", VERSION)
            .put("boot_id", memory.bootId())
            .put("cursor", memory.cursor());
    ArrayNode xids = tree.putArray("device_errors");
    ArrayNode sxids = tree.putArray("switch_errors");
    ArrayNode neuronErrors = tree.putArray("neuron_errors");
    for (Tally tally : memory.tallies()) {
      switch (tally.code().source()) {
        case XID -> xids.add(tree(tally).put("xid", Integer.parseInt(tally.code().text())));
        case SXID -> sxids.add(tree(tally).put("sxid", Integer.parseInt(tally.code().text())));
        case NEURON -> neuronErrors.add(tree(tally).put("type", tally.code().text()));
      }
    }
    ArrayNode kernel = tree.putArray("kernel");
    memory.kernel().forEach(tally -> kernel.add(tree(tally)));
    ArrayNode standing = tree.putArray("standing");
    memory.standing().forEach(one -> standing.add(tree(one)));
    ArrayNode devices = tree.putArray("devices");
    new TreeMap<>(memory.devices())
        .forEach((vendor, most) ->
            devices.add(Json.object().put("vendor", vendor).put("most", (int) most)));
    return tree;
  }

  private static ObjectNode tree(Standing one) {
    ObjectNode tree =
        Json.object()
            .put("key", one.key())
            .put("subject", one.subject())
            .put("since_ms", one.sinceMs())
            .put("observed", one.observed());
    ArrayNode labels = tree.putArray("labels");
    one.labels().forEach(labels::add);
    return tree;
  }

  private static ObjectNode tree(Tally tally) {
    ObjectNode tree =
        Json.object()
            .put("device", tally.device())
            .put("label", tally.label())
            .put("count", tally.count())
            .put("first_ms", tally.firstMs())
            .put("last_ms", tally.lastMs())
            .put("standing_since_ms", tally.standingSinceMs())
            .put("gravity", tally.gravity().name())
            .put("instance", tally.instance())
            .put("detail", tally.detail());
    if (!Double.isNaN(tally.energyJoules())) {
      tree.put("energy_joules", tally.energyJoules());
    }
    ArrayNode hits = tree.putArray("hits");
    tally
        .hits()
        .forEach(hit ->
            hits.add(
                Json.object()
                    .put("job", hit.job())
                    .put("run", hit.run())
                    .put("at_ms", hit.atMs())));
    return tree;
  }

  private static ObjectNode tree(KernelTally tally) {
    return Json.object()
        .put("pattern", tally.pattern())
        .put("count", tally.count())
        .put("first_ms", tally.firstMs())
        .put("last_ms", tally.lastMs())
        .put("standing_since_ms", tally.standingSinceMs())
        .put("detail", tally.detail());
  }

  private static Kept kept(byte[] text) {
    Fields fields = Fields.open("", Json.read("the counted events", text));
    if (fields.wholeInt("version") != VERSION) {
      throw new IllegalArgumentException(
          "version: %d is refused; allowed is %d".formatted(fields.wholeInt("version"), VERSION));
    }
    Memory memory =
        new Memory(
            fields.text("boot_id"),
            fields.whole("cursor"),
            tallies(fields),
            fields.openObjects("kernel").stream().map(EventFile::kernelTally).toList(),
            standing(fields),
            devices(fields));
    return new Kept(memory, pending(fields));
  }

  /** Versions that forgot what they said have no such field. */
  private static List<Standing> standing(Fields fields) {
    return fields.has("standing")
        ? fields.openObjects("standing").stream()
            .map(one ->
                new Standing(
                    one.text("key"),
                    one.plainText("subject"),
                    one.texts("labels"),
                    one.whole("since_ms"),
                    one.plainText("observed")))
            .toList()
        : List.of();
  }

  private static Map<String, Integer> devices(Fields fields) {
    Map<String, Integer> devices = new HashMap<>();
    if (fields.has("devices")) {
      for (Fields one : fields.openObjects("devices")) {
        devices.put(one.text("vendor"), one.wholeInt("most"));
      }
    }
    return devices;
  }

  /** Versions that told no events have no such fields. */
  private static Pending pending(Fields fields) {
    return fields.has("outgoing") && fields.has("waiting")
        ? new Pending(
            fields.openObjects("outgoing").stream().map(Entry::of).toList(),
            fields.openObjects("waiting").stream().map(Entry::event).toList(),
            fields.has("acknowledged") ? fields.whole("acknowledged") : 0)
        : Pending.NOTHING;
  }

  /** Versions that knew no Neuron errors or SXids have no such field, and leave it alone. */
  private static List<Tally> tallies(Fields fields) {
    List<Tally> tallies = new ArrayList<>();
    for (Fields error : fields.openObjects("device_errors")) {
      tallies.add(tally(error, ErrorCode.xid(error.wholeInt("xid"))));
    }
    if (fields.has("switch_errors")) {
      for (Fields error : fields.openObjects("switch_errors")) {
        tallies.add(tally(error, ErrorCode.sxid(error.wholeInt("sxid"))));
      }
    }
    if (fields.has("neuron_errors")) {
      for (Fields error : fields.openObjects("neuron_errors")) {
        tallies.add(tally(error, ErrorCode.neuron(error.text("type"))));
      }
    }
    return tallies;
  }

  private static Tally tally(Fields fields, ErrorCode code) {
    OptionalDouble energy = fields.optionalNumber("energy_joules");
    return new Tally(
        fields.text("device"),
        fields.text("label"),
        code,
        fields.whole("count"),
        fields.whole("first_ms"),
        fields.whole("last_ms"),
        fields.whole("standing_since_ms"),
        fields.word("gravity", EventFile::gravity, "UNSAID, FATAL or NONFATAL"),
        energy.orElse(Double.NaN),
        fields.has("instance") ? fields.plainText("instance") : "",
        fields.plainText("detail"),
        fields.openObjects("hits").stream()
            .map(hit -> new Tally.Hit(hit.text("job"), hit.text("run"), hit.whole("at_ms")))
            .toList());
  }

  private static Optional<Event.Gravity> gravity(String word) {
    for (Event.Gravity gravity : Event.Gravity.values()) {
      if (gravity.name().equals(word)) {
        return Optional.of(gravity);
      }
    }
    return Optional.empty();
  }

  private static KernelTally kernelTally(Fields fields) {
    return new KernelTally(
        fields.text("pattern"),
        fields.whole("count"),
        fields.whole("first_ms"),
        fields.whole("last_ms"),
        fields.plainText("detail"),
        fields.whole("standing_since_ms"));
  }
}
