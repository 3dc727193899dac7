package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Cgroups;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which run has which device, as the launcher itself can tell: by the units that live, the control
 * groups that are inhabited, and the starts under way. So no agent and no collector can have one
 * device given twice.
 *
 * <p><i>Threading:</i> any thread; what a start takes is reserved before anything is looked at.
 */
final class Occupancy {
  private final Layout layout;
  private final Rows rows;
  private final Map<RunId, List<String>> underWay = new HashMap<>();

  /** The units of jobs that systemd has in memory. */
  @FunctionalInterface
  interface Rows {
    List<UnitRow> ofJobs() throws SystemdException;
  }

  Occupancy(Layout layout, Rows rows) {
    this.layout = layout;
    this.rows = rows;
  }

  /** Takes the devices of a start, until {@link #leave}; nothing is taken where this throws. */
  void enter(Assignment assignment, int mostRuns) throws Refusal, SystemdException, IOException {
    Map<RunId, List<String>> others = reserve(assignment);
    try {
      look(assignment, others, mostRuns);
    } catch (Refusal | SystemdException | IOException | RuntimeException none) {
      leave(assignment.id());
      throw none;
    }
  }

  /** What other starts under way hold. */
  private synchronized Map<RunId, List<String>> reserve(Assignment assignment) throws Refusal {
    if (underWay.containsKey(assignment.id())) {
      throw new Refusal("run %s is being begun".formatted(assignment.id().text()));
    }
    Map<RunId, List<String>> others = new HashMap<>(underWay);
    underWay.put(assignment.id(), assignment.devices().uuids());
    return others;
  }

  private void look(Assignment assignment, Map<RunId, List<String>> held, int mostRuns)
      throws Refusal, SystemdException, IOException {
    boolean devices = !assignment.devices().uuids().isEmpty();
    for (RunId run : living()) {
      if (run.equals(assignment.id())) {
        throw new Refusal("run %s lives already".formatted(run.text()));
      }
      Optional<List<String>> claimed = devices(run);
      if (devices && claimed.isEmpty()) {
        throw new Refusal(
            "devices: refused while the run %s lives, because nobody knows which it has; end it with"
                    .formatted(run.text())
                + " systemctl stop "
                + Layout.unit(run));
      }
      held.put(run, claimed.orElse(List.of()));
    }
    if (held.size() >= mostRuns) {
      throw new Refusal(
          "runs: %d run on this node; allowed by its policy are limits.runs %d at a time"
              .formatted(held.size(), mostRuns));
    }
    for (Map.Entry<RunId, List<String>> other : held.entrySet()) {
      for (String device : other.getValue()) {
        if (assignment.devices().uuids().contains(device)) {
          throw new Refusal(
              "devices: '%s' is refused; the run %s has it, and has not ended"
                  .formatted(device, other.getKey().text()));
        }
      }
    }
  }

  /** The start has ended; what came of it systemd knows. */
  synchronized void leave(RunId run) {
    underWay.remove(run);
  }

  /** Systemd gives up a unit whose processes no kill can end; its control group does not. */
  private Set<RunId> living() throws SystemdException, IOException {
    Set<RunId> living = new HashSet<>();
    for (UnitRow row : rows.ofJobs()) {
      if (row.alive()) {
        Layout.runOf(row.name()).ifPresent(living::add);
      }
    }
    Cgroups groups = new Cgroups(layout);
    try (DirectoryStream<Path> jobs =
        Files.newDirectoryStream(layout.slice(), "mw-job-*.service")) {
      for (Path job : jobs) {
        Layout.runOf(String.valueOf(job.getFileName()))
            .filter(groups::inhabited)
            .ifPresent(living::add);
      }
    } catch (NoSuchFileException none) {
      return living;
    }
    return living;
  }

  /** Empty where nothing is kept of the run. */
  private Optional<List<String>> devices(RunId run) throws IOException {
    return Facts.read(layout.directory(run).resolve("claimed"))
        .map(facts -> facts.text("devices").orElse(""))
        .map(all -> all.isEmpty() ? List.of() : List.of(all.split(",")));
  }
}
