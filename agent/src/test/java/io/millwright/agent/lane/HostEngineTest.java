package io.millwright.agent.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.lane.HostEngine.Use;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether somebody else has the counters, by the processes of this machine. */
class HostEngineTest {
  @TempDir private Path directory;

  /** Of {@code /proc} as it is, with no other process of these names: a small tree of one. */
  @ParameterizedTest
  @ValueSource(strings = {"nv-hostengine", "dcgm-exporter"})
  void isSeenByItsProcessAndSeenToEnd(String name) throws Exception {
    Process running = start(name);
    Path processes = Files.createDirectory(directory.resolve("proc"));
    Path entry = processes.resolve(Long.toString(running.pid()));
    Files.createSymbolicLink(entry, Path.of("/proc", Long.toString(running.pid())));
    HostEngine engine = new HostEngine(processes, () -> Use.AUTO, Clock.system());
    try {
      engine.look();
      assertThat(engine.countersFree()).isFalse();
    } finally {
      running.destroyForcibly();
      assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    engine.look();
    assertThat(engine.countersFree()).isTrue();
  }

  /** A program of that name that only waits. */
  private Process start(String name) throws IOException {
    Path program =
        Files.copy(
            Path.of("/bin/sleep").toRealPath(),
            directory.resolve(name),
            StandardCopyOption.COPY_ATTRIBUTES);
    return new ProcessBuilder(program.toString(), "60").start();
  }

  @Test
  void theSiteHasTheLastWord() throws IOException {
    process("41", "bash");
    process("42", "nv-hostengine");
    AtomicReference<Use> use = new AtomicReference<>(Use.AUTO);
    HostEngine engine = new HostEngine(directory, use::get, Clock.system());
    assertThat(engine.countersFree()).as("before anybody looked").isFalse();
    engine.run();
    assertThat(engine.countersFree()).isFalse();
    use.set(Use.ALWAYS);
    assertThat(engine.countersFree()).isTrue();
    use.set(Use.NEVER);
    assertThat(engine.countersFree()).isFalse();
    use.set(Use.AUTO);
    Files.delete(directory.resolve("42").resolve("comm"));
    engine.look();
    assertThat(engine.countersFree()).isTrue();
  }

  @Test
  void aJobThatTakesTheNameSwitchesNothingOff() throws IOException {
    process("42", "nv-hostengine");
    Path group = directory.resolve("42").resolve("cgroup");
    Files.writeString(group, "0::/millwright.slice/millwright-jobs.slice/mw-job-a-r1.service\n");
    HostEngine engine = new HostEngine(directory, () -> Use.AUTO, Clock.system());
    engine.run();
    assertThat(engine.countersFree()).isTrue();
    Files.writeString(group, "0::/system.slice/nvidia-dcgm.service\n");
    engine.look();
    assertThat(engine.countersFree()).isFalse();
  }

  @Test
  void whatWasSeenStandsWhileNobodyCanLook() throws IOException {
    process("42", "nv-hostengine");
    HostEngine engine = new HostEngine(directory, () -> Use.AUTO, Clock.system());
    engine.run();
    Files.move(directory, directory.resolveSibling(directory.getFileName() + "-away"));
    engine.look();
    assertThat(engine.countersFree()).isFalse();
  }

  private void process(String pid, String name) throws IOException {
    Files.writeString(Files.createDirectory(directory.resolve(pid)).resolve("comm"), name + "\n");
  }
}
