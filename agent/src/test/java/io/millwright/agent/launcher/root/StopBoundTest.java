package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collector, or an agent, gone bad may end of a node's jobs within an hour. */
class StopBoundTest {
  @TempDir Path directory;
  private final Wall clock = new Wall();

  /** A wall clock that is set by hand. */
  private static final class Wall implements Clock {
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public Instant wall() {
      return now;
    }

    @Override
    public void parkUntil(long nanos) {
      throw new UnsupportedOperationException("nothing waits here");
    }
  }

  private static RunId run(int number) {
    return new RunId("train", number);
  }

  private Execution policy(String more) throws IOException {
    Path file = directory.toRealPath().resolve("stop-policy.yaml");
    Files.writeString(file, "users: [anna]\nargv_roots: [/usr]\ndemo: true\n" + more);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Execution execution = PolicyFile.read(file);
    assertThat(execution).isInstanceOf(Execution.On.class);
    return execution;
  }

  /** Each time as a launcher that has just begun. */
  private boolean stops(int number, Execution policy) {
    return new StopBound(directory.resolve("ledger"), clock).refusal(run(number), policy).isEmpty();
  }

  @Test
  void twoAnHourAreTwoWithinAnyHour() throws IOException {
    Execution two = policy("limits: {stops_per_hour: 2}\n");
    assertThat(stops(1, two)).isTrue();
    clock.now = clock.now.plus(Duration.ofMinutes(20));
    assertThat(stops(2, two)).isTrue();
    assertThat(new StopBound(directory.resolve("ledger"), clock).remembers())
        .as("what is written down needs no memory")
        .isFalse();
    assertThat(new StopBound(directory.resolve("ledger"), clock).refusal(run(3), two))
        .hasValueSatisfying(why ->
            assertThat(why)
                .contains("limits.stops_per_hour", "train-r3", "after 2026-03-01T13:00:00Z"));
    assertThat(stops(1, two)).as("counted already, and asked again").isTrue();
    clock.now = clock.now.plus(Duration.ofMinutes(40));
    assertThat(stops(3, two)).isTrue();
    assertThat(stops(4, two)).isFalse();
    clock.now = clock.now.plus(Duration.ofMinutes(20));
    assertThat(stops(4, two)).isTrue();
  }

  @Test
  void whereThePolicySaysNothingNothingIsCounted() throws IOException {
    Execution unbounded = policy("");
    for (int i = 1; i < 100; i++) {
      assertThat(stops(i, unbounded)).isTrue();
    }
    assertThat(stops(100, new Execution.Off("no policy"))).isTrue();
    assertThat(stops(101, policy("limits: {stops_per_hour: 1}\n"))).isTrue();
    assertThat(stops(102, policy("limits: {stops_per_hour: 1}\n"))).isFalse();
  }

  @Test
  void aClockThatWasSetBackBlocksNoMoreThanAnotherHour() throws IOException {
    Execution one = policy("limits: {stops_per_hour: 1}\n");
    assertThat(stops(1, one)).isTrue();
    clock.now = clock.now.minus(Duration.ofHours(9));
    assertThat(stops(2, one)).as("whoever sets a clock gets no more stops").isFalse();
    clock.now = clock.now.plus(Duration.ofHours(1));
    assertThat(stops(2, one)).isTrue();
  }

  @Test
  void whatIsOldLeavesNoFile() throws IOException {
    Execution one = policy("limits: {stops_per_hour: 1}\n");
    assertThat(stops(1, one)).isTrue();
    clock.now = clock.now.plus(Duration.ofHours(25));
    assertThat(stops(2, one)).isTrue();
    try (var files = Files.list(directory.resolve("ledger/stopped"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("train-r2");
    }
  }

  @Test
  void whatCannotBeWrittenDownIsRemembered() throws IOException {
    Files.createDirectory(directory.resolve("ledger"));
    Files.createFile(directory.resolve("ledger/stopped"));
    Execution one = policy("limits: {stops_per_hour: 1}\n");
    StopBound bound = new StopBound(directory.resolve("ledger"), clock);
    assertThat(bound.refusal(run(1), one)).isEmpty();
    assertThat(bound.refusal(run(1), one)).as("to kill what does not heed").isEmpty();
    assertThat(bound.refusal(run(2), one)).isPresent();
    assertThat(bound.remembers()).isTrue();
    clock.now = clock.now.plus(Duration.ofHours(1));
    assertThat(bound.remembers()).isFalse();
    assertThat(bound.refusal(run(2), one)).isEmpty();
  }
}
