package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Jobs as units of a real systemd 252, begun by the real launcher for the room of jobs, in nspawn:
 * what needs no control group of its own. Daemon-reload comes after every start, for that is where
 * a transient unit loses what it cannot keep.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobUnitsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String NODE = "/var/lib/millwright/agent/node";

  private final List<Testbed> testbeds = new ArrayList<>();

  @BeforeAll
  void boot() {
    testbeds.add(Testbed.boot("jobs", JobShare.make("share-jobs")));
    inside("sh /mnt/share/install.sh");
  }

  @AfterAll
  void shutDown() {
    testbeds.forEach(Testbed::close);
  }

  private Testbed testbed() {
    return testbeds.getFirst();
  }

  private String inside(String script) {
    return testbed().sh(script).good();
  }

  private void tell(String... words) {
    String line = String.join("\t", words) + "\n";
    String code = Base64.getEncoder().encodeToString(line.getBytes(StandardCharsets.UTF_8));
    inside("echo " + code + " | base64 -d | timeout 30 sh -c 'cat >" + NODE + "/in'");
  }

  private void start(String name, String... argv) {
    startAs(name, "mwjob", "/data/mwjob", "", argv);
  }

  private void startAs(String name, String user, String cwd, String timeMs, String... argv) {
    startOn("", name, user, cwd, timeMs, argv);
  }

  private void startOn(
      String devices, String name, String user, String cwd, String timeMs, String... argv) {
    List<String> words =
        new ArrayList<>(List.of("start", name, user, cwd, "5000", timeMs, "", devices));
    words.addAll(List.of(argv));
    tell(words.toArray(String[]::new));
  }

  /** Its words in the node's file: name, state, outcome, process, files of output. */
  private String[] awaitRun(String name, Predicate<String[]> wanted) {
    List<String[]> last = new ArrayList<>();
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> {
          String[] run =
              testbed()
                  .sh("cat " + NODE + "/state")
                  .text()
                  .lines()
                  .map(line -> line.split("\t"))
                  .filter(words -> words[0].equals(name))
                  .findFirst()
                  .orElse(new String[] {name, "none", "-", "-", ""});
          assertThat(wanted.test(run)).as(String.join(" ", run)).isTrue();
          last.add(run);
        });
    return last.getLast();
  }

  private void reload() {
    inside("systemctl daemon-reload");
  }

  private String running(String name) {
    String pid = awaitRun(name, run -> run[1].equals("running") && !run[3].equals("-"))[3];
    reload();
    return pid;
  }

  private String ended(String name) {
    return awaitRun(name, run -> run[1].equals("ended"))[2];
  }

  private String output(String name) {
    return inside("cat /var/lib/millwright/runs/" + name + "-r1/output.*");
  }

  /** Goes on until the test makes a file of that name. */
  private static String waiting(String name, int code) {
    return "until [ -e /data/open/" + name + " ]; do sleep 0.1; done; exit " + code;
  }

  private static String unit(String name) {
    return "mw-job-" + name + "-r1.service";
  }

  @Test
  void runsAsItsUserWithWhatItAskedForAndNothingElse() {
    start(
        "plain",
        "/usr/bin/python3",
        "-c",
        "import os,sys; print(os.getuid(), os.getgid(), os.getgroups(), os.getcwd());"
            + " print('env', os.environ['HOSTILE']); print('arg', sys.argv[1]);"
            + " print([l.split() for l in open('/proc/self/status') if l[:6] in ('CapEff','CapBnd','NoNewP')]);"
            + " open('/dev/shm/x','w'); open('/tmp/x','w'); open('here','w'); sys.exit(7)",
        "HOSTILE");
    assertThat(ended("plain")).isEqualTo("exit(7)");
    String printed = output("plain");
    assertThat(printed)
        .contains("2001 2001 [2001] /data/mwjob")
        .contains("env " + JobNode.HOSTILE + "\n")
        .contains("arg " + JobNode.HOSTILE + "\n")
        .contains("['CapEff:', '0000000000000000']")
        .contains("['CapBnd:', '0000000000000000']")
        .contains("['NoNewPrivs:', '1']");
    assertThat(inside("ls -A /run/millwright/env")).isEmpty();
    assertThat(inside("stat -c '%U:%G %a' /var/lib/millwright/runs/plain-r1/output.0"))
        .isEqualTo("root:millwright-agent 640");
    assertThat(testbed().sh("ls /tmp/x /dev/shm/x").exit()).isNotZero();
  }

  /** Their argv and the way to their variables everybody may ask systemd for. */
  @Test
  void nobodyReadsItsVariablesOverTheBus() {
    start("secret", "/usr/bin/sleep", "1000");
    running("secret");
    String shown =
        inside(
            "runuser -u mwjob -- systemctl show "
                + unit("secret")
                + " -p Environment -p LoadState");
    assertThat(shown).contains("LoadState=loaded").doesNotContain("HOSTILE");
    assertThat(inside("cat /run/systemd/transient/" + unit("secret")))
        .doesNotContain("HOSTILE")
        .doesNotContain("Ex=");
    tell("stop", "secret", "500");
    assertThat(ended("secret")).isEqualTo("stopped-by-request");
  }

  @Test
  void hasNoWayToTheBusAndToTheLauncher() {
    start(
        "walls",
        "/usr/bin/python3",
        "-c",
        "import socket; r=lambda p: (lambda s: s.connect_ex(p))(socket.socket(socket.AF_UNIX));"
            + "print([r(p) for p in ('/run/dbus/system_bus_socket','/run/systemd/private',"
            + "'/run/millwright/launcher.sock','/var/run/dbus/system_bus_socket')])");
    assertThat(ended("walls")).isEqualTo("completed");
    assertThat(output("walls").strip()).isEqualTo("[13, 13, 13, 13]");
    assertThat(
            testbed()
                .sh(
                    "runuser -u mwjob -- python3 -c \"import socket;"
                        + "socket.socket(socket.AF_UNIX).connect('/run/millwright/launcher.sock')\"")
                .text())
        .contains("PermissionError");
  }

  @Test
  void whatCannotBeginSaysWhy() {
    start("absent", "/usr/bin/none-such");
    assertThat(ended("absent")).contains("argv: there is no '/usr/bin/none-such'");
    start("nofile", "/usr/lib");
    assertThat(ended("nofile")).startsWith("start-failed").contains("no program");
    inside("install -d -m 700 /data/mwjob/closed && chown root /data/mwjob/closed");
    startAs("closed", "mwjob", "/data/mwjob/closed", "", "/usr/bin/true");
    assertThat(ended("closed")).startsWith("start-failed").contains("cwd");
  }

  /** It is the launcher that knows which devices there are, of either vendor. */
  @Test
  void devicesThatAreNotThereAreRefusedByTheLauncher() {
    startOn("neuron-00a1", "trainium", "mwjob", "/data/mwjob", "", "/usr/bin/true");
    assertThat(ended("trainium"))
        .startsWith("start-failed")
        .contains("'neuron-00a1' is refused; Neuron's driver on this node has no devices");
    startOn("GPU-1", "blackwell", "mwjob", "/data/mwjob", "", "/usr/bin/true");
    assertThat(ended("blackwell")).startsWith("start-failed").contains("NVIDIA's driver");
  }

  @Test
  void linksAndStrangersAreRefused() {
    inside("ln -sfn /etc /data/mwjob/link");
    startAs("link", "mwjob", "/data/mwjob/link", "", "/usr/bin/true");
    assertThat(ended("link")).startsWith("refused").contains("cwd: '/data/mwjob/link");
    inside("install -d -o 2002 /data/open/theirs");
    startAs("theirs", "mwjob", "/data/open/theirs", "", "/usr/bin/true");
    assertThat(ended("theirs")).contains("belongs to uid 2002, which is refused");
    startAs("disk", "mwdisk", "/data/open", "", "/usr/bin/true");
    assertThat(ended("disk")).contains("also in groups [6]");
    startAs("root", "root", "/data/open", "", "/usr/bin/true");
    assertThat(ended("root")).startsWith("refused").contains("user: 'root'");
    assertThat(inside("ls /var/lib/millwright/launcher/begun"))
        .doesNotContain("link")
        .doesNotContain("disk");
  }

  @Test
  void aPolicyThatIsNotRootsTurnsExecutionOff() {
    inside("chown mwjob /etc/millwright/policy.yaml");
    try {
      start("unsafe", "/usr/bin/true");
      assertThat(ended("unsafe")).startsWith("refused").contains("belongs to uid 2001");
    } finally {
      inside("chown root /etc/millwright/policy.yaml");
    }
  }

  @Test
  void aStubbornJobIsKilledAndALongOneEnds() {
    start("stubborn", "/usr/bin/sh", "-c", "trap '' TERM; echo here; while :; do sleep 1; done");
    startAs("long", "mwjob", "/data/mwjob", "3000", "/usr/bin/sleep", "1000");
    running("stubborn");
    tell("stop", "stubborn", "1000");
    assertThat(ended("stubborn")).isEqualTo("stopped-by-request");
    assertThat(ended("long")).isEqualTo("time-limit");
    start("killed", "/usr/bin/sleep", "1000");
    String pid = running("killed");
    inside("kill -9 " + pid);
    assertThat(ended("killed")).isEqualTo("signal(9)");
  }

  @Test
  void outputIsBoundedAndNotTheJobsToTouch() {
    start(
        "chatty",
        "/usr/bin/sh",
        "-c",
        "yes abcdefg | head -c 300000; : >/dev/stdout; truncate -s 0 /proc/self/fd/1;"
            + " rm -f /var/lib/millwright/runs/chatty-r1/*; echo the end");
    assertThat(ended("chatty")).isEqualTo("completed");
    await().atMost(LONG).untilAsserted(() -> assertThat(output("chatty")).endsWith("the end"));
    int kept = output("chatty").length();
    assertThat(kept).isBetween(65536 / 4, 65536);
  }

  /** kill -9 of the agent and of the launcher; the job neither ends nor begins again. */
  @Test
  void outlivesAgentAndLauncherAndIsTakenUpAgain() {
    start("keeps", "/usr/bin/sh", "-c", "echo $$; sleep 1000");
    start("ends", "/usr/bin/sh", "-c", waiting("ends", 5));
    String pid = running("keeps");
    running("ends");
    String invocation = testbed().property(unit("keeps"), "InvocationID");
    inside("systemctl kill -s KILL job-node millwright-launcher; systemctl daemon-reexec");
    inside("touch /data/open/ends");
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(inside("ls /var/lib/millwright/ended")).contains(unit("ends")));
    inside("systemctl reset-failed job-node millwright-launcher; rm " + NODE + "/state");
    inside("systemctl start job-node");
    assertThat(ended("ends")).isEqualTo("exit(5)");
    assertThat(running("keeps")).isEqualTo(pid);
    assertThat(testbed().property(unit("keeps"), "InvocationID")).isEqualTo(invocation);
    assertThat(output("keeps").lines().count()).isEqualTo(1);
    tell("stop", "keeps", "500");
    assertThat(ended("keeps")).isEqualTo("stopped-by-request");
  }

  /** A journal that was lost, or a collector that was restored, sends it once more. */
  @Test
  void aRunThatEverBeganIsNotBegunAgain() {
    start("once", "/usr/bin/sh", "-c", "echo begun >>once");
    assertThat(ended("once")).isEqualTo("completed");
    inside("systemctl stop job-node && rm -r " + NODE + "/journal " + NODE + "/state");
    inside("rm -r /var/lib/millwright/runs/once-r1 /var/lib/millwright/ended/mw-job-once-*");
    inside("systemctl stop millwright-launcher.service; systemctl start job-node");
    start("once", "/usr/bin/sh", "-c", "echo begun >>once");
    assertThat(ended("once")).isEqualTo("start-failed(run once-r1 was begun before)");
    assertThat(inside("cat /data/mwjob/once")).isEqualTo("begun");
  }

  @Test
  void aBusThatRestartsCostsNoNews() {
    start("bus", "/usr/bin/sh", "-c", waiting("bus", 6));
    running("bus");
    inside("systemctl restart dbus.socket dbus.service; touch /data/open/bus");
    assertThat(ended("bus")).isEqualTo("exit(6)");
    start("after", "/usr/bin/true");
    assertThat(ended("after")).isEqualTo("completed");
  }

  @Test
  void recordsTakeNoOtherNames() {
    for (String bad :
        List.of(
            "", "../x", "mw-job-a.service", "sshd.service", "mw-job-a/../b-r1.service", "a b")) {
      assertThat(testbed().sh("/usr/lib/millwright/launcher/record-outcome '" + bad + "'").exit())
          .as(bad)
          .isEqualTo(64);
    }
    assertThat(
            testbed()
                .sh(
                    "MONITOR_UNIT=mw-job-b-r1.service"
                        + " /usr/lib/millwright/launcher/record-outcome mw-job-a-r1.service")
                .exit())
        .isEqualTo(64);
    inside(
        "MONITOR_SERVICE_RESULT='x\ny=z' MONITOR_EXIT_STATUS='../..' MONITOR_INVOCATION_ID=../../x"
            + " /usr/lib/millwright/launcher/record-outcome mw-job-words-r1.service");
    assertThat(inside("cat /var/lib/millwright/ended/mw-job-words-r1.service.unknown"))
        .doesNotContain("result=")
        .doesNotContain("y=z")
        .doesNotContain("status=")
        .contains("boot=");
  }
}
