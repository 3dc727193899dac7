package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Agent and collector of this build under their units and a real systemd 252, in nspawn. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifecycleTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String AGENT = "millwright-agent.service";
  private static final String COLLECTOR = "millwright-collector.service";
  private static final String NODE = "/var/lib/millwright/agent/simulated/control.sock";

  private List<Testbed> testbeds = new ArrayList<>();

  @BeforeAll
  void boot() {
    testbeds.add(Testbed.boot("lifecycle", Share.made()));
    inside("sh /mnt/share/install.sh");
  }

  @AfterAll
  void shutDown() {
    for (Testbed testbed : testbeds) {
      String journal = testbed.sh("journalctl -q --no-pager -o short-precise").text();
      Checkout.write(Checkout.TARGET.resolve("lifecycle-journal.txt"), journal);
      testbed.close();
    }
  }

  /** Each test begins with a fresh agent. */
  @BeforeEach
  void startTheAgent() {
    inside(
        "systemctl reset-failed; systemctl stop millwright-agent.socket "
            + AGENT
            + " && systemctl start millwright-agent.socket "
            + AGENT);
  }

  private Testbed testbed() {
    return testbeds.getFirst();
  }

  private String inside(String script) {
    return testbed().sh(script).good();
  }

  /** What the page answers; waits as long as the kernel keeps the connection for an agent. */
  private String get(String path) {
    return inside("python3 /mnt/share/get.py 9460 " + path + " 30");
  }

  private String property(String unit, String name) {
    return testbed().property(unit, name);
  }

  private void awaitProperty(String unit, String name, Predicate<String> wanted) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(() -> {
          String value = property(unit, name);
          assertThat(wanted.test(value)).as("%s of %s is %s", name, unit, value).isTrue();
        });
  }

  private String mainPid(String unit) {
    return property(unit, "MainPID");
  }

  @Test
  void isReadyWithItsFirstSnapshotAndServesOnTheSocketOfTheUnit() {
    assertThat(property(AGENT, "ActiveState")).isEqualTo("active");
    assertThat(get("/readyz")).startsWith("HTTP/1.1 200").endsWith("ready");
    assertThat(property(AGENT, "StatusText"))
        .isEqualTo("8 accelerators, page http://127.0.0.1:9460/metrics");
    assertThat(testbed().journal(AGENT))
        .contains(
            "page is served on the socket of the service manager, listen=127.0.0.1:9470 is not used address=127.0.0.1:9460");
    String metrics = get("/metrics");
    assertThat(metrics).contains("millwright_accelerator_up{node=\"testbed\",accelerator=\"7\"");
    // ProtectSystem=strict makes everything read-only for the agent: it must tell of the host.
    assertThat(metrics)
        .containsPattern("millwright_node_filesystem_readonly\\{[^}]*mountpoint=\"/\",[^}]*\\} 0");
  }

  @Test
  void reloadsAndSaysWhenItDoesNot() {
    String before = mainPid(AGENT);
    inside("systemctl reload " + AGENT);
    awaitProperty(AGENT, "StatusText", status -> !status.contains("refused"));
    assertThat(get("/livez")).startsWith("HTTP/1.1 200");

    String file = "/etc/millwright/agent.yaml";
    inside("cp " + file + " /run/agent.yaml && echo 'nod: x' >>" + file);
    try {
      assertThat(testbed().sh("systemctl reload " + AGENT).exit()).isNotZero();
      awaitProperty(AGENT, "StatusText", status -> status.endsWith("did you mean node?"));
      assertThat(get("/metrics"))
          .containsPattern("millwright_agent_config_last_reload_successful\\{[^}]*\\} 0");
    } finally {
      inside("cp /run/agent.yaml " + file);
    }
    inside("systemctl reload " + AGENT);
    awaitProperty(AGENT, "StatusText", status -> !status.contains("refused"));
    assertThat(mainPid(AGENT)).isEqualTo(before);
  }

  /** As its own process, and as the agent's user: the bus answers anybody. */
  @Test
  void theDoctorSaysWhenNobodyEndsLeases() {
    inside(
        "sed '$ a jobs: {units: systemd}' /etc/millwright/agent.yaml >/run/doctor.yaml"
            + " && printf 'users: [mwjob]\\nargv_roots: [/usr]\\nleases: [stop]\\n' >/etc/millwright/policy.yaml"
            + " && systemctl start millwright-leases.path");
    try {
      assertThat(leases()).isEqualTo("ok");
      inside("systemctl stop millwright-leases.path");
      assertThat(leases()).isEqualTo("fail");
      inside("systemctl start millwright-leases.path");
      assertThat(leases()).isEqualTo("ok");
      inside("sed -i /leases/d /etc/millwright/policy.yaml");
      assertThat(leases()).as("no leases here").isEqualTo("none");
    } finally {
      inside("systemctl stop millwright-leases.path; rm -f /etc/millwright/policy.yaml");
    }
  }

  /** The outcome of the doctor's line of this name. */
  private String leases() {
    return inside(
        "runuser -u millwright-agent -- millwright-agent doctor --config=/run/doctor.yaml"
            + " >/run/doctor.txt 2>/run/doctor.log; grep -q '^[a-z]* *units ' /run/doctor.txt"
            + " && awk '$2 == \"leases\" { print $1; told = 1 } END { if (!told) print \"none\" }' /run/doctor.txt");
  }

  @Test
  void aKilledAgentComesBackAndItsPortNeverRefuses() {
    String before = mainPid(AGENT);
    inside("kill -9 " + before);
    // Connected while no agent is there: systemd keeps the port, and the next agent answers.
    assertThat(get("/livez")).startsWith("HTTP/1.1 200");
    awaitProperty(AGENT, "ActiveState", "active"::equals);
    assertThat(mainPid(AGENT)).isNotEqualTo(before);
    assertThat(property(AGENT, "NRestarts")).isEqualTo("1");
  }

  @Test
  void aStoppedAgentIsRestartedByTheWatchdogAndLeavesItsStacks() {
    String before = mainPid(AGENT);
    inside("kill -STOP " + before);
    awaitProperty(AGENT, "NRestarts", "1"::equals);
    awaitProperty(AGENT, "ActiveState", "active"::equals);
    assertThat(mainPid(AGENT)).isNotEqualTo(before);
    assertThat(testbed().journal(AGENT)).contains("Watchdog timeout").contains("\"sampler\"");
    assertThat(get("/readyz")).endsWith("ready");
  }

  /** Twice the watchdog's time, in which each call into the driver hangs. */
  @Test
  void aHungDriverDoesNotStarveTheWatchdog() {
    Pattern up = Pattern.compile("millwright_accelerator_up\\{[^}]*accelerator=\"0\"[^}]*\\} 1");
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> up.matcher(get("/metrics")).find());
    String before = mainPid(AGENT);
    assertThat(control("fault all hang")).isEqualTo("ok");
    String since = inside("date +%s");
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> Long.parseLong(inside("date +%s")) - Long.parseLong(since) > 30);
    assertThat(get("/readyz")).endsWith("ready");
    assertThat(get("/metrics"))
        .containsPattern("millwright_accelerator_up\\{[^}]*accelerator=\"0\"[^}]*\\} 0");
    assertThat(control("fault all release")).isEqualTo("ok");
    assertThat(mainPid(AGENT)).isEqualTo(before);
    assertThat(property(AGENT, "NRestarts")).isEqualTo("0");
  }

  private String control(String words) {
    return inside("python3 /mnt/share/control.py " + NODE + " " + words);
  }

  @Test
  void stopsCleanlyAndItsPortWithTheSocket() {
    inside("systemctl stop millwright-agent.socket");
    assertThat(property(AGENT, "ActiveState")).isEqualTo("inactive");
    assertThat(property(AGENT, "Result")).isEqualTo("success");
    assertThat(testbed().sh("python3 /mnt/share/get.py 9460 /livez").exit()).isEqualTo(7);
    assertThat(testbed().journal(AGENT)).contains("agent stopped stuck_calls=[]");
  }

  @Test
  void aRefusedConfigurationIsToldOfAndMended() {
    String file = "/etc/millwright/agent.yaml";
    inside("systemctl stop " + AGENT + " && cp " + file + " /run/agent.yaml");
    inside("echo 'nod: x' >>" + file);
    try {
      assertThat(testbed().sh("systemctl start " + AGENT).exit()).isNotZero();
      awaitProperty(AGENT, "StatusText", status -> status.endsWith("did you mean node?"));
      awaitProperty(AGENT, "ExecMainStatus", "78"::equals);
    } finally {
      inside("cp /run/agent.yaml " + file);
    }
    awaitProperty(AGENT, "ActiveState", "active"::equals);
  }

  /** Neither /etc nor another's directory; its own, and the device rule is closed. */
  @Test
  void theAgentCanWriteNothingButItsOwn() {
    assertThat(property(AGENT, "User")).isEqualTo("millwright-agent");
    String enter = "nsenter -t " + mainPid(AGENT) + " -m -S $(id -u millwright-agent) -- ";
    assertThat(testbed().sh(enter + "touch /etc/millwright/policy.yaml").exit()).isNotZero();
    assertThat(testbed().sh(enter + "touch /var/lib/millwright/ended/x").exit()).isNotZero();
    assertThat(testbed().sh(enter + "touch /var/lib/millwright/collector/x").exit()).isNotZero();
    inside(enter + "touch /var/lib/millwright/agent/x");
    assertThat(property(AGENT, "DevicePolicy")).isEqualTo("closed");
  }

  @Test
  void theCollectorIsReadyServesIsWatchedAndStops() {
    assertThat(testbed().sh("systemctl start " + COLLECTOR).exit()).isNotZero();
    awaitProperty(
        COLLECTOR, "StatusText", status -> status.contains("'millwright collector ca init'"));
    String ca = "/var/lib/millwright/collector/ca";
    inside("systemctl stop " + COLLECTOR);
    inside("runuser -u millwright-collector -- millwright-collector ca init --dir " + ca);
    inside(
        "echo 'MILLWRIGHT_COLLECTOR_OPTIONS=\"--credentials "
            + ca
            + "/collector\"' >/etc/default/millwright-collector");
    inside("systemctl reset-failed " + COLLECTOR + "; systemctl start " + COLLECTOR);
    assertThat(property(COLLECTOR, "StatusText"))
        .startsWith("0 of 0 nodes connected, page http://");
    assertThat(inside("python3 /mnt/share/get.py 9461 /readyz")).endsWith("ready");

    String before = mainPid(COLLECTOR);
    inside("kill -STOP " + before);
    awaitProperty(COLLECTOR, "NRestarts", "1"::equals);
    awaitProperty(COLLECTOR, "ActiveState", "active"::equals);
    assertThat(mainPid(COLLECTOR)).isNotEqualTo(before);
    assertThat(testbed().journal(COLLECTOR)).contains("Watchdog timeout").contains("\"control\"");

    inside("systemctl stop " + COLLECTOR);
    assertThat(property(COLLECTOR, "Result")).isEqualTo("success");
    inside("rm /etc/default/millwright-collector");
  }

  /** The drop-in and the templates; the launcher's script is stood in for. */
  @Test
  void theEndOfAJobsUnitIsRecorded() {
    inside("systemd-run -q --unit=mw-job-good-r1 --slice=millwright-jobs.slice true");
    inside("systemd-run -q --unit=mw-job-bad-r2 --slice=millwright-jobs.slice sh -c 'exit 7'");
    inside("systemd-run -q --unit=mw-job-killed-r3 --slice=millwright-jobs.slice sleep 1000");
    inside("systemctl daemon-reload && systemctl kill -s KILL mw-job-killed-r3.service");
    awaitRecord("mw-job-good-r1.service", "success exited 0");
    awaitRecord("mw-job-bad-r2.service", "exit-code exited 7");
    awaitRecord("mw-job-killed-r3.service", "signal killed KILL");
    assertThat(inside("stat -c '%U:%G %a' /var/lib/millwright/ended/mw-job-bad-r2.service"))
        .isEqualTo("root:millwright-agent 640");
  }

  private void awaitRecord(String unit, String end) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(() ->
            assertThat(testbed().sh("cat /var/lib/millwright/ended/" + unit).text().strip())
                .isEqualTo(unit + " " + unit + " " + end));
  }

  /** The score of the units as this systemd has loaded them. */
  @Test
  void theScoreOfWhatRunsHolds() {
    String table = inside("systemd-analyze security --no-pager");
    String row =
        table.lines().filter(line -> line.startsWith(AGENT)).findFirst().orElse("not there");
    System.out.println("score while it serves: " + row);
    assertThat(Double.parseDouble(row.split("\\s+")[1])).isLessThanOrEqualTo(2.5);
  }
}
