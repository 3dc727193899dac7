package io.millwright.agent.evidence;

import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices that a check after a job spoke against, until the same check of a later job passes on
 * them or the node is booted; they outlive the agent.
 *
 * <p><i>Threading:</i> {@link #found} from any thread, one at a time; any asks for {@link #marks}.
 * <i>Failure:</i> marks that cannot be kept or read are one warning.
 */
public final class CheckMarks {
  private static final Logger LOG = LoggerFactory.getLogger(CheckMarks.class);
  private static final String FILE = "job-checks.json";
  private static final List<String> FIELDS = List.of("boot_id", "marks");
  private static final List<String> MARK = List.of("uuid", "check", "failed");

  private final Path directory;
  private final String bootId;
  private volatile Map<Place, Boolean> marks = Map.of();

  /** A check on a device. */
  record Place(String uuid, String check) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byDevice = uuid.compareTo(other.uuid);
      return byDevice != 0 ? byDevice : check.compareTo(other.check);
    }
  }

  /**
   * @param directory that keeps them, where it is there
   * @param bootId of the kernel's present boot; what was kept of another is forgotten
   */
  public CheckMarks(Path directory, String bootId) {
    this.directory = directory;
    this.bootId = bootId;
  }

  /** Reads what was kept. */
  synchronized void open() {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    try {
      Fields fields = Fields.of("", Json.read("the marks", Files.readAllBytes(file)), FIELDS);
      Map<Place, Boolean> kept = new TreeMap<>();
      for (Fields mark : fields.objects("marks", MARK)) {
        kept.put(new Place(mark.text("uuid"), mark.text("check")), mark.flag("failed"));
      }
      if (fields.text("boot_id").equals(bootId)) {
        marks = Map.copyOf(kept);
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("the marks of checks around jobs cannot be read path={}", file, e);
    }
  }

  /** By device and check, whether the newest check that said something spoke against it. */
  Map<Place, Boolean> marks() {
    return marks;
  }

  /**
   * A check gave an answer.
   *
   * @param uuids the devices that it looked at
   * @param failing those that it spoke against
   * @param after whether it was after the job; a failure before one refuses the job and marks
   *     nothing
   */
  public synchronized void found(
      String check, Set<String> uuids, Set<String> failing, boolean after) {
    Map<Place, Boolean> next = new TreeMap<>(marks);
    for (String uuid : uuids) {
      Place place = new Place(uuid, check);
      if (failing.contains(uuid) && after) {
        next.put(place, true);
      } else if (!failing.contains(uuid)) {
        next.replace(place, false);
      }
    }
    if (!next.equals(marks)) {
      marks = Map.copyOf(next);
      keep(next);
    }
  }

  private void keep(Map<Place, Boolean> kept) {
    var tree = Json.object().put("boot_id", bootId);
    var list = tree.putArray("marks");
    kept.forEach((place, failed) ->
        list.addObject()
            .put("uuid", place.uuid())
            .put("check", place.check())
            .put("failed", failed));
    Path file = directory.resolve(FILE);
    Path unfinished = directory.resolve(FILE + ".new");
    try {
      Files.write(unfinished, Json.text(tree).getBytes(StandardCharsets.UTF_8));
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("the marks of checks around jobs are not kept path={}", file, e);
    }
  }
}
