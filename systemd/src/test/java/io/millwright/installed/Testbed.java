package io.millwright.installed;

import io.millwright.installed.Command.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A throw-away Debian with systemd as its first process, booted by {@code
 * systemd/testbed/systemd-testbed.sh} in nspawn: the host's kernel, no cgroup controllers where the
 * host keeps them to itself. The images are made once by {@code ./millwright test}, in the
 * directory of the property {@code testbed}.
 *
 * <p><i>Lifecycle:</i> {@link #boot}, {@link #close}. <i>Failure:</i> where this machine cannot
 * boot one, {@link Missing} says what becomes of the test.
 */
final class Testbed implements AutoCloseable {
  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final Path SCRIPT = Checkout.SYSTEMD.resolve("testbed/systemd-testbed.sh");

  private final Path directory;

  private Testbed(Path directory) {
    this.directory = directory;
  }

  /**
   * @param name of the directory in which this one runs; one test at a time has it
   * @param share appears read-only as /mnt/share
   */
  static Testbed boot(String name, Path share) {
    String images = System.getProperty("testbed", "");
    if (images.isEmpty()) {
      Missing.because("no testbed was built; run the tests by ./millwright test, as root");
    }
    Path directory = Checkout.TARGET.resolve("testbed-" + name);
    link(Path.of(images), directory);
    Testbed testbed = new Testbed(directory);
    testbed.script("down", "nspawn");
    Result up = testbed.script("up", "nspawn", share.toString());
    if (up.exit() != 0) {
      Missing.because("nspawn does not boot here: " + up.text());
    }
    return testbed;
  }

  private static void link(Path images, Path directory) {
    try {
      Files.createDirectories(directory.resolve("run"));
      for (String image : List.of("rootfs.tar.zst", "root.ext4", "vmlinuz", "initrd.gz", "key")) {
        Path link = directory.resolve(image);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, images.resolve(image));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("linking the images of " + images, e);
    }
  }

  private Result script(String... words) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(Arrays.asList(words));
    return Command.run(BOOT, Map.of("TESTBED_DIR", directory.toString()), command);
  }

  /** Runs a shell script inside. */
  Result sh(String text) {
    return script("exec", "nspawn", "sh", "-c", "cd / && " + text);
  }

  /** Runs a program of this machine in the mounts of the testbed. */
  Result mounts(String text) {
    Path leader = directory.resolve("run/nspawn.leader");
    return Command.run("sh", "-c", "exec nsenter -t $(cat " + leader + ") -m -- " + text);
  }

  /** The value of a property of a unit. */
  String property(String unit, String name) {
    return sh("systemctl show -p " + name + " --value " + unit).good();
  }

  /** What a unit has written to the journal. */
  String journal(String unit) {
    return sh("journalctl -q -o cat --no-pager -u " + unit).good();
  }

  @Override
  public void close() {
    script("down", "nspawn").good();
  }
}
