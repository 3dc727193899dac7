package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.installed.Command.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A testbed with {@link JobNode} and the real launcher in it, as {@link JobBed}, on a kernel of its
 * own: qemu, which emulates a processor and takes its time. Two processors, each a NUMA node, and a
 * disk that outlives a reboot and a cut of the power.
 *
 * <p>The devices are not NVIDIA's: the nodes are those of other drivers, and what the launcher
 * reads of NVIDIA's driver lies in files that its unit is given in the place of /proc's.
 *
 * <p><i>Failure:</i> where this machine cannot boot one, {@link Missing} says what becomes of the
 * test.
 */
final class QemuBed implements AutoCloseable {
  static final String NODE = "/var/lib/millwright/agent/node";
  private static final Duration BOOT = Duration.ofMinutes(12);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Path SCRIPT = Checkout.SYSTEMD.resolve("testbed/systemd-testbed.sh");
  private static final String MEMORY =
      "-object memory-backend-ram,id=m0,size=768M -object memory-backend-ram,id=m1,size=768M"
          + " -numa node,nodeid=0,cpus=0,memdev=m0 -numa node,nodeid=1,cpus=1,memdev=m1";

  /** GPU-a at the first function of the bus, GPU-b at the second; and what their driver is. */
  private static final String DRIVER =
      "set -- $(ls /sys/bus/pci/devices) && d=/var/fakes/driver/nvidia/gpus && mkdir -p $d/$1 $d/$2"
          + " && printf 'GPU UUID: GPU-a\\nDevice Minor: 0\\n' >$d/$1/information"
          + " && printf 'GPU UUID: GPU-b\\nDevice Minor: 1\\n' >$d/$2/information"
          + " && printf 'Character devices:\\n 10 nvidia\\n' >/var/fakes/devices"
          // Its unit gives the launcher a /proc of its own, so they are mounted there.
          + " && d=/etc/systemd/system/millwright-launcher.service.d && mkdir -p $d"
          + " && printf '[Service]\\nBindReadOnlyPaths=/var/fakes/driver:/proc/driver"
          + " /var/fakes/devices:/proc/devices\\n' >$d/fakes.conf"
          + " && echo 'affinity: cpus' >>/etc/millwright/policy.yaml"
          + " && sed -i 's/shm_bytes: [0-9]*/shm_bytes: 67108864/' /etc/millwright/policy.yaml"
          + " && systemctl daemon-reload && systemctl stop millwright-launcher.service";

  /**
   * Of each boot: the misc devices fuse, autofs and fuse again, under names of NVIDIA's, which can
   * all be opened; and each device at a NUMA node of its own.
   */
  private static final String DEVICES =
      "mknod -m 666 /dev/nvidia0 c 10 229 && mknod -m 666 /dev/nvidia1 c 10 235"
          + " && mknod -m 666 /dev/nvidiactl c 10 229"
          + " && for n in 0 1 ctl; do (exec 3<>/dev/nvidia$n) || exit 1; done"
          + " && set -- $(ls /sys/bus/pci/devices)"
          + " && echo 0 >/sys/bus/pci/devices/$1/numa_node && echo 1 >/sys/bus/pci/devices/$2/numa_node";

  private final Path directory;
  private final Path share;

  private QemuBed(Path directory, Path share) {
    this.directory = directory;
    this.share = share;
  }

  /**
   * Boots one.
   *
   * @param name no other test's
   */
  static QemuBed boot(String name) {
    String images = System.getProperty("testbed", "");
    if (images.isEmpty()) {
      Missing.because("no testbed was built; run the tests by ./millwright test, as root");
    }
    Path directory = Checkout.TARGET.resolve("testbed-" + name);
    try {
      Files.createDirectories(directory.resolve("run"));
      for (String image : List.of("rootfs.tar.zst", "root.ext4", "vmlinuz", "initrd.gz", "key")) {
        Files.deleteIfExists(directory.resolve(image));
        Files.createSymbolicLink(directory.resolve(image), Path.of(images).resolve(image));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("linking the images of " + images, e);
    }
    QemuBed bed = new QemuBed(directory, JobShare.make("share-" + name));
    bed.script("down", "qemu");
    try {
      Result up = bed.script("up", "qemu", bed.share.toString());
      if (up.exit() != 0) {
        Missing.because("qemu does not boot here: " + up.text());
      }
      bed.inside("sh /mnt/share/install.sh && " + DRIVER + " && " + DEVICES);
      bed.inside("sync"); // what was installed is no part of what a cut may take
    } catch (Throwable failed) { // no test closes what it did not get
      bed.close();
      throw failed;
    }
    return bed;
  }

  private Result script(String... words) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(Arrays.asList(words));
    return run(command);
  }

  private Result run(List<String> command) {
    return Command.run(
        BOOT,
        Map.of(
            "TESTBED_DIR",
            directory.toString(),
            "TESTBED_PORT",
            "22032",
            "TESTBED_BOOT_S",
            "600",
            "TESTBED_KEEP",
            "1",
            "TESTBED_QEMU",
            MEMORY),
        command);
  }

  /** What a script prints that ends well. */
  String inside(String text) {
    return script("exec", "qemu", "sh", "-c", "cd / && " + text).good();
  }

  /** A machine that boots may not answer, or not end what it began. */
  private Result carefully(String text) {
    return run(
        List.of(
            "timeout",
            "60",
            "bash",
            SCRIPT.toString(),
            "exec",
            "qemu",
            "sh",
            "-c",
            "cd / && " + text));
  }

  /** Its grace is five seconds; it has a directory of its own, /data/mwjob. */
  void start(String name, String bytes, String devices, String... argv) {
    tell("start", name, bytes, devices, argv);
  }

  /** As {@link #start}, in the words of {@link JobNode}. */
  void tell(String verb, String name, String bytes, String devices, String... argv) {
    List<String> words =
        new ArrayList<>(
            List.of(verb, name, "mwjob", "/data/mwjob", "5000", "", bytes, devices, ""));
    words.addAll(List.of(argv));
    byte[] line = (String.join("\t", words) + "\n").getBytes(StandardCharsets.UTF_8);
    inside(
        "echo "
            + Base64.getEncoder().encodeToString(line)
            + " | base64 -d | timeout 200 sh -c 'cat >"
            + NODE
            + "/in'");
  }

  /** Until a file of the node has this. */
  void awaitIn(String file, String wanted) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(inside("cat " + NODE + "/" + file + " 2>/dev/null || true"))
                .contains(wanted));
  }

  void awaitLine(String wanted) {
    awaitIn("state", wanted);
  }

  String output(String name) {
    return inside("cat /var/lib/millwright/runs/" + name + "-r1/output.*");
  }

  /** As an operator does; comes back when the machine and its node of jobs are there again. */
  void reboot() {
    String before = inside("cat /proc/sys/kernel/random/boot_id");
    carefully("systemctl reboot");
    await()
        .atMost(BOOT)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> {
          Result boot = carefully("cat /proc/sys/kernel/random/boot_id");
          assertThat(boot.exit()).isZero();
          assertThat(boot.text().strip()).hasSameSizeAs(before).isNotEqualTo(before);
        });
    booted();
  }

  /** Nobody is told; comes back when the machine is on again and its node of jobs is there. */
  void cutPower() {
    script("cut").good();
    script("up", "qemu", share.toString()).good();
    booted();
  }

  private void booted() {
    inside(
        "udevadm settle; mountpoint -q /mnt/share || mount -o ro /dev/vdb /mnt/share; "
            + DEVICES
            + " && rm -f "
            + NODE
            + "/state && systemctl start millwright-launcher.socket job-node.service");
  }

  /** Its journal stays in the directory of the build. */
  @Override
  public void close() {
    try {
      Result journal = carefully("journalctl -q --no-pager -o short-precise");
      Checkout.write(
          Checkout.TARGET.resolve(directory.getFileName() + "-journal.txt"), journal.text());
    } finally {
      script("down", "qemu");
    }
  }
}
