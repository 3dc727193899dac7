package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.OpenRuns;
import io.millwright.agent.jobs.Run;
import io.millwright.agent.launcher.Claims;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.LauncherException;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.agent.privileged.ForeignHolders;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher writes down of a run, as the agent reads it. Nothing is begun. */
class ClaimsTest {
  private static final RunId RUN = new RunId("job", 1);

  @TempDir Path directory;
  private final List<Run> runs = new ArrayList<>();

  private Layout layout() {
    return Layouts.in(directory);
  }

  private Claims claims() {
    return new Claims(layout());
  }

  /** As the launcher writes it, of a run with these nodes in /dev. */
  private void claimed(String job, List<String> nodes, List<String> instances) throws IOException {
    Layout layout = layout();
    Files.writeString(layout.policy(), "users: [anna]\nargv_roots: [/usr]\n");
    Files.setPosixFilePermissions(layout.policy(), PosixFilePermissions.fromString("rw-r--r--"));
    assumeTrue(System.getProperty("user.name").equals("root"), "a policy is root's");
    Assignment assignment = Assignments.of(job, Optional.empty(), List.of("GPU-a"), "/bin/true");
    Policy policy =
        switch (PolicyFile.read(layout.policy())) {
          case Execution.On(Policy on) -> on;
          case Execution.Off(String why) -> throw new AssertionError(why);
        };
    JobProperties properties =
        new JobProperties(
            assignment,
            new UnixUser("anna", 1001, 1001, "/home/anna"),
            policy,
            Path.of("/bin/true"),
            Path.of("/tmp"),
            nodes.stream().map(name -> Path.of("/dev", name)).toList(),
            instances,
            Optional.empty(),
            Near.UNKNOWN,
            Optional.empty(),
            layout);
    written(assignment.id(), new Facts(properties.claim()));
  }

  private void written(RunId run, Facts facts) throws IOException {
    Files.createDirectories(layout().directory(run));
    facts.write(layout().directory(run).resolve("claimed"));
  }

  private void stands(String job, JobState state, String... devices) {
    runs.add(
        new Run(
            new RunId(job, 1),
            "",
            Optional.empty(),
            List.of(devices),
            Optional.empty(),
            "boot",
            state,
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            OptionalLong.empty(),
            Usage.NONE,
            "",
            List.of(),
            0));
  }

  @Test
  void ofWholeDevicesTheNodesAreTheRunsAlone() throws IOException {
    claimed("job", List.of("nvidia3", "nvidia0", "nvidiactl", "nvidia-uvm"), List.of());
    assertThat(claims().nodes(RUN)).containsExactly("nvidia3", "nvidia0");
    assertThat(claims().opened(RUN)).containsExactly("nvidia3", "nvidia0");
  }

  /** Else the end of one run would wait for its neighbours on the same GPU. */
  @Test
  void ofInstancesTheNodeOfTheirGpuIsOpenedAndIsNobodysAlone() throws IOException {
    claimed(
        "job",
        List.of("nvidia-caps/nvidia-cap30", "nvidia-caps/nvidia-cap31", "nvidia0", "nvidiactl"),
        List.of("gpu0/gi1/ci0"));
    assertThat(claims().nodes(RUN)).isEmpty();
    assertThat(claims().opened(RUN)).containsExactly("nvidia0");
  }

  @Test
  void whatALauncherBeforeWroteIsReadAsWell() throws IOException {
    written(RUN, new Facts(Map.of("nodes", "nvidia3", "instances", "")));
    assertThat(claims().opened(RUN)).containsExactly("nvidia3");
  }

  @Test
  void runsAreOpenUntilTheyHaveEnded() throws IOException {
    claimed("first", List.of("nvidia0"), List.of("gpu0/gi1/ci0"));
    claimed("second", List.of("nvidia0"), List.of("gpu0/gi2/ci0"));
    stands("first", JobState.RUNNING, "MIG-a");
    stands("second", JobState.STUCK, "MIG-b");
    stands("third", JobState.ENDED, "GPU-c");
    stands("fourth", JobState.RUNNING);
    assertThat(new OpenRuns(() -> runs, claims()).get())
        .containsExactly(running("first", true, "nvidia0"), running("second", false, "nvidia0"));
  }

  @Test
  void aClaimThatCannotBeReadLeavesTheOthersAsTheyAre() throws IOException {
    claimed("first", List.of("nvidia0"), List.of());
    Path unread = layout().directory(new RunId("second", 1)).resolve("claimed");
    Files.createDirectories(unread.getParent());
    Files.createSymbolicLink(unread, Path.of("elsewhere")); // is not followed
    assertThatThrownBy(() -> claims().opened(new RunId("second", 1)))
        .isInstanceOf(LauncherException.class);
    stands("first", JobState.RUNNING, "GPU-a");
    stands("second", JobState.RUNNING, "GPU-b");
    assertThat(new OpenRuns(() -> runs, claims()).get())
        .containsExactly(running("first", true, "nvidia0"), running("second", true));
  }

  private static ForeignHolders.Running running(String job, boolean goes, String... nodes) {
    return new ForeignHolders.Running(
        job + "-r1",
        "/millwright.slice/millwright-jobs.slice/mw-job-" + job + "-r1.service",
        List.of(nodes),
        goes);
  }
}
