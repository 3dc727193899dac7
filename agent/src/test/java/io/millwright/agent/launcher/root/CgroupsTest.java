package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.Cgroups;
import io.millwright.agent.launcher.Layout;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which hosts hold a job's limits, by what they mount at /sys/fs/cgroup; the directories and files
 * are those that the kernel shows there (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1).
 */
class CgroupsTest {
  private static final String OLD = "units: this host mounts cgroup v1 or both versions";

  /** Asks for two processors and 64 MiB. */
  private static final JobSpec BOUND = Assignments.of("job", "/bin/true").spec();

  @TempDir Path groups;
  private Layout layout = Layout.installed();

  @BeforeEach
  void mount() {
    layout = Layouts.in(groups);
  }

  private Optional<String> refusal() {
    return new Cgroups(layout).refusal(BOUND);
  }

  private void version2(Path mount, String controllers) throws IOException {
    Files.createDirectories(mount);
    Files.writeString(mount.resolve("cgroup.controllers"), controllers + "\n");
    Files.writeString(mount.resolve("cgroup.procs"), "1\n");
  }

  private void version1(String... controllers) throws IOException {
    for (String controller : List.of(controllers)) {
      Path mount = Files.createDirectories(groups.resolve(controller));
      Files.writeString(mount.resolve("tasks"), "1\n");
      Files.writeString(mount.resolve("cgroup.procs"), "1\n");
    }
  }

  @Test
  void version2WithItsControllersHoldsLimits() throws IOException {
    version2(groups, "cpuset cpu io memory pids");
    assertThat(refusal()).isEmpty();
    assertThat(new Cgroups(layout).holdsPlaces()).isTrue();
  }

  @Test
  void version1IsRefusedWithTheReasonAndTheRemedy() throws IOException {
    version1("cpu,cpuacct", "cpuset", "memory", "pids", "systemd");
    assertThat(refusal()).hasValueSatisfying(why -> assertThat(why).startsWith(OLD));
    assertThat(refusal())
        .hasValueSatisfying(
            why -> assertThat(why).endsWith("boot it with systemd.unified_cgroup_hierarchy=1"));
    assertThat(new Cgroups(layout).holdsPlaces()).isFalse();
  }

  /** Version 2 beside it, without a controller or with those that version 1 leaves it. */
  @Test
  void aHybridHostIsRefusedWhateverItsVersion2Has() throws IOException {
    version1("cpu,cpuacct", "memory", "systemd");
    version2(groups.resolve("unified"), "");
    assertThat(refusal()).hasValueSatisfying(why -> assertThat(why).startsWith(OLD));
    version2(groups.resolve("unified"), "cpu memory pids");
    assertThat(refusal()).hasValueSatisfying(why -> assertThat(why).startsWith(OLD));
  }

  /** Also a job that asks for no limit: its tasks, and the end of all of it, hang on version 2. */
  @Test
  void anOldHostIsRefusedToJobsWithoutLimits() throws IOException {
    version1("memory");
    JobSpec free = Assignments.unbound("job", "/bin/true").spec();
    assertThat(new Cgroups(layout).refusal(free)).isPresent();
  }

  @Test
  void aControllerThatVersion1HasKeptIsNamed() throws IOException {
    version2(groups, "cpuset cpu io pids");
    assertThat(refusal())
        .hasValueSatisfying(
            why -> assertThat(why).startsWith("memory_bytes: ").contains("no 'memory' controller"));
    version2(groups, "cpuset io memory pids");
    assertThat(refusal())
        .hasValueSatisfying(
            why -> assertThat(why).startsWith("cpus: ").contains("no 'cpu' controller"));
    version2(groups, "");
    assertThat(refusal()).isPresent();
  }

  @Test
  void nothingMountedIsRefused() {
    assertThat(refusal()).isPresent();
  }
}
