package io.millwright.agent.doctor;

import io.millwright.agent.config.AgentConfig;
import io.millwright.drivers.host.Mount;
import io.millwright.drivers.host.Mounts;
import io.millwright.protocol.bodies.DoctorCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the file systems under the agent's state and under the logs of jobs can be written to, as
 * the node mounts them: what systemd shows read-only to the agent alone is not meant.
 */
final class MountChecks {
  private static final String CHECK = "read-only";

  /** What root keeps of jobs that run as units, their logs among it. */
  private static final String OF_UNITS = "/var/lib/millwright";

  private MountChecks() {}

  /**
   * @param root {@code /}, or a tree in its place
   */
  static DoctorCheck of(Path root, AgentConfig config) {
    return switch (Mounts.read(root)) {
      case Mounts.Result.Known(Mounts mounts) -> judged(mounts.all(), directories(config));
      case Mounts.Result.Unknown _ ->
          DoctorCheck.skipped(CHECK, "what is mounted cannot be read", "");
    };
  }

  private static Set<String> directories(AgentConfig config) {
    Set<String> directories = new LinkedHashSet<>();
    directories.add(config.health().directory());
    directories.add(config.evidence().directory());
    directories.add(config.jobs().directory());
    if (config.jobs().systemd()) {
      directories.add(OF_UNITS);
    }
    return directories;
  }

  private static DoctorCheck judged(List<Mount> mounts, Set<String> directories) {
    List<String> shut = new ArrayList<>();
    for (String directory : directories) {
      under(mounts, Path.of(directory))
          .filter(Mount::readOnly)
          .ifPresent(mount -> shut.add("%s (on %s)".formatted(directory, mount.mountPoint())));
    }
    return shut.isEmpty()
        ? DoctorCheck.ok(CHECK, "no state or log lies on a read-only file system")
        : DoctorCheck.fail(
            CHECK,
            "read-only under " + DeviceChecks.named(shut),
            "'journalctl -k' says why the kernel shut it; check the disk, then 'mount -o"
                + " remount,rw' or boot");
  }

  /** The one nearest to it. */
  private static Optional<Mount> under(List<Mount> mounts, Path directory) {
    return mounts.stream()
        .filter(mount -> directory.startsWith(mount.mountPoint()))
        .max(Comparator.comparingInt(mount -> mount.mountPoint().length()));
  }
}
