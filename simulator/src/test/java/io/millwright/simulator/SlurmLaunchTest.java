package io.millwright.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A measurement, of {@code millwright benchmark units}: how long srun takes to begin a program. */
@EnabledIfSystemProperty(named = "benchmark", matches = "launch")
class SlurmLaunchTest {
  private static final Path HARNESS = Path.of("../benchmarks/launch.py").toAbsolutePath();

  private static void measured(SlurmRig rig, String what) throws Exception {
    String[] command = {
      "python3",
      HARNESS.toString(),
      "spawned",
      "60",
      what,
      rig.program("usr/bin/srun").toString(),
      "-n1"
    };
    Process harness = rig.with(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String rows = new String(harness.getInputStream().readAllBytes(), UTF_8);
    assertThat(harness.waitFor()).isZero();
    System.out.print(rows); // what a child writes itself is no line of the build's log
  }

  @Test
  void srunBeginsAProgram() throws Exception {
    try (SlurmRig rig = SlurmRig.unpacked()) {
      rig.start();
      measured(rig, "srun -n1");
    }
  }

  @Test
  void srunBeginsAProgramAfterAProlog() throws Exception {
    try (SlurmRig rig = SlurmRig.unpacked()) {
      rig.start("Prolog=" + rig.script("nothing", "exit 0"));
      measured(rig, "srun -n1, with a prolog that does nothing");
    }
  }
}
