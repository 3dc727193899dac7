package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a demo ends that it finds noted, and whom not. */
@SuppressWarnings("NullAway.Init") // set before each test
class LeftoversTest {
  private static final String DEVICES = "CUDA_VISIBLE_DEVICES=GPU-of-leftovers-test";

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();
  private final List<ProcessHandle> orphans = new ArrayList<>();

  @BeforeEach
  void thisBoot() throws IOException {
    Files.writeString(directory.resolve("boot"), ProcessRow.bootId());
  }

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
    orphans.forEach(ProcessHandle::destroyForcibly);
  }

  private ProcessRow sleeper(String... prefix) throws IOException {
    List<String> words = new ArrayList<>(List.of(prefix));
    words.addAll(List.of("sleep", "600"));
    Process process = new ProcessBuilder(words).start();
    started.add(process);
    AgentProcess.soon()
        .until(() ->
            ProcessRow.of(process.pid()).orElseThrow().words().equals(List.of("sleep", "600")));
    return ProcessRow.of(process.pid()).orElseThrow();
  }

  private static String stat(ProcessRow row) throws IOException {
    return Files.readString(Path.of("/proc/" + row.pid() + "/stat")).strip();
  }

  private void end() throws IOException {
    new Leftovers(directory, Clock.system()).end();
  }

  @Test
  void daemonsAreEndedAndThoseWithAnUsedAgainNumberAreNot() throws IOException {
    ProcessRow daemon = sleeper();
    ProcessRow stranger = sleeper();
    String startedEarlier = stat(stranger).replace(" " + stranger.startTicks() + " ", " 77 ");
    Files.writeString(
        directory.resolve("processes"),
        "agent %s%nagent %s%nagent torn".formatted(stat(daemon), startedEarlier));
    end();
    assertThat(daemon.alive()).isFalse();
    assertThat(stranger.alive()).isTrue();
  }

  @Test
  void nobodyIsEndedForTheNotesOfAnotherBoot() throws IOException {
    ProcessRow stranger = sleeper();
    Files.writeString(directory.resolve("processes"), "agent " + stat(stranger));
    Files.writeString(directory.resolve("boot"), "another");
    end();
    assertThat(stranger.alive()).isTrue();
  }

  @Test
  void aJobIsEndedWithWhatHasItsDevices() throws IOException {
    ProcessRow leader = sleeper("setsid");
    ProcessRow runaway = sleeper("env", DEVICES, "MW_JOB=hello");
    ProcessRow stranger = sleeper("env", "MW_JOB=hello");
    ProcessRow other = sleeper("setsid");
    attempt("hello-r1", leader.pid(), leader.startTicks());
    attempt("other-r1", other.pid(), other.startTicks() - 1);
    end();
    assertThat(List.of(leader, runaway)).noneMatch(ProcessRow::alive);
    assertThat(List.of(stranger, other)).allMatch(ProcessRow::alive);
  }

  /** One left behind by a leader of a session that has ended. */
  private ProcessRow orphan(List<Long> leaders, String... prefix) throws Exception {
    List<String> words = new ArrayList<>(List.of(prefix));
    words.addAll(List.of("setsid", "sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"));
    Process leader = new ProcessBuilder(words).start();
    long pid =
        Long.parseLong(
            new String(leader.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    leader.waitFor();
    leaders.add(leader.pid());
    ProcessHandle.of(pid).ifPresent(orphans::add);
    return ProcessRow.of(pid).orElseThrow();
  }

  @Test
  void withoutItsLeaderAJobIsKnownByItsMarkAlone() throws Exception {
    List<Long> leaders = new ArrayList<>();
    ProcessRow own = orphan(leaders, "env", "MW_ATTEMPT=one", "MW_JOB=another");
    ProcessRow stranger = orphan(leaders, "env", "MW_ATTEMPT=two", "MW_JOB=hello", DEVICES);
    ProcessRow runaway = sleeper("setsid", "env", "MW_ATTEMPT=one");
    for (long leader : leaders) {
      Path attempt = attempt("hello-r" + leader, leader, 1);
      Files.writeString(attempt.resolve("environment"), "MW_JOB=hello\nMW_ATTEMPT=one\n" + DEVICES);
    }
    end();
    assertThat(List.of(own, runaway)).noneMatch(ProcessRow::alive);
    assertThat(stranger.alive()).isTrue();
  }

  /** As {@code supervise.sh} writes it. */
  private Path attempt(String run, long pid, long ticks) throws IOException {
    Path attempt = Files.createDirectories(directory.resolve("jobs/node1/" + run + "/1"));
    Files.writeString(
        attempt.resolve("process"),
        "999999 1 %d %d 1.0 %s%n".formatted(pid, ticks, ProcessRow.bootId()));
    Files.writeString(attempt.resolve("environment"), "PATH=/bin\nMW_JOB=hello\n" + DEVICES + "\n");
    return attempt;
  }
}
