package io.millwright.agent.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.drivers.neuron.monitor.CoreUse;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small scripts stand in for neuron-monitor; a real one was never run. */
class NeuronMonitorTest {
  private static final Periods PERIODS =
      new Periods(Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(2));
  private static final String RECORD =
      """
      {"neuron_runtime_data":[{"pid":7,"neuron_runtime_tag":"t","report":{\
      "execution_stats":{"execution_summary":{"completed":5}},\
      "neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":50}}}}}]}\
      """;
  private static final String FOR_EVER = "while printf '%s\\n' \"$R\"; do sleep 0.1; done";
  private static final Metric COMPLETED = Metric.ACCELERATOR_EXECUTIONS_TOTAL;

  @TempDir private static Path directory;
  private @Nullable NeuronMonitor monitor;

  @AfterEach
  void stop() throws InterruptedException {
    if (monitor != null) {
      monitor.stop();
      assertThat(monitor.ended(Duration.ofSeconds(20))).isTrue();
    }
  }

  private static ConditionFactory soon() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions();
  }

  /** A program that notes its process, then does this; {@code $R} is a record. */
  private static Path program(String body) throws IOException {
    Path place = Files.createTempDirectory(directory, "child");
    Path program = place.resolve("neuron-monitor");
    Files.writeString(
        program,
        "#!/bin/sh\nR='%s'\necho $$ >> %s/pids\necho \"$@\" > %s/words\n%s\n"
            .formatted(RECORD, place, place, body));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  private static List<ProcessHandle> children(Path program) throws IOException {
    return Files.readAllLines(program.resolveSibling("pids")).stream()
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  private NeuronMonitor started(Path program) {
    NeuronMonitor started =
        new NeuronMonitor(program, "n1", PERIODS, Metric.Tier.OPTIONAL, Clock.system());
    monitor = started;
    started.start();
    return started;
  }

  private static OptionalDouble completed(NeuronMonitor monitor) {
    Series wanted = Series.of(COMPLETED, "n1", "completed");
    for (Sample sample : monitor.samples(new Tick(1, 1))) {
      Sample aged = sample.aged(Clock.system().nanos(), PERIODS);
      for (int i = 0; i < aged.table().size(); i++) {
        if (aged.table().series(i).equals(wanted)
            && aged.reading(i) instanceof Reading.Measured(double value)) {
          return OptionalDouble.of(value);
        }
      }
    }
    return OptionalDouble.empty();
  }

  private static boolean failed(NeuronMonitor monitor, Fault fault) {
    return monitor.last() instanceof RoundResult.Failed failed && failed.fault() == fault;
  }

  @Test
  void addsUpWhatTheChildSaysAndEndsIt() throws Exception {
    Path program = program("cp \"$2\" " + directory + "/seen.json; " + FOR_EVER);
    NeuronMonitor running = started(program);
    soon().until(() -> completed(running).orElse(0) >= 15);
    assertThat(completed(running).orElse(0) % 5).isZero();
    assertThat(running.last()).isInstanceOf(RoundResult.Succeeded.class);
    assertThat(running.cores())
        .containsExactly(new CoreUse(0, "t", OptionalDouble.of(0.5), Map.of()));
    String[] words = Files.readString(program.resolveSibling("words")).strip().split(" ", -1);
    assertThat(words).hasSize(2).startsWith("-c");
    Path configuration = Path.of(words[1]);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(configuration)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(directory.resolve("seen.json")))
        .isEqualTo(Child.configuration(Duration.ofSeconds(1)))
        .contains("\"period\": \"1s\"");
    List<ProcessHandle> children = children(program);
    assertThat(children).hasSize(1);
    stop();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(configuration).doesNotExist();
  }

  @Test
  void beginsAnewAndGoesOnCounting() throws Exception {
    Path program = program("echo some trouble >&2; echo \"$R\"; printf '%.40s' \"$R\"");
    NeuronMonitor running = started(program);
    soon().until(() -> completed(running).orElse(0) == 10);
    assertThat(Files.readAllLines(program.resolveSibling("pids")).size()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aLineThatIsNoRecordIsDropped() throws Exception {
    NeuronMonitor running =
        started(program("echo \"$R\"; echo 'time=now level=error'; exec sleep 600"));
    soon().until(() -> failed(running, Fault.PARSE));
    assertThat(running.cores()).hasSize(1);
  }

  @Test
  void aLineThatIsTooLongIsDropped() throws Exception {
    NeuronMonitor running =
        started(
            program(
                "printf '{\"a\":['; head -c 5000000 /dev/zero | tr '\\0' 1; echo; echo; echo;"
                    + " echo \"$R\"; exec sleep 600"));
    soon().until(() -> completed(running).orElse(0) == 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exec cat /dev/zero", "exec yes no-record"})
  void aChildThatNeverSaysARecordIsEnded(String body) throws Exception {
    Path program = program(body);
    NeuronMonitor running = started(program);
    soon().until(() -> failed(running, Fault.OTHER));
    soon().until(() -> Files.readAllLines(program.resolveSibling("pids")).size() == 2);
    assertThat(children(program)).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void readingsOfASilentChildGrowOld() throws Exception {
    NeuronMonitor running = started(program("echo \"$R\"; exec sleep 600"));
    soon().until(() -> completed(running).orElse(0) == 5);
    soon().until(() -> completed(running).isEmpty());
    soon().until(() -> failed(running, Fault.TIMEOUT) && running.cores().isEmpty());
    assertThat(running.samples(new Tick(1, 1))).as("the driver's stand for them").isEmpty();
  }

  /** Its pipe would be full, and no record would come, were it not emptied at each look. */
  @Test
  void aChildThatTalksMuchIsStillHeard() throws Exception {
    NeuronMonitor running =
        started(program("head -c 4000000 /dev/zero | tr '\\0' x >&2; " + FOR_EVER));
    soon().until(() -> completed(running).orElse(0) >= 5);
  }

  @Test
  void aChildThatDoesNotListenIsKilled() throws Exception {
    Path program = program("trap '' TERM; " + FOR_EVER);
    NeuronMonitor running = started(program);
    soon().until(() -> completed(running).isPresent());
    List<ProcessHandle> children = children(program);
    stop();
    assertThat(children).hasSize(1).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void aProgramThatIsNotThereIsSaid() throws Exception {
    NeuronMonitor none = started(directory.resolve("none"));
    soon().until(() -> failed(none, Fault.NOT_FOUND));
    stop();
    Path locked = Files.writeString(directory.resolve("locked"), "#!/bin/sh\n");
    NeuronMonitor refused = started(locked);
    soon().until(() -> failed(refused, Fault.PERMISSION));
  }

  /** Nobody reads the pipe of a killed agent: the next record ends the child. */
  @Test
  void noChildOutlivesAKilledAgent() throws Exception {
    Path program = program(FOR_EVER);
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                LoneMonitor.class.getName(),
                program.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("agent.log").toFile())
            .start();
    try {
      soon().until(() -> children(program).size() == 1);
      ProcessHandle child = children(program).getFirst();
      soon()
          .until(() ->
              Files.readString(directory.resolve("agent.log"), UTF_8).contains("is read pid="));
      agent.destroyForcibly();
      assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
      soon().until(() -> !child.isAlive());
    } finally {
      agent.destroyForcibly();
    }
  }
}
