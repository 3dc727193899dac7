package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Systemd's words of an end, and ours. */
class EndRecordTest {
  @TempDir Path ended;

  private static EndRecord record(String result, String code, String status) {
    return new EndRecord(result, code, status, "boot", Duration.ofSeconds(9), false);
  }

  @ParameterizedTest
  @CsvSource({
    "success, exited, 0, completed",
    "exit-code, exited, 7, exit(7)",
    "exit-code, exited, 203, exit(203)",
    "success, killed, TERM, signal(15)",
    "signal, killed, KILL, signal(9)",
    "signal, killed, 9, signal(9)",
    "core-dump, dumped, SEGV, signal(11)",
    "signal, killed, RTMIN+3, signal(37)",
    "oom-kill, killed, KILL, oom",
    "timeout, killed, TERM, time-limit",
    "success, exited, '', untracked",
    "'', '', '', untracked",
    "signal, killed, HUMBUG, untracked",
  })
  void isTheOutcomeOfItsWords(String result, String code, String status, String outcome) {
    assertThat(record(result, code, status).outcome(true).text()).isEqualTo(outcome);
  }

  @Test
  void onlyWhoRanForSoLongWasEndedByTheLimit() {
    assertThat(record("timeout", "killed", "KILL").outcome(false).text()).isEqualTo("signal(9)");
  }

  @Test
  void aStepBeforeTheProgramIsNoExit() {
    EndRecord step = record("exit-code", "exited", "200");
    assertThat(step.neverRan(false)).hasValueSatisfying(why -> assertThat(why).contains("cwd"));
    assertThat(step.neverRan(true)).isEmpty();
    assertThat(record("exit-code", "exited", "7").neverRan(false)).isEmpty();
    assertThat(record("resources", "", "").neverRan(false)).isPresent();
  }

  @Test
  void readsWhatItWrites() throws IOException {
    RunId run = new RunId("a", 2);
    EndRecord record = record("oom-kill", "killed", "KILL");
    record.facts("mw-job-a-r2.service", "f00").write(ended.resolve("mw-job-a-r2.service.f00"));
    assertThat(EndRecord.find(ended, run)).contains(record);
    assertThat(EndRecord.find(ended, new RunId("a", 1))).isEmpty();
    assertThat(EndRecord.find(ended.resolve("none"), run)).isEqualTo(Optional.empty());
  }

  @Test
  void aHalfWrittenOneIsNone() throws IOException {
    Files.writeString(ended.resolve("mw-job-a-r1.service.f00.new"), "boot=b\nuptime=1.0\n");
    Files.writeString(ended.resolve("mw-job-a-r1.service.f01"), "result=success\n");
    assertThat(EndRecord.find(ended, new RunId("a", 1))).isEmpty();
  }
}
