package io.millwright.agent.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.tool.Tool;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
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
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
        .hasValue(
            new SlurmJob("1234", OptionalInt.empty(), "anna", "llm", List.of("0", "2", "3", "4")));
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7", "CUDA_VISIBLE_DEVICES", "1")))
        .hasValue(new SlurmJob("7", OptionalInt.empty(), "", "", List.of("1")));
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7", "CUDA_VISIBLE_DEVICES", "NoDevFiles")))
        .hasValue(new SlurmJob("7", OptionalInt.empty(), "", "", List.of()));
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7; reboot"))).isEmpty();
    assertThat(SlurmJob.of(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "SLURM_JOB_RESTART_COUNT, 2, 3",
    "SLURM_RESTART_COUNT, 1, 2",
    "SLURM_JOB_RESTART_COUNT, 0, 1",
    "SLURM_JOB_RESTART_COUNT, -1, 0",
    "SLURM_JOB_RESTART_COUNT, many, 0",
    "SLURM_JOB_RESTART_COUNT, 999999999999, 0",
    "OTHER, 3, 0"
  })
  void aJobThatWasQueuedAgainHasTheNextNumber(String name, String value, int run) {
    assertThat(SlurmJob.of(Map.of("SLURM_JOB_ID", "7", name, value)).orElseThrow().run())
        .isEqualTo(run == 0 ? OptionalInt.empty() : OptionalInt.of(run));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'';1;millwright node=n1 devices=0 device_seconds=0.0",
        "millwright node=n1 devices=3 device_seconds=1.0 joules=2.0;1;millwright node=n1 devices=0 device_seconds=0.0",
        "millwright node=n0 devices=1 device_seconds=9.5 errors=xid_79:1;1;"
            + "millwright node=n0 devices=1 device_seconds=9.5 errors=xid_79:1 | node=n1 devices=0 device_seconds=0.0",
        "millwright node=n2 devices=1 device_seconds=9.5 | node=n1 devices=8 device_seconds=9.0;1;"
            + "millwright node=n1 devices=0 device_seconds=0.0 | node=n2 devices=1 device_seconds=9.5",
        "millwright node=n2 devices=1 device_seconds=9.5;2;millwright node=n1 run=2 devices=0 device_seconds=0.0",
        "millwright node=n2 run=2 devices=1 device_seconds=9.5;2;"
            + "millwright node=n1 run=2 devices=0 device_seconds=0.0 | node=n2 run=2 devices=1 device_seconds=9.5",
        "millwright node=n1 devices=0 device_seconds=0.0;1;''",
        "ask anna before you cancel this;1;''",
        "millwright has it;1;''",
        "millwright node=n1 | nonsense | node= | ;1;millwright node=n1 devices=0 device_seconds=0.0"
      })
  void eachNodeHasItsPartOfTheComment(String standing, int run, String comment) {
    assertThat(AdminComment.with(standing, "n1", account("slurm-7", run)).orElse(""))
        .isEqualTo(comment);
  }

  /** A comment of a thousand nodes would be a page. */
  @Test
  void aCommentIsBounded() {
    String text = "";
    int written = 0;
    for (int node = 0; node < 1_000; node++) {
      Optional<String> next = AdminComment.with(text, "node" + node, account("slurm-7", 1));
      if (next.isPresent()) {
        text = next.get();
        written++;
      }
    }
    assertThat(text).hasSizeLessThanOrEqualTo(AdminComment.LONGEST);
    assertThat(written).isBetween(16, 100);
  }

  /** The first sixteen nodes were there before the numbers grew. */
  @Test
  void aPartThatIsThereGrowsAndNoneBeginsWithoutRoom() {
    String others =
        IntStream.range(2, 17)
            .mapToObj(node ->
                " | node=m%02d devices=1 device_seconds=1.0 errors=%s:1"
                    .formatted(node, "x".repeat(81)))
            .collect(Collectors.joining());
    String standing = "millwright node=a devices=1" + others;
    assertThat(standing.length()).isBetween(1_960, AdminComment.LONGEST);
    assertThat(AdminComment.with(standing, "a", account("slurm-7", 1)).orElse(""))
        .startsWith("millwright node=a devices=0 device_seconds=0.0 | node=m02 ");
    assertThat(AdminComment.with(standing, "c", account("slurm-7", 1))).isEmpty();
    String sixteen =
        IntStream.range(0, 16)
            .mapToObj(node -> "node=m%02d devices=1".formatted(node))
            .collect(Collectors.joining(" | ", "millwright ", ""));
    assertThat(AdminComment.with(sixteen, "n1", account("slurm-7", 1)))
        .as("short now, and longer once they have used something")
        .isEmpty();
  }

  @Test
  void manyKindsOfErrorsAreOneNumber() {
    Map<String, Double> errors = new TreeMap<>();
    IntStream.range(0, 40).forEach(code -> errors.put("xid " + code, 2.0));
    DeviceAccount device =
        new DeviceAccount(
            "GPU-1",
            1,
            OptionalDouble.empty(),
            "",
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Map.of("errors", errors));
    RunAccount account =
        new RunAccount(
            new RunId("slurm-7", 1),
            "slurm",
            "anna",
            "llm",
            1,
            2,
            "",
            false,
            1,
            List.of(device),
            HostAccount.UNKNOWN);
    assertThat(AdminComment.with("", "n1", account))
        .hasValue("millwright node=n1 devices=1 device_seconds=1.0 errors=all:80");
  }

  /** Over a scontrol that shows it as 22.05 does. */
  @Test
  void theCommentOfAnotherNodeStays() throws IOException {
    Path program = directory.resolve("scontrol");
    Files.writeString(
        program,
        """
        #!/bin/sh
        case "$1" in
        show) cat <<'X'
        JobId=7 JobName=a
           JobState=RUNNING Reason=None
           Requeue=1 Restarts=2 BatchFlag=1 Reboot=0 ExitCode=0:0
           Comment=AdminComment=none of yours
           AdminComment=millwright node=n2 devices=1 device_seconds=9.5 joules=3.0
           Power=
        X
        ;;
        *) echo "$*" >>%s/told ;;
        esac
        """
            .formatted(directory));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    SlurmHealth slurm =
        new SlurmHealth(
            new Scontrol(
                new Tool(Clock.system()), program, Optional.empty(), Duration.ofSeconds(30)),
            "n1");
    slurm.comment(account("slurm-7"));
    assertThat(told())
        .isEqualTo(
            "update JobId=7 AdminComment=millwright node=n1 devices=0 device_seconds=0.0"
                + " | node=n2 devices=1 device_seconds=9.5 joules=3.0");
    assertThat(slurm.restarts("7")).isEqualTo(2);
    assertThatThrownBy(() -> slurm.restarts("8"))
        .isInstanceOf(IOException.class)
        .hasMessage("scontrol tells no restarts of job 8");
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
    return account(job, 1);
  }

  private static RunAccount account(String job, int run) {
    return new RunAccount(
        new RunId(job, run),
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
