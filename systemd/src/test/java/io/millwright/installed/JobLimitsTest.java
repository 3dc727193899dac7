package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What needs control groups, device rules, boots and a disk of a kernel's own: {@link QemuBed}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(named = "long", matches = "yes")
class JobLimitsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String LATE = "/run/t17";
  private static final String UNIT = "millwright-agent.service";

  private final List<QemuBed> beds = new ArrayList<>();

  @BeforeAll
  void boot() {
    beds.add(QemuBed.boot("limits"));
  }

  @AfterAll
  void shutDown() {
    beds.forEach(QemuBed::close);
  }

  private QemuBed bed() {
    return beds.getFirst();
  }

  private String inside(String text) {
    return bed().inside(text);
  }

  private void start(String name, String bytes, String devices, String... argv) {
    bed().start(name, bytes, devices, argv);
  }

  private void awaitLine(String wanted) {
    bed().awaitLine(wanted);
  }

  private String output(String name) {
    return bed().output(name);
  }

  private static String unit(String name) {
    return "mw-job-" + name + "-r1.service";
  }

  // ---- limits

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

  /** The rule holds over a daemon-reload, and over a systemd that executes itself anew. */
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
    inside("systemctl daemon-reload && systemctl daemon-reexec && touch /data/open/look");
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
    bed()
        .tell(
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

  /** A run near a device has its processors alone, and cannot take others itself. */
  @Test
  void aRunHasTheProcessorsNearItsDevicesAlone() {
    String look =
        """
        import os, time
        print('has', sorted(os.sched_getaffinity(0)))
        try: os.sched_setaffinity(0, {0}); print('took', sorted(os.sched_getaffinity(0)))
        except OSError as e: print('refused', e.errno)
        while not os.path.exists('/data/open/near'): time.sleep(0.2)
        """;
    start("near", "", "GPU-b", "/usr/bin/python3", "-c", python(look));
    start("far", "", "", "/usr/bin/python3", "-c", python(look));
    awaitLine("near\trunning\t");
    awaitLine("far\trunning\t");
    inside("systemctl daemon-reload");
    String group = "/sys/fs/cgroup/millwright.slice/millwright-jobs.slice/" + unit("near");
    assertThat(inside("cat " + group + "/cpuset.cpus.effective")).isEqualTo("1");
    assertThat(inside("systemctl show -p AllowedCPUs --value " + unit("near"))).isEqualTo("1");
    inside("touch /data/open/near");
    awaitLine("near\tended\tcompleted\t");
    awaitLine("far\tended\tcompleted\t");
    assertThat(output("near").lines()).containsExactly("has [1]", "refused 22");
    assertThat(output("far").lines()).containsExactly("has [0, 1]", "took [0]");
  }

  // ---- devices

  /**
   * A process of a person's that is of no run: of another unit of this systemd, as the kernel says,
   * and by the real program that reads.
   */
  @Test
  void whoHasADeviceOfARunOpenAndIsNotOfItIsTold() {
    start(
        "watched",
        "",
        "GPU-a",
        "/usr/bin/sh",
        "-c",
        "exec 3<>/dev/nvidia0; until [ -e /data/open/watched ]; do sleep 0.2; done");
    awaitLine("watched\trunning\t");
    inside(
        "systemd-run -q --unit=squatter --uid=2001 sh -c 'exec 3<>/dev/nvidia0; exec sleep 1000'");
    String squatter = inside("systemctl show -p MainPID --value squatter");
    String told = "watched-r1\t" + squatter + "\t%s\t";
    bed()
        .awaitIn(
            "holders",
            told.formatted(true)
                + "Process "
                + squatter
                + " in /system.slice has nvidia0 open and is not of the run that has it.");
    inside("systemctl stop squatter");
    bed().awaitIn("holders", told.formatted(false));
    assertThat(inside("systemctl is-active " + unit("watched"))).isEqualTo("active");
    inside("touch /data/open/watched");
    awaitLine("watched\tended\tcompleted\t");
    assertThat(
            inside("cat " + QemuBed.NODE + "/holders").lines().filter(l -> l.startsWith("watched")))
        .as("nothing of the run's own processes, and each once")
        .hasSize(2);
  }

  /**
   * Of the review's experiment T17: a driver that is loaded, and loaded again under another number,
   * behind the back of an agent that runs. The unit and the rule of udev are the package's; macvtap
   * stands for NVIDIA's driver and its nvidia-caps, since there is none here, and a program that
   * opens the nodes stands for the agent.
   */
  @Test
  void t17ADriverThatIsLoadedLaterIsLetIn() {
    inside("! grep -qw macvtap /proc/devices");
    write(
        LATE + ".py",
        """
        import errno, os, time
        def look(name):
          try: os.close(os.open('/dev/' + name, os.O_RDONLY)); return 'open'
          except OSError as e: return errno.errorcode[e.errno]
        while True:
          words = ' '.join(n + '=' + look(n) for n in ('t17-fixed', 't17-late', 't17-old'))
          with open('/var/lib/millwright/agent/t17.new', 'w') as f: f.write(words)
          os.rename('/var/lib/millwright/agent/t17.new', '/var/lib/millwright/agent/t17')
          time.sleep(0.2)
        """);
    write(
        "/run/systemd/system/" + UNIT + ".d/t17.conf",
        """
        [Service]
        Type=exec
        WatchdogSec=0
        ExecStart=
        ExecStart=/usr/bin/python3 /run/t17.py
        DeviceAllow=char-macvtap r
        """);
    inside(
        "mknod -m 666 /dev/t17-fixed c 195 0 && systemctl daemon-reload && systemctl start "
            + UNIT);
    String pid = inside("systemctl show -p MainPID --value " + UNIT);
    awaitNodes("t17-fixed=ENXIO t17-late=ENOENT t17-old=ENOENT");

    inside("modprobe macvtap && " + node("macvtap", "late"));
    awaitNodes("t17-fixed=ENXIO t17-late=EPERM t17-old=ENOENT"); // the hole, without the rule
    inside("rmmod macvtap && rm /dev/t17-late");

    String rule = "/run/udev/rules.d/60-millwright.rules";
    inside(
        "mkdir -p /run/udev/rules.d && sed 's/KERNEL==\"nvidia\"/KERNEL==\"macvtap\"/;"
            + " s/char-nvidia-caps/char-macvtap/' /mnt/share/udev/60-millwright.rules >"
            + rule
            + " && grep -c macvtap "
            + rule
            + " && ! grep -v '^#' "
            + rule
            + " | grep nvidia && udevadm control --reload");
    inside("modprobe macvtap && " + node("macvtap", "late"));
    awaitNodes("t17-fixed=ENXIO t17-late=ENODEV t17-old=ENOENT");

    // It comes back, and what was its number is another driver's now.
    inside(
        "rmmod macvtap && mv /dev/t17-late /dev/t17-old && modprobe ipvtap && modprobe macvtap && "
            + node("macvtap", "late"));
    assertThat(inside("stat -c %t /dev/t17-late")).isNotEqualTo(inside("stat -c %t /dev/t17-old"));
    awaitNodes("t17-fixed=ENXIO t17-late=ENODEV t17-old=EPERM");
    assertThat(inside("systemctl show -p MainPID --value " + UNIT)).isEqualTo(pid);
    inside(
        "systemctl stop millwright-agent.socket "
            + UNIT
            + " && rm -r /run/systemd/system/"
            + UNIT
            + ".d "
            + rule
            + " && systemctl revert "
            + UNIT
            + " && systemctl daemon-reload && udevadm control --reload && rmmod macvtap ipvtap");
  }

  private static String node(String driver, String name) {
    return "mknod -m 666 /dev/t17-"
        + name
        + " c $(awk '$2 == \""
        + driver
        + "\" { print $1 }' /proc/devices) 1";
  }

  private void awaitNodes(String wanted) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() ->
            assertThat(inside("cat /var/lib/millwright/agent/t17 || true")).isEqualTo(wanted));
  }

  private void write(String file, String text) {
    String code = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    inside("mkdir -p $(dirname " + file + ") && echo " + code + " | base64 -d >" + file);
  }

  /** A program of several lines in an argument of one. */
  private static String python(String program) {
    return "import base64; exec(base64.b64decode('"
        + Base64.getEncoder().encodeToString(program.getBytes(StandardCharsets.UTF_8))
        + "'))";
  }

  // ---- boots

  /** It says that it ended well when it is asked to end: the machine went down all the same. */
  @Test
  void aRebootEndsWhatRunsAndBeginsNothing() {
    start("done", "", "", "/usr/bin/sh", "-c", "exit 3");
    awaitLine("done\tended\texit(3)\t");
    start(
        "gentle",
        "",
        "GPU-a",
        "/usr/bin/sh",
        "-c",
        "echo x >>began-gentle; trap 'exit 0' TERM; while :; do sleep 1; done");
    awaitLine("gentle\trunning\t");
    bed().reboot();
    awaitLine("gentle\tended\tnode-rebooted\t");
    awaitLine("done\tended\texit(3)\t");
    nothingRuns();
    assertThat(inside("wc -l </data/mwjob/began-gentle")).isEqualTo("1");
    start("after-reboot", "", "GPU-a", "/usr/bin/true");
    awaitLine("after-reboot\tended\tcompleted\t");
  }

  /**
   * What was told of a run was on the disk, so that it is so afterwards as well. The cut comes
   * while another run is on its way.
   */
  @Test
  void aCutOfThePowerTakesNothingThatWasTold() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed: " + seed);
    Random random = new Random(seed);
    start("ended", "", "", "/usr/bin/sh", "-c", "exit 5");
    awaitLine("ended\tended\texit(5)\t");
    String[] program = {"/usr/bin/sh", "-c", "echo x >>began-cut; exec sleep 10000"};
    start("cut", "", "GPU-a", program);
    awaitLine("cut\trunning\t");
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(inside("cat /data/mwjob/began-cut 2>/dev/null | wc -l")).isEqualTo("1"));
    inside("sync"); // what the job wrote itself a cut may take
    start("late", "", "GPU-b", "/usr/bin/sleep", "10000");
    String told = told();
    for (int i = random.nextInt(8); i > 0; i--) {
      told = told();
    }
    Map<String, String> last = new LinkedHashMap<>();
    for (String line : told.lines().toList()) {
      String[] words = line.split("\t", -1); // boot, number, run, state, outcome
      last.put(words[2], words[3] + "\t" + words[4]);
    }
    long newest = told.lines().mapToLong(JobLimitsTest::number).max().orElseThrow();
    System.out.println("told before the cut: " + last);
    assertThat(last).containsEntry("ended-r1", "ended\texit(5)").containsKey("cut-r1");

    bed().cutPower();
    awaitLine("ended\tended\texit(5)\t");
    awaitLine("cut\tended\tnode-rebooted\t");
    if (last.containsKey("late-r1")) {
      awaitLine("late\tended\tnode-rebooted\t");
    }
    nothingRuns();
    for (Map.Entry<String, String> run : last.entrySet()) {
      if (run.getValue().startsWith("ended\t")) {
        String name = run.getKey().substring(0, run.getKey().lastIndexOf("-r"));
        assertThat(inside("cat " + QemuBed.NODE + "/state").lines())
            .as("an end that was told")
            .anyMatch(line -> line.startsWith(name + "\t" + run.getValue() + "\t"));
      }
    }
    String boot = inside("cat /proc/sys/kernel/random/boot_id");
    assertThat(told().lines().filter(line -> line.startsWith(boot)))
        .as("a number is told once, of this journal")
        .isNotEmpty()
        .allMatch(line -> number(line) > newest);
    start("cut", "", "GPU-a", program); // as a collector sends it that was restored
    start("after-cut", "", "GPU-a", "/usr/bin/true");
    awaitLine("after-cut\tended\tcompleted\t");
    awaitLine("cut\tended\tnode-rebooted\t");
    assertThat(Integer.parseInt(inside("cat /data/mwjob/began-cut 2>/dev/null | wc -l")))
        .as("begun once")
        .isEqualTo(1);
  }

  private static long number(String told) {
    return Long.parseLong(told.split("\t", -1)[1]);
  }

  private String told() {
    return inside("cat " + QemuBed.NODE + "/told");
  }

  private void nothingRuns() {
    assertThat(inside("systemctl list-units --no-legend --plain 'mw-job-*'")).isEmpty();
  }
}
