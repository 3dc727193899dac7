package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.installed.Command.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What needs control groups and device rules of a kernel's own: qemu, which emulates a processor
 * and takes its time. The devices are not NVIDIA's: the nodes are those of other drivers, and what
 * the launcher reads of NVIDIA's driver lies in files that its unit is given in the place of
 * /proc's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(named = "long", matches = "yes")
class JobLimitsTest {
  private static final Duration BOOT = Duration.ofMinutes(12);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String NODE = "/var/lib/millwright/agent/node";
  private static final Path SCRIPT = Checkout.SYSTEMD.resolve("testbed/systemd-testbed.sh");
  private static final Path DIRECTORY = Checkout.TARGET.resolve("testbed-limits");

  /** The misc devices fuse, autofs and fuse again, under names of NVIDIA's; all can be opened. */
  private static final String FAKES =
      "d=/var/fakes/driver/nvidia/gpus && mkdir -p $d/0 $d/1"
          + " && printf 'GPU UUID: GPU-a\\nDevice Minor: 0\\n' >$d/0/information"
          + " && printf 'GPU UUID: GPU-b\\nDevice Minor: 1\\n' >$d/1/information"
          + " && printf 'Character devices:\\n 10 nvidia\\n' >/var/fakes/devices"
          + " && mknod -m 666 /dev/nvidia0 c 10 229 && mknod -m 666 /dev/nvidia1 c 10 235"
          + " && mknod -m 666 /dev/nvidiactl c 10 229"
          + " && for n in 0 1 ctl; do (exec 3<>/dev/nvidia$n) || exit 1; done"
          // Its unit gives the launcher a /proc of its own, so they are mounted there.
          + " && d=/etc/systemd/system/millwright-launcher.service.d && mkdir -p $d"
          + " && printf '[Service]\\nBindReadOnlyPaths=/var/fakes/driver:/proc/driver"
          + " /var/fakes/devices:/proc/devices\\n' >$d/fakes.conf"
          + " && systemctl daemon-reload && systemctl stop millwright-launcher.service";

  @BeforeAll
  void boot() throws Exception {
    String images = System.getProperty("testbed", "");
    if (images.isEmpty()) {
      Missing.because("no testbed was built; run the tests by ./millwright test, as root");
    }
    Files.createDirectories(DIRECTORY.resolve("run"));
    for (String image : List.of("rootfs.tar.zst", "root.ext4", "vmlinuz", "initrd.gz", "key")) {
      Files.deleteIfExists(DIRECTORY.resolve(image));
      Files.createSymbolicLink(DIRECTORY.resolve(image), Path.of(images).resolve(image));
    }
    script("down", "qemu");
    script("up", "qemu", JobShare.make("share-limits").toString()).good();
    inside("sh /mnt/share/install.sh && " + FAKES);
  }

  @AfterAll
  void shutDown() {
    script("down", "qemu");
  }

  private static Result script(String... words) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(Arrays.asList(words));
    return Command.run(
        BOOT,
        Map.of(
            "TESTBED_DIR", DIRECTORY.toString(), "TESTBED_PORT", "22032", "TESTBED_BOOT_S", "600"),
        command);
  }

  private static String inside(String text) {
    return script("exec", "qemu", "sh", "-c", "cd / && " + text).good();
  }

  private static void start(String name, String bytes, String devices, String... argv) {
    tell("start", name, bytes, devices, argv);
  }

  private static void tell(String verb, String name, String bytes, String devices, String... argv) {
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

  private static void awaitLine(String wanted) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(inside("cat " + NODE + "/state")).contains(wanted));
  }

  private static String output(String name) {
    return inside("cat /var/lib/millwright/runs/" + name + "-r1/output.*");
  }

  @Test
  void memoryBeyondTheLimitIsOom() {
    start("big", "67108864", "", "/usr/bin/python3", "-c", "x = bytearray(200 << 20)");
    awaitLine("big\tended\toom\t");
  }

  /** Of the review's experiment T6: whatever was to run in the job's own group found no memory. */
  @Test
  void t6AnEndIsRecordedWhoseMemoryIsFullOfSharedFiles() {
    start(
        "full",
        "67108864",
        "",
        "/usr/bin/sh",
        "-c",
        "dd if=/dev/zero of=/dev/shm/fill bs=1M count=58 && echo filled && exec sleep 1000");
    awaitLine("full\trunning\t");
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(output("full")).contains("filled"));
    inside("systemctl kill -s KILL mw-job-full-r1.service");
    awaitLine("full\tended\tsignal(9)\t");
  }

  @Test
  void tasksBeyondTheLimitAreNotBegun() {
    start("fork", "", "", "/usr/bin/sh", "-c", "for i in $(seq 200); do sleep 1000 & done");
    awaitLine("fork\tended\texit(2)\t");
    assertThat(output("fork")).contains("Cannot fork");
  }

  /** The rule holds over a daemon-reload. */
  @Test
  void aDeviceOutsideTheRuleIsRefused() {
    String look =
        "until [ -e /data/open/look ]; do sleep 0.2; done; for d in 0 1 ctl; do"
            + " if (exec 3<>/dev/nvidia$d) 2>/dev/null; then echo $d open; else echo $d shut; fi;"
            + " done; (: </dev/zero) && echo zero open; (: </dev/kmsg) 2>/dev/null || echo kmsg shut";
    start("device", "", "GPU-a", "/usr/bin/sh", "-c", look);
    start("none", "", "", "/usr/bin/sh", "-c", look);
    awaitLine("device\trunning\t");
    awaitLine("none\trunning\t");
    inside("systemctl daemon-reload && touch /data/open/look");
    awaitLine("device\tended\tcompleted\t");
    awaitLine("none\tended\tcompleted\t");
    assertThat(output("device").lines())
        .containsExactly("0 open", "1 shut", "ctl open", "zero open", "kmsg shut");
    assertThat(output("none").lines())
        .containsExactly("0 shut", "1 shut", "ctl shut", "zero open", "kmsg shut");
  }

  /** With a kernel's own control groups too podman and all that it begins stay in the unit's. */
  @Test
  void aContainerHasItsDevicesAndTheLimitsOfItsUnit() {
    inside("sh /mnt/share/root.sh");
    tell(
        "start-in /srv/roots/small",
        "contained",
        "67108864",
        "GPU-a",
        "/usr/bin/sh",
        "-c",
        "ls /dev/nvidia*; (: 3<>/dev/nvidia0) && echo open; cat /proc/self/cgroup;"
            + " x=0123456789abcdef; while :; do x=$x$x; done");
    awaitLine("contained\tended\toom\t");
    assertThat(output("contained").lines())
        .startsWith("/dev/nvidia0", "/dev/nvidiactl", "open")
        .anyMatch(line -> line.endsWith("/mw-job-contained-r1.service"));
  }

  @Test
  void aDeviceThatIsNotTheDriversIsRefused() {
    start("other", "", "GPU-c", "/usr/bin/true");
    awaitLine("other\tended\tstart-failed(devices: 'GPU-c' is refused");
  }
}
