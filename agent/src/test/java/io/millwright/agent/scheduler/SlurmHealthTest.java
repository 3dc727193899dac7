package io.millwright.agent.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.tool.Tool;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.HostAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which drains are ours; {@code SlurmTest} of the simulator has the real daemons. */
class SlurmHealthTest {
  @TempDir private Path directory = Path.of("");

  /** A scontrol that shows this and notes what it is told. */
  private SlurmHealth slurm(String state, String reason) throws IOException {
    Path program = directory.resolve("scontrol");
    Files.writeString(
        program,
        """
        #!/bin/sh
        case $1 in
        show) echo "NodeName=n1 Arch=x86_64"; echo "   State=%s ThreadsPerCore=1"; echo "   Reason=%s [root@2026-11-23T07:00:00]" ;;
        *) echo "$*" >>%s/told ;;
        esac
        """
            .formatted(state, reason, directory));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new SlurmHealth(
        new Scontrol(new Tool(Clock.system()), program, Optional.empty(), Duration.ofSeconds(30)),
        "n1");
  }

  private String told() throws IOException {
    Path told = directory.resolve("told");
    return Files.exists(told) ? Files.readString(told).strip() : "";
  }

  private static Reply.Seen seen(Fitness fitness) {
    return new Reply.Seen(
        fitness, fitness == Fitness.UNFIT ? "accelerator 1 failed by xid-79" : "", List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "UNFIT, IDLE, '', 'update NodeName=n1 State=DRAIN Reason=millwright health: accelerator 1 failed by xid-79'",
    "UNFIT, MIXED+DRAIN, somebody's, ''",
    "UNFIT, IDLE+DRAIN, 'millwright health: accelerator 0 failed', ''",
    "FIT, IDLE+DRAIN, 'millwright health: accelerator 1 failed', 'update NodeName=n1 State=UNDRAIN'",
    "FIT, DOWN+DRAIN, 'millwright health: accelerator 1 failed', 'update NodeName=n1 State=UNDRAIN'",
    "FIT, DOWN*+DRAIN, 'millwright health: accelerator 1 failed', ''",
    "FIT, IDLE+DRAIN+NOT_RESPONDING, 'millwright health: accelerator 1 failed', ''",
    "FIT, IDLE+COMPLETING+DRAIN, 'millwright health: accelerator 1 failed', ''",
    "FIT, IDLE+DRAIN, 'millwright inc-12: rack 3 is dark', ''",
    "FIT, IDLE+DRAIN, 'fan to be changed', ''",
    "FIT, IDLE, '', ''",
    "UNKNOWN, IDLE+DRAIN, 'millwright health: accelerator 1 failed', ''",
    "UNKNOWN, IDLE, '', ''"
  })
  void drainsWhatIsUnfitAndTakesBackItsOwnDrainAlone(
      Fitness fitness, String state, String reason, String told) throws IOException {
    SlurmHealth slurm = slurm(state, reason);
    assertThat(slurm.follow(seen(fitness)).isPresent()).isEqualTo(!told.isEmpty());
    assertThat(told()).isEqualTo(told);
  }

  @Test
  void scontrolThatIsNotThereIsOneSentence() {
    SlurmHealth slurm =
        new SlurmHealth(
            new Scontrol(
                new Tool(Clock.system()),
                directory.resolve("none"),
                Optional.empty(),
                Duration.ofSeconds(30)),
            "n1");
    assertThatThrownBy(() -> slurm.follow(seen(Fitness.UNFIT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none show node n1: exit 127");
  }

  @Test
  void theJobOfAPrologIsOfItsEnvironment() {
    assertThat(
            SlurmJob.of(
                Map.of(
                    "SLURM_JOB_ID", "1234",
                    "SLURM_JOB_GPUS", "0,2-4",
                    "SLURM_JOB_USER", "anna",
                    "SLURM_JOB_ACCOUNT", "llm")))
        .hasValue(new SlurmJob("1234", "anna", "llm", List.of("0", "2", "3", "4")));
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7", "CUDA_VISIBLE_DEVICES", "1")))
        .hasValue(new SlurmJob("7", "", "", List.of("1")));
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7", "CUDA_VISIBLE_DEVICES", "NoDevFiles")))
        .hasValue(new SlurmJob("7", "", "", List.of()));
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7; reboot"))).isEmpty();
    assertThat(SlurmJob.of(Map.of())).isEmpty();
  }

  /** Whatever stands in what its user named. */
  @ParameterizedTest
  @CsvSource({
    "RUNNING, n1, false",
    "RUNNING, n[1-2], false",
    "RUNNING, n[3-4], true",
    "RUNNING, n3, true",
    "RUNNING, (null), false",
    "SUSPENDED, n3, false",
    "CONFIGURING, n1, false",
    "COMPLETING, n1, false",
    "PENDING, (null), true",
    "COMPLETED, n1, true",
    "NODE_FAIL, n1, true",
    "SOMETHING_NEW, n1, false"
  })
  void aJobIsOverWhereSlurmSaysSo(String state, String nodes, boolean over) throws IOException {
    Path program = directory.resolve("scontrol");
    Files.writeString(
        program,
        """
        #!/bin/sh
        case "$2 $3" in
        'job 7') cat <<'X'
        JobId=6 ArrayJobId=6 JobName=a
           JobState=COMPLETED Reason=None
           NodeList=n9
        JobId=7 ArrayJobId=6 JobName=JobState=RUNNING
           JobState=%s Reason=None
           Comment=JobState=RUNNING
           NodeList=%s
        X
        ;;
        'hostnames n[1-2]') echo n1; echo n2 ;;
        'hostnames n[3-4]') echo n3; echo n4 ;;
        'hostnames n3') echo n3 ;;
        *) exit 9 ;;
        esac
        """
            .formatted(state, nodes));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    SlurmHealth slurm =
        new SlurmHealth(
            new Scontrol(
                new Tool(Clock.system()), program, Optional.empty(), Duration.ofSeconds(30)),
            "n1");
    assertThat(slurm.over(account("slurm-7"))).isEqualTo(over);
    assertThatThrownBy(() -> slurm.over(account("slurm-8"))).isInstanceOf(IOException.class);
  }

  private static RunAccount account(String job) {
    return new RunAccount(
        new RunId(job, 1),
        "slurm",
        "anna",
        "llm",
        1,
        2,
        "",
        false,
        1,
        List.of(),
        HostAccount.UNKNOWN);
  }

  @Test
  void aLongNameIsCutToWhatAnAccountHolds() {
    SlurmJob job =
        SlurmJob.of(Map.of("SLURM_JOB_ID", "7", "SLURM_JOB_ACCOUNT", "p".repeat(200)))
            .orElseThrow();
    assertThat(job.project()).isEqualTo("p".repeat(128));
  }
}
