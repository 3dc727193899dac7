package io.millwright.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.installed.Missing;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.neuron.NeuronNode;
import io.millwright.simulator.neuron.NeuronProfile;
import io.millwright.simulator.neuron.NeuronSimulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The life of the packages under a real systemd, on a Debian without a JDK: {@code
 * packages/stages.sh} has the stages, {@code packages/installed.sh} their order. The log of a run
 * stays in {@code systemd/target}.
 */
class InstalledTest {
  private static final Path SCRIPTS = Path.of("src/test/resources").toAbsolutePath();
  private static final Path TARGET = Path.of("target").toAbsolutePath();

  /** The host's kernel, at full speed; jobs want controllers that it keeps to itself. */
  @Test
  void servesJoinsUpgradesAndLeavesNothingUnderNspawn() throws IOException {
    live("nspawn", Duration.ofMinutes(6), List.of());
  }

  /** A measurement, of {@code ./millwright benchmark units}; the rows are lines of JSON. */
  @Test
  @EnabledIfSystemProperty(named = "benchmark", matches = "launch")
  void launchesBesideSystemdRun() throws IOException {
    live(
        "nspawn",
        Duration.ofMinutes(10),
        List.of("install", "collector", "join", "metrics", "launch"));
  }

  /** A kernel of its own, under software emulation: jobs with their bounds, and a reboot. */
  @Test
  void keepsAJobThroughKillAndUpgradeAndRebootsUnderQemu() throws IOException {
    assumeTrue(System.getProperty("long", "").equals("yes"), "with ./millwright test --long only");
    live("qemu", Duration.ofMinutes(50), List.of());
  }

  /**
   * @param stages all of a life where there are none
   */
  private static void live(String backend, Duration patience, List<String> stages)
      throws IOException {
    Path images = Path.of(System.getProperty("testbed", ""));
    if (!Files.exists(images.resolve("rootfs.tar.zst"))) {
      Missing.because("no testbed (-Dtestbed=DIR, which ./millwright test builds as root)");
    }
    Path bed = bed(images, backend);
    Path log = TARGET.resolve("installed-" + backend + ".log");
    List<String> command = new ArrayList<>();
    command.add("bash");
    command.add(SCRIPTS.resolve("packages/installed.sh").toString());
    command.add(backend);
    command.add(Built.home().resolve("systemd/testbed/systemd-testbed.sh").toString());
    command.add(share(backend).toString());
    command.addAll(stages);
    Shell.Ended ended =
        Shell.run(
            patience,
            Map.of("TESTBED_DIR", bed.toString(), "TESTBED_PORT", "22140", "TESTBED_MEM", "2048"),
            command,
            log);
    System.out.print(ended.text());
    assertThat(ended.good()).endsWith("all done\n");
  }

  /** A directory of its own over the images, as each testbed wants. */
  private static Path bed(Path images, String backend) throws IOException {
    Path bed = TARGET.resolve("testbed-packages-" + backend);
    Files.createDirectories(bed.resolve("run"));
    for (String image : List.of("rootfs.tar.zst", "root.ext4", "vmlinuz", "initrd.gz", "key")) {
      Files.deleteIfExists(bed.resolve(image));
      Files.createSymbolicLink(bed.resolve(image), images.toAbsolutePath().resolve(image));
    }
    return bed;
  }

  private static Path share(String backend) throws IOException {
    Path share = TARGET.resolve("share-packages-" + backend);
    Shell.run("rm", "-rf", share.toString()).good();
    Files.createDirectories(share);
    Built built = Built.packages();
    for (Path file :
        List.of(
            built.agent(),
            built.collector(),
            Built.home().resolve("simulator/target/native/libnvidia-ml.so.1"),
            SCRIPTS.resolve("packages/stages.sh"),
            SCRIPTS.resolve("testbed/get.py"),
            Built.home().resolve("benchmarks/launch.py"))) {
      Files.copy(file, share.resolve(file.getFileName()));
    }
    neuronTree(share.resolve("neuron"));
    return share;
  }

  /** What a simulated node with Trainium3 shows when its driver has just been loaded. */
  private static void neuronTree(Path into) throws IOException {
    Path node = Files.createTempDirectory(TARGET, "neuron");
    NeuronNode place = new NeuronNode(node);
    NeuronSimulation.Options options =
        new NeuronSimulation.Options(
            NeuronProfile.TRN3, Optional.empty(), 1, OptionalDouble.empty());
    try (NeuronSimulation _ = NeuronSimulation.open(place, options, Clock.system())) {
      Shell.run("cp", "-r", place.root().toString(), into.toString()).good();
    } finally {
      Shell.run("rm", "-rf", node.toString()).good();
    }
  }
}
