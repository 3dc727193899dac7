package io.millwright.agent.accounting;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.agent.records.WholeFile;
import io.millwright.protocol.bodies.AccountJson;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that are open, and the accounts that were told a moment ago, in one small file that is
 * replaced as a whole.
 */
final class RunsFile {
  private static final Logger LOG = LoggerFactory.getLogger(RunsFile.class);
  private static final String NAME = "runs.json";

  private final Path directory;

  RunsFile(Path directory) {
    this.directory = directory;
  }

  /**
   * What an earlier agent left.
   *
   * @param bootId of the kernel's boot in which it was written; empty where there is none
   * @param seenMs when it was written, by the wall clock
   */
  record Kept(String bootId, long seenMs, List<OpenRun> open, List<RunAccount> told) {
    static final Kept NOTHING = new Kept("", 0, List.of(), List.of());
  }

  /**
   * @throws IOException where it cannot be read, or is none
   */
  Kept read(long nowNanos) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return Kept.NOTHING;
    }
    try {
      Fields fields = Fields.open("", Json.read("the runs", Files.readAllBytes(file)));
      List<OpenRun> open = new ArrayList<>();
      for (Fields run : fields.openObjects("open")) {
        try {
          open.add(run(run, nowNanos));
        } catch (IllegalArgumentException mistake) {
          LOG.error("the account of a run is lost: {}", mistake.getMessage());
        }
      }
      List<RunAccount> told = new ArrayList<>();
      fields.openObjects("told").forEach(one -> told.add(AccountJson.of(one, "account")));
      return new Kept(fields.text("boot_id"), fields.whole("seen_ms"), open, told);
    } catch (IllegalArgumentException damaged) {
      throw new IOException("%s is no file of runs".formatted(file), damaged);
    }
  }

  private static OpenRun run(Fields fields, long nowNanos) {
    List<String> devices = new ArrayList<>();
    Map<String, Counters> before = new HashMap<>();
    Set<String> shared = new HashSet<>();
    for (Fields device : fields.openObjects("devices")) {
      String uuid = device.text("uuid");
      devices.add(uuid);
      before.put(uuid, new Counters(AccountJson.amounts(device.tree("before"))));
      if (device.flag("shared")) {
        shared.add(uuid);
      }
    }
    OpenRun run =
        OpenRun.takenUp(
            new Beginning(
                new RunId(fields.text("job"), fields.wholeInt("run")),
                fields.text("scheduler"),
                fields.text("user"),
                fields.text("project"),
                devices),
            fields.whole("began_ms"),
            fields.whole("began_nanos"),
            fields.whole("late_ms"),
            before,
            shared,
            nowNanos);
    if (fields.has("ended_ms")) {
      run.endedUnseen(fields.text("end"), fields.whole("ended_ms"));
    }
    return run;
  }

  void write(String bootId, long nowMs, Collection<OpenRun> open, Collection<RunAccount> told)
      throws IOException {
    ObjectNode tree = Json.object().put("boot_id", bootId).put("seen_ms", nowMs);
    ArrayNode runs = tree.putArray("open");
    open.forEach(run -> runs.add(tree(run)));
    ArrayNode accounts = tree.putArray("told");
    told.forEach(one -> accounts.addObject().set("account", AccountJson.tree(one)));
    WholeFile.write(directory, NAME, Json.bytes(tree));
  }

  private static ObjectNode tree(OpenRun run) {
    Beginning beginning = run.beginning();
    ObjectNode tree =
        Json.object()
            .put("job", beginning.run().job())
            .put("run", beginning.run().run())
            .put("scheduler", beginning.scheduler())
            .put("user", beginning.user())
            .put("project", beginning.project())
            .put("began_ms", run.beganMs())
            .put("began_nanos", run.beganNanos())
            .put("late_ms", run.lateMs());
    if (run.ended()) {
      tree.put("ended_ms", run.endedMs()).put("end", run.how());
    }
    ArrayNode devices = tree.putArray("devices");
    for (String uuid : beginning.devices()) {
      devices
          .addObject()
          .put("uuid", uuid)
          .put("shared", run.shared().contains(uuid))
          .set("before", AccountJson.tree(run.before().getOrDefault(uuid, Counters.NONE).values()));
    }
    return tree;
  }
}
