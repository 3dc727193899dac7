package io.millwright.agent.privileged;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths as they stand on nodes. The forms are of the schedulers' documents and sources. */
class OwnerTest {
  private static final String POD = "1e7a3c52-9b4f-4d0e-8a5b-6f2c1d9e0b34";
  private static final String UNDER = "1e7a3c52_9b4f_4d0e_8a5b_6f2c1d9e0b34";
  private static final String CONTAINER =
      "3f0b5b7c2c8d4f5b9a1e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2e1f00112";

  @ParameterizedTest
  @CsvSource({
    // Slurm with cgroup/v2, 22.05 and later, a step of srun, of a batch script, and the extern step
    "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0, 7",
    "0::/system.slice/slurmstepd.scope/job_4294967295/step_batch/user/task_0, 4294967295",
    "0::/system.slice/slurmstepd.scope/job_7/step_extern/slurm, 7",
    "0::/system.slice/slurmstepd.scope/job_7, 7",
    // several slurmd of one machine; a scope that systemd did not make
    "0::/system.slice/n1_slurmstepd.scope/job_7/step_0/user/task_0, 7",
    "0::/slurmstepd.scope/job_7/step_0/user/task_0, 7",
    // cgroup/v1: a line for each hierarchy
    "9:memory:/slurm/uid_1000/job_7/step_0/task_0, 7",
    "4:cpuset:/slurm_n1/uid_1000/job_12/step_batch, 12"
  })
  void aStepOfSlurmIsItsJobs(String line, String job) {
    assertThat(Owner.of(line + "\n")).hasValue(new Owner("slurm", job));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // the systemd driver, by class of service; of containerd and CRI-O
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUNDER.slice/cri-containerd-CONTAINER.scope",
        "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUNDER.slice/crio-CONTAINER.scope",
        "0::/kubepods.slice/kubepods-podUNDER.slice/cri-containerd-CONTAINER.scope",
        "0::/kubepods.slice/kubepods-podUNDER.slice/cri-containerd-CONTAINER.scope/init",
        // beneath a root of kubelet's own, as kind has it
        "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podUNDER.slice/cri-containerd-CONTAINER.scope",
        "0::/kubelet/kubepods/burstable/podPOD/CONTAINER",
        // the cgroupfs driver
        "0::/kubepods/burstable/podPOD/CONTAINER",
        "0::/kubepods/podPOD/CONTAINER",
        // version 1
        "11:devices:/kubepods/besteffort/podPOD/CONTAINER",
        "11:memory:/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUNDER.slice/docker-CONTAINER.scope",
        // kubelet with systemd and a runtime without
        "0::/system.slice/containerd.service/kubepods-burstable-podUNDER.slice:cri-containerd:CONTAINER"
      })
  void aContainerIsItsPods(String line) {
    String text =
        line.replace("UNDER", UNDER).replace("POD", POD).replace("CONTAINER", CONTAINER) + "\n";
    assertThat(Owner.of(text)).hasValue(new Owner("kubernetes", POD));
  }

  /** One that the kubelet reads of a file has a hash in place of a UID. */
  @Test
  void aStaticPodHasAHash() {
    String hash = "0123456789abcdef0123456789abcdef";
    assertThat(Owner.of("0::/kubepods/burstable/pod%s/%s\n".formatted(hash, CONTAINER)))
        .hasValue(new Owner("kubernetes", hash));
  }

  @Test
  void anyHierarchyOfVersionOneCounts() {
    assertThat(
            Owner.of(
                """
                12:pids:/system.slice/slurmd.service
                9:memory:/slurm/uid_1000/job_7/step_0/task_0
                1:name=systemd:/system.slice/slurmd.service
                0::/system.slice/slurmd.service
                """))
        .hasValue(new Owner("slurm", "7"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/",
        "0::/init.scope",
        "0::/system.slice/slurmd.service",
        "0::/system.slice/nvidia-persistenced.service",
        "0::/user.slice/user-1000.slice/session-4.scope",
        "0::/millwright-jobs.slice/mw-job-train-r1.service",
        "0::/system.slice/docker-0123.scope",
        "0::/system.slice/slurmstepd.scope/system",
        "0::/system.slice/slurmstepd.scope/job_",
        "0::/system.slice/slurmstepd.scope/job_0",
        "0::/system.slice/slurmstepd.scope/job_7x/step_0",
        "0::/system.slice/slurmstepd.scope/job_99999999999/step_0",
        "0::/kubepods.slice/kubepods-burstable.slice",
        "0::/kubepods/burstable/pod../x",
        "",
        "0",
        "0:",
        "nonsense"
      })
  void whatIsNobodysJobHasNoOwner(String line) {
    assertThat(Owner.of(line + "\n")).isEmpty();
  }

  /** Who may make groups of his own can call them whatever he likes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/user.slice/user-1000.slice/user@1000.service/slurmstepd.scope/job_7/step_0",
        "0::/user.slice/user-1000.slice/user@1000.service/system.slice/slurmstepd.scope/job_7",
        "0::/user.slice/user-1000.slice/user@1000.service/slurm/uid_0/job_7",
        "0::/user.slice/user-1000.slice/user@1000.service/kubepods/podPOD/x",
        "0::/user.slice/x\r0::/system.slice/slurmstepd.scope/job_7",
        "0::/user.slice/x 0::/system.slice/slurmstepd.scope/job_7",
        "0::/user.slice/:/system.slice/slurmstepd.scope/job_7"
      })
  void aGroupThatAUserNamedIsNoJob(String line) {
    assertThat(Owner.of(line.replace("POD", POD) + "\n")).isEmpty();
  }

  @Test
  void aStepCannotNameAnotherJob() {
    assertThat(
            Owner.of(
                "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0/\r"
                    + "/system.slice/slurmstepd.scope/job_8/kubepods/pod"
                    + POD
                    + "\n"))
        .hasValue(new Owner("slurm", "7"));
  }

  /** Any text is somebody's or nobody's, and soon. */
  @Test
  void anyTextIsRead() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    String[] words = {
      "0::",
      "/",
      "system.slice",
      "slurmstepd.scope",
      "job_",
      "7",
      "kubepods",
      "-",
      ".slice",
      "pod",
      UNDER,
      POD,
      "_",
      "\n",
      "\r",
      "\u0000",
      ":",
      "kubelet",
      "uid_1",
      "slurm"
    };
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int word = random.nextInt(24); word > 0; word--) {
        text.append(words[random.nextInt(words.length)]);
      }
      Owner.of(text.toString())
          .ifPresent(owner -> assertThat(owner.id()).matches("[0-9]{1,10}|[0-9a-f-]{32,36}"));
    }
    assertThat(Owner.of("0::/" + "kubepods-".repeat(450) + "/pod")).isEmpty();
    assertThat(Owner.of("0::/" + "n1_".repeat(1_300) + "slurmstepd.scope/job_7"))
        .hasValue(new Owner("slurm", "7"));
  }
}
