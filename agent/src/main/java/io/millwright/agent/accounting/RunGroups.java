package io.millwright.agent.accounting;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the control group of a run, of version 2. Any thread, which waits for the kernel; a group
 * that is not there is none.
 */
public final class RunGroups {
  private static final String UNIT = "mw-job-";

  private final Path processes;
  private final Path groups;

  /**
   * @param processes as {@code /proc}
   * @param groups as {@code /sys/fs/cgroup}
   */
  public RunGroups(Path processes, Path groups) {
    this.processes = processes;
    this.groups = groups;
  }

  /** Of a job's own unit; a process that is in no such unit shares its group with others. */
  public Optional<Path> ofUnit(long process) {
    try {
      return Files.readString(processes.resolve(Long.toString(process)).resolve("cgroup"))
          .lines()
          .filter(line -> line.startsWith("0::/"))
          .map(line -> groups.resolve(line.substring("0::/".length())))
          .filter(group -> group.getFileName().toString().startsWith(UNIT))
          .findFirst();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /**
   * Of a job of Slurm with its plugin {@code cgroup/v2}, whose steps are beneath one scope.
   *
   * @param number of the job
   */
  public Optional<Path> ofSlurm(String number) {
    try (DirectoryStream<Path> scopes =
        Files.newDirectoryStream(groups.resolve("system.slice"), "*slurmstepd.scope")) {
      for (Path scope : scopes) {
        Path group = scope.resolve("job_" + number);
        if (Files.isDirectory(group)) {
          return Optional.of(group);
        }
      }
    } catch (IOException none) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
