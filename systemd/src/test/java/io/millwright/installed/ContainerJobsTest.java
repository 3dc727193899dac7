package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Jobs in containers that Debian's podman makes inside units of a real systemd, begun by the real
 * launcher. The host's kernel, so limits and the device rule are not held here; {@link
 * JobLimitsTest} looks at those of units.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerJobsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String ROOT = "/srv/roots/small";

  private final List<JobBed> beds = new ArrayList<>();

  @BeforeAll
  void boot() {
    beds.add(JobBed.boot("containers"));
    inside("sh /mnt/share/root.sh");
    inside("mkdir -p /etc/containers && echo /etc/apt:/run/site >/etc/containers/mounts.conf");
  }

  @AfterAll
  void shutDown() {
    beds.forEach(JobBed::close);
  }

  private JobBed bed() {
    return beds.getFirst();
  }

  private String inside(String script) {
    return bed().inside(script);
  }

  private void start(String name, String script) {
    bed().startIn(ROOT, name, "", "/usr/bin/sh", "-c", script);
  }

  private void awaitFile(String path) {
    await().atMost(LONG).until(() -> bed().testbed().sh("test -e " + path).exit() == 0);
  }

  /** Processes of the job's user, wherever they are. */
  private void nothingIsLeft() {
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(bed().testbed().sh("pgrep -l -u mwjob").text()).isEmpty());
  }

  @Test
  void seesItsRootFileSystemAsItsUserAloneAndNothingElse() {
    bed()
        .startIn(
            ROOT,
            "inner",
            "",
            "/usr/bin/sh",
            "-c",
            "cat /etc/which; printf 'arg %s\\n' \"$1\"; env; id -u; cat /proc/self/uid_map;"
                + " grep -E 'Cap|NoNew' /proc/self/status; echo cgroup; cat /proc/self/cgroup;"
                + " echo x >/etc/x || echo etc shut; echo x >/usr/x || echo usr shut;"
                + " echo x >/data/x || echo data shut; echo x >here && echo y >/tmp/y && echo open;"
                + " for p in /usr/sbin /var/lib/millwright /srv /run/site; do"
                + " [ -e $p ] || echo hidden $p; done; exit 7",
            "sh",
            "HOSTILE");
    assertThat(bed().ended("inner")).isEqualTo("exit(7)");
    String printed = bed().output("inner");
    assertThat(printed.lines().map(line -> line.strip().replaceAll(" +", " ")))
        .contains(
            "small",
            "arg " + JobNode.HOSTILE,
            "HOSTILE=" + JobNode.HOSTILE,
            "MW_JOB=inner",
            "HOME=/data/mwjob",
            "NVIDIA_VISIBLE_DEVICES=void",
            "0 2001 1",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "NoNewPrivs:\t1",
            "etc shut",
            "usr shut",
            "data shut",
            "open",
            "hidden /usr/sbin",
            "hidden /var/lib/millwright",
            "hidden /srv",
            "hidden /run/site") // of the site's configuration of podman
        .anyMatch(line -> line.endsWith("/millwright-jobs.slice/" + JobBed.unit("inner")))
        .noneMatch(line -> line.startsWith("TMPDIR=") || line.startsWith("CREDENTIALS_DIRECTORY="));
    assertThat(inside("stat -c '%U %a' /data/mwjob/here")).isEqualTo("mwjob 600");
    assertThat(bed().testbed().sh("ls /tmp/y " + ROOT + "/etc/x").exit()).isNotZero();
    assertThat(inside("ls -A /run/millwright/env")).doesNotContain("inner");
  }

  /** What a job's variables could tell podman, or the loader of podman's libraries. */
  @Test
  void itsVariablesAreNotPodmansAndNobodyReadsThemOverTheBus() {
    start("quiet", "touch begun; " + JobBed.waiting("quiet", 0));
    awaitFile("/data/mwjob/begun");
    String pid = bed().running("quiet");
    String unit = JobBed.unit("quiet");
    assertThat(
            inside(
                "systemctl show "
                    + unit
                    + "; cat /run/systemd/transient/"
                    + unit
                    + "; tr '\\0' '\\n' </proc/"
                    + pid
                    + "/environ"))
        .contains("HOME=/var/tmp")
        .doesNotContain("${PATH}"); // of HOSTILE
    bed().open("quiet");
    assertThat(bed().ended("quiet")).isEqualTo("completed");
  }

  /** Podman's and conmon's processes are the unit's too, and the job hears its stop once. */
  @Test
  void allOfItIsInTheUnitAndAStopIsHeard() {
    hears("stops", "5000"); // its own grace: systemd's stop asks
    hears("waits", "10000"); // a longer one: the launcher asks
  }

  private void hears(String name, String graceMs) {
    start(
        name,
        "trap 'echo term >>terms-$MW_JOB' TERM; touch trapped-$MW_JOB;"
            + " until [ -e terms-$MW_JOB ]; do sleep 0.1; done; sleep 1; exit 3");
    awaitFile("/data/mwjob/trapped-" + name);
    bed().running(name);
    assertThat(inside("for p in $(pgrep -u mwjob); do cat /proc/$p/cgroup || true; done").lines())
        .hasSizeGreaterThanOrEqualTo(3)
        .allMatch(line -> !line.contains("::") || line.endsWith("/" + JobBed.unit(name)));
    bed().tell("stop", name, graceMs);
    assertThat(bed().ended(name)).isEqualTo("stopped-by-request");
    assertThat(inside("cat /data/mwjob/terms-" + name)).startsWith("term");
    nothingIsLeft();
  }

  @Test
  void aStubbornOneIsKilledAndNothingSurvivesIt() {
    start(
        "stubborn",
        "trap '' TERM HUP INT; (trap '' TERM HUP INT; while :; do sleep 1; done) & touch deaf;"
            + " while :; do sleep 1; done");
    awaitFile("/data/mwjob/deaf");
    bed().running("stubborn");
    bed().tell("stop", "stubborn", "1000");
    assertThat(bed().ended("stubborn")).isEqualTo("stopped-by-request");
    nothingIsLeft();
    start("orphan", "sleep 1000 & touch forked; sleep 1000");
    awaitFile("/data/mwjob/forked");
    inside("kill -9 " + bed().running("orphan"));
    assertThat(bed().ended("orphan")).isEqualTo("signal(9)");
    nothingIsLeft();
    start("background", "sleep 1000 & exit 0");
    assertThat(bed().ended("background")).isEqualTo("completed");
    nothingIsLeft();
  }

  /** kill -9 of the agent and of the launcher, and a systemd that is executed anew. */
  @Test
  void isTakenUpAgainByAnAgentThatCameBack() {
    start("keeps", "echo $$; touch kept; " + JobBed.waiting("keeps", 5));
    awaitFile("/data/mwjob/kept");
    String pid = bed().running("keeps");
    String invocation = bed().property("keeps", "InvocationID");
    inside("systemctl kill -s KILL job-node millwright-launcher; systemctl daemon-reexec");
    inside("systemctl reset-failed job-node millwright-launcher; rm " + JobBed.NODE + "/state");
    inside("systemctl start job-node");
    assertThat(bed().running("keeps")).isEqualTo(pid);
    assertThat(bed().property("keeps", "InvocationID")).isEqualTo(invocation);
    bed().open("keeps");
    assertThat(bed().ended("keeps")).isEqualTo("exit(5)");
    assertThat(bed().output("keeps").lines().count()).isEqualTo(1);
  }

  @Test
  void aSecretIsWhereItsVariableSays() {
    inside(
        "install -d /etc/millwright/secrets.d; printf hun%s ter2 >/etc/millwright/secrets.d/token;"
            + " chmod 600 /etc/millwright/secrets.d/token;"
            + " echo 'secrets: {token: [mwjob]}' >>/etc/millwright/policy.yaml");
    try {
      bed()
          .startIn(
              ROOT,
              "holder",
              "token",
              "/usr/bin/sh",
              "-c",
              "tr h H <$CREDENTIALS_DIRECTORY/token; echo; true >$CREDENTIALS_DIRECTORY/x || echo shut");
      assertThat(bed().ended("holder")).isEqualTo("completed");
      assertThat(bed().output("holder").lines()).contains("Hunter2", "shut");
    } finally {
      inside("sed -i '/^secrets/d' /etc/millwright/policy.yaml; rm -rf /etc/millwright/secrets.d");
    }
  }

  /** Two at once, of one user, know nothing of each other. */
  @Test
  void twoOfOneUserRunAtOnce() {
    start("one", "touch one; " + JobBed.waiting("one", 1));
    start("two", "touch two; " + JobBed.waiting("two", 2));
    awaitFile("/data/mwjob/one");
    awaitFile("/data/mwjob/two");
    bed().open("one");
    assertThat(bed().ended("one")).isEqualTo("exit(1)");
    bed().running("two");
    bed().open("two");
    assertThat(bed().ended("two")).isEqualTo("exit(2)");
  }

  @Test
  void whatIsNotAllowedOrNotThereDoesNotBegin() {
    bed().startIn("/srv/elsewhere", "elsewhere", "", "/usr/bin/true");
    assertThat(bed().ended("elsewhere"))
        .startsWith("refused(container: '/srv/elsewhere' is refused by this node's policy");
    inside("mkdir /srv/roots/bare");
    bed().startIn("/srv/roots/bare", "bare", "", "/usr/bin/true");
    assertThat(bed().ended("bare"))
        .isEqualTo(
            "start-failed(container: '/srv/roots/bare' is refused; it has no directory '/proc' to"
                + " mount over: mkdir -p /srv/roots/bare/proc)");
    inside("ln -s small /srv/roots/link");
    bed().startIn("/srv/roots/link", "link", "", "/usr/bin/true");
    assertThat(bed().ended("link")).contains("'/srv/roots/link' is a link, which is refused");
    inside("mkdir /srv/roots/own; chown mwjob /srv/roots/own");
    bed().startIn("/srv/roots/own", "own", "", "/usr/bin/true");
    assertThat(bed().ended("own")).contains("'/srv/roots/own' belongs to uid 2001");
    bed().startIn(ROOT, "absent", "", "/opt/none-such");
    assertThat(bed().ended("absent")).isEqualTo("exit(127)");
    assertThat(bed().output("absent")).contains("/opt/none-such");
  }
}
