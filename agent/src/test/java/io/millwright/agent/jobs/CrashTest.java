package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.Execution;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * SIGKILL of the agent at random moments, over real processes: no run is started twice, no exit
 * code is lost, no orphan is untold, every report arrives under one number.
 */
class CrashTest {
  private static final int KILLS = Integer.getInteger("crash.kills", 8);
  private static final int JOBS = 3 * KILLS;

  @Test
  void noMomentOfDeathLosesOrDoublesAJob() throws IOException, InterruptedException {
    long seed = new Random().nextLong();
    System.out.println("CrashTest seed " + seed);
    Random random = new Random(seed);
    try (JobFixture node = new JobFixture()) {
      Path directory = node.state().resolveSibling("crash");
      Files.createDirectory(directory);
      assertThat(new JobFixture(directory).execution()).isInstanceOf(Execution.On.class);
      for (int kill = 0; kill < KILLS; kill++) {
        live(directory, 3 * (kill + 1), random.nextInt(1500));
      }
      end(directory, seed);
    }
  }

  /** One life of the node, from its first sign to a kill so much later. */
  private static void live(Path directory, int jobs, int afterMs)
      throws IOException, InterruptedException {
    Path alive = directory.resolve("alive");
    Files.deleteIfExists(alive);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashNode.class.getName(),
                directory.toString(),
                Integer.toString(jobs))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
            .start();
    try {
      JobFixture.soon().until(() -> Files.exists(alive) || !child.isAlive());
      long until = Clock.system().nanos() + TimeUnit.MILLISECONDS.toNanos(afterMs);
      while (child.isAlive() && Clock.system().nanos() - until < 0) {
        Clock.system().parkUntil(until);
      }
      assertThat(child.isAlive()).as(log(directory)).isTrue();
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  private static String log(Path directory) throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  private static void end(Path directory, long seed) throws IOException {
    String told = "seed " + seed;
    try (JobFixture last = new JobFixture(directory)) {
      JobsRoom room = last.room();
      assertThat(room.quarantine()).as(told).isEmpty();
      last.want(
          room,
          Stream.iterate(0, i -> i + 1)
              .limit(JOBS)
              .map(i -> JobFixture.assignment(CrashNode.job(last, i)))
              .toList(),
          List.of());
      for (int i = 0; i < JOBS; i++) {
        Run end = last.awaitEnd(room, "job-" + i);
        assertThat(end.outcome()).as(told + " job " + i).contains(Outcome.exit(i % 100));
        assertThat(Files.readString(last.open().resolve("starts-" + i)))
            .as(told + " job " + i)
            .isEqualTo("x\n");
      }
      JobFixture.soon().until(() -> ends(room) + ends(directory) >= JOBS);
      oneReportANumber(directory, room, told);
      noOrphan(told);
    }
  }

  private static long ends(JobsRoom room) {
    return room.unacknowledged().stream().filter(s -> s.state() == JobState.ENDED).count();
  }

  private static long ends(Path directory) throws IOException {
    return lines(directory).filter(line -> line.contains(" ended ")).distinct().count();
  }

  private static Stream<String> lines(Path directory) throws IOException {
    Path reports = directory.resolve("reports");
    return Files.exists(reports) ? Files.readAllLines(reports).stream() : Stream.of();
  }

  /** A report may come twice, and then says the same; a number never means two things. */
  private static void oneReportANumber(Path directory, JobsRoom room, String told)
      throws IOException {
    TreeMap<Long, String> reports = new TreeMap<>();
    lines(directory)
        .forEach(line -> {
          long sequence = Long.parseLong(line.split(" ")[0]);
          assertThat(reports.getOrDefault(sequence, line)).as(told).isEqualTo(line);
          reports.put(sequence, line);
        });
    room.unacknowledged().forEach(status -> reports.putIfAbsent(status.sequence(), "waiting"));
    assertThat(reports.keySet())
        .as(told + " reports without a gap")
        .containsExactlyElementsOf(LongStream.rangeClosed(1, reports.lastKey()).boxed().toList());
  }

  private static void noOrphan(String told) {
    List<Long> left =
        ProcessHandle.allProcesses().filter(CrashTest::ofTheTest).map(ProcessHandle::pid).toList();
    assertThat(left).as(told + " processes of jobs").isEmpty();
  }

  private static boolean ofTheTest(ProcessHandle process) {
    return process
            .info()
            .commandLine()
            .filter(line -> line.contains("echo x >>starts-"))
            .isPresent()
        && JobFixture.alive(process.pid());
  }
}
