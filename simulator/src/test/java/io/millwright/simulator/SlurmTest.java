package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

/**
 * A node that Slurm gives out: Debian's slurmctld and slurmd call our programs, and a real agent
 * over simulated devices answers them. The devices of Slurm's jobs are named by the prolog of this
 * test and not by Slurm's GRES.
 */
class SlurmTest {
  /** Which devices a job has; Slurm says it by this variable where it knows the devices. */
  private static final String DEVICES = "export SLURM_JOB_GPUS=0-1\n";

  private static String verb(JobSite site, SlurmRig rig, String verb) throws IOException {
    return "exec %s -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss512k -cp %s io.millwright.agent.Main %s --slurm --node %s --door %s --scontrol %s --deadline 20s"
        .formatted(
            Path.of(System.getProperty("java.home"), "bin/java"),
            System.getProperty("java.class.path"),
            verb,
            SlurmRig.NODE,
            site.directory().resolve("health-" + SlurmRig.NODE + "/scheduler"),
            rig.wrapped("scontrol"));
  }

  /** The prolog of slurm.md: only a verdict refuses a job. */
  private static String asDocumented(String prepare) {
    return "(%s)\n[ $? = 75 ] && exit 1\nexit 0".formatted(prepare);
  }

  private static void await(SlurmRig rig, JobSite site, ThrowingRunnable wanted) {
    try {
      AgentProcess.soon().untilAsserted(wanted);
    } catch (ConditionTimeoutException never) {
      throw new AssertionError(rig.said() + site.said(), never);
    }
  }

  private static int run(Path script, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(script.toString()).redirectInput(new File("/dev/null"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void jobsAreAccountedAndALostDeviceDrainsTheNode() throws Exception {
    try (SlurmRig rig = SlurmRig.unpacked();
        JobSite site = JobSite.of(SlurmRig.NODE)) {
      site.set("mode=assist");
      site.startAgent(SlurmRig.NODE);
      Path health = rig.script("health", verb(site, rig, "health") + " --comment");
      Path prolog = rig.script("prolog", DEVICES + asDocumented(verb(site, rig, "prepare")));
      Path epilog = rig.script("epilog", DEVICES + verb(site, rig, "release"));
      Path byHand = rig.script("by-hand", verb(site, rig, "prepare"));
      site.awaitNodes(1);
      rig.start(
          "Prolog=" + prolog,
          "Epilog=" + epilog,
          "HealthCheckProgram=" + health,
          "HealthCheckInterval=5",
          "HealthCheckNodeState=ANY");

      String job = rig.submit("sleep 600");
      await(
          rig,
          site,
          () ->
              assertThat(rig.run("scontrol", "show", "job", job))
                  .contains("JobState=RUNNING")
                  .containsPattern(
                      "AdminComment=millwright node=n1 devices=2 device_seconds=[0-9.]+ joules=[0-9.]+"));
      site.hardware(SlurmRig.NODE).fault(1, "xid 79");
      await(
          rig,
          site,
          () -> {
            assertThat(rig.state())
                .contains("+DRAIN")
                .containsPattern(
                    "Reason=millwright health: accelerator 1 failed by .*xid.* \\[root@");
            assertThat(rig.run("scontrol", "show", "job", job))
                .containsPattern("errors=[a-z0-9_:,]*xid_79:1");
          });

      rig.run("scancel", job);
      await(
          rig,
          site,
          () -> {
            JsonNode usage = site.json("/v1/usage?by=scheduler,user,job");
            assertThat(usage).hasSize(1);
            JsonNode row = usage.get(0);
            assertThat(row.path("scheduler").asText()).isEqualTo("slurm");
            assertThat(row.path("user").asText()).isEqualTo("root");
            assertThat(row.path("job").asText()).isEqualTo("slurm-" + job);
            assertThat(row.path("device_seconds").asDouble()).isPositive();
            assertThat(row.path("errors").asLong()).as("79 and the 154 behind it").isEqualTo(2);
          });

      assertThat(run(byHand, Map.of("SLURM_JOB_ID", "77", "SLURM_JOB_GPUS", "1")))
          .as("a job with the lost device")
          .isEqualTo(75);
      assertThat(run(byHand, Map.of("SLURM_JOB_ID", "78", "SLURM_JOB_GPUS", "2")))
          .as("a job without it")
          .isZero();
      site.killAgent(SlurmRig.NODE);
      assertThat(run(byHand, Map.of("SLURM_JOB_ID", "79", "SLURM_JOB_GPUS", "1")))
          .as("nobody is there to refuse")
          .isZero();
      assertThat(run(health, Map.of())).isZero();
      assertThat(rig.state()).as("what was drained stays").contains("+DRAIN");
    }
  }
}
