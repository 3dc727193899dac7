package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the host's control groups can hold. Stateless. */
public record Cgroups(Layout layout) {

  /**
   * Why limits would not be held here. Systemd takes them all the same where version 1 or both
   * versions are mounted, and nothing comes of them.
   */
  public Optional<String> refusal(JobSpec spec) {
    List<String> controllers;
    try {
      controllers = controllers();
    } catch (NoSuchFileException absent) {
      return Optional.of(
          "units: this host mounts cgroup v1 or both versions, where limits are not held; boot it"
              + " with systemd.unified_cgroup_hierarchy=1");
    } catch (IOException unreadable) {
      return Optional.of("units: the control groups cannot be read: " + unreadable);
    }
    return lacking(spec.memoryBytes().isPresent(), "memory_bytes", "memory", controllers)
        .or(() -> lacking(spec.cpus().isPresent(), "cpus", "cpu", controllers));
  }

  private List<String> controllers() throws IOException {
    Path file = layout.host().groups().resolve("cgroup.controllers");
    return List.of(Files.readString(file).strip().split(" "));
  }

  /** Whether runs can be kept on some processors and some memory. */
  public boolean holdsPlaces() {
    try {
      return controllers().contains("cpuset");
    } catch (IOException unreadable) {
      return false;
    }
  }

  private static Optional<String> lacking(
      boolean asked, String field, String controller, List<String> controllers) {
    return asked && !controllers.contains(controller)
        ? Optional.of(
            ("%s: this host's cgroup v2 has no '%s' controller, so the limit would not be held; take"
                    + " it from cgroup v1, or leave the limit out")
                .formatted(field, controller))
        : Optional.empty();
  }

  /** Whether a process of a run is left, whatever systemd says. */
  public boolean inhabited(RunId run) {
    try {
      return Files.readString(layout.group(run).resolve("cgroup.events")).contains("populated 1");
    } catch (IOException gone) {
      return false;
    }
  }

  /** Some process of a run that lives. */
  Optional<ProcessTable.Row> member(RunId run) {
    try {
      return Files.readAllLines(layout.group(run).resolve("cgroup.procs")).stream()
          .map(Long::valueOf)
          .flatMap(pid -> ProcessTable.row(pid).stream())
          .filter(ProcessTable.Row::alive)
          .findFirst();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
