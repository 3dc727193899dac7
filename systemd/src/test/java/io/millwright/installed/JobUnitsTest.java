package io.millwright.installed;

import static io.millwright.installed.JobBed.unit;
import static io.millwright.installed.JobBed.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.protocol.orders.OrderSigner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
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
  private static final boolean ALL = System.getProperty("long", "").equals("yes");
  private static final int MANY = ALL ? 100 : 5;

  /** Of 10; systemd's measure of what a unit may do. */
  private static final double MOST_EXPOSED = 4;

  /** A start of a unit whose end systemd has not seen yet does nothing. */
  private static final String DEAD = "while systemctl -q is-active job-node; do sleep 0.02; done; ";

  private final List<JobBed> beds = new ArrayList<>();

  @BeforeAll
  void boot() {
    beds.add(JobBed.boot("jobs"));
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

  @Test
  void runsAsItsUserWithWhatItAskedForAndNothingElse() {
    bed()
        .start(
            "plain",
            "/usr/bin/python3",
            "-c",
            "import os,sys; print(os.getuid(), os.getgid(), os.getgroups(), os.getcwd());"
                + " print('env', os.environ['HOSTILE']); print('arg', sys.argv[1]);"
                + " print([l.split() for l in open('/proc/self/status') if l[:6] in ('CapEff','CapBnd','NoNewP')]);"
                + " open('/dev/shm/x','w'); open('/tmp/x','w'); open('here','w'); sys.exit(7)",
            "HOSTILE");
    assertThat(bed().ended("plain")).isEqualTo("exit(7)");
    String printed = bed().output("plain");
    assertThat(printed)
        .contains("2001 2001 [2001] /data/mwjob")
        .contains("env " + JobNode.HOSTILE + "\n")
        .contains("arg " + JobNode.HOSTILE + "\n")
        .contains("['CapEff:', '0000000000000000']")
        .contains("['CapBnd:', '0000000000000000']")
        .contains("['NoNewPrivs:', '1']");
    assertThat(inside("ls -A /run/millwright/env")).doesNotContain("plain");
    assertThat(inside("stat -c '%U:%G %a' /var/lib/millwright/runs/plain-r1/output.0"))
        .isEqualTo("root:millwright-agent 640");
    assertThat(bed().testbed().sh("ls /tmp/x /dev/shm/x").exit()).isNotZero();
  }

  /**
   * The real launcher asks for the signature of the key that root pinned, and begins nothing else.
   */
  @Test
  void whereAKeyIsPinnedOnlySignedStartsBegin() {
    OrderSigner signer = OrderSigner.create();
    String key = JobBed.NODE + "/" + OrderSigner.FILE;
    inside("mkdir /etc/millwright/orders.d && echo testbed >/etc/millwright/orders.d/node");
    write("/etc/millwright/orders.d/a.pub", signer.key().pem());
    try {
      bed().start("unsigned", "/usr/bin/true");
      assertThat(bed().ended("unsigned")).contains("carries no signature");
      write(key, OrderSigner.create().text());
      inside("chmod 600 " + key + " && chown millwright-agent: " + key);
      bed().start("strangers", "/usr/bin/true");
      assertThat(bed().ended("strangers")).contains("is unknown here");
      write(key, signer.text());
      bed().start("signed", "/usr/bin/sh", "-c", "echo begun; exit 3");
      assertThat(bed().ended("signed")).isEqualTo("exit(3)");
      assertThat(bed().output("signed")).isEqualTo("begun");
      assertThat(inside("journalctl -q -o cat -u millwright-launcher"))
          .contains("a start is refused why=order: the start of run unsigned-r1")
          .contains("a start is signed run=signed-r1 key=" + signer.key().id());
      inside("echo another >/etc/millwright/orders.d/node");
      bed().start("stolen", "/usr/bin/true");
      assertThat(bed().ended("stolen")).contains("it is of node 'testbed', and this is 'another'");
    } finally {
      inside("rm -rf /etc/millwright/orders.d " + key);
    }
    bed().start("as-before", "/usr/bin/true");
    assertThat(bed().ended("as-before")).isEqualTo("completed");
  }

  /**
   * The program of root's ends what nobody renews, whether the agent stands still or is dead, and
   * nothing else. Begun by the path unit, and gone when there are no leases.
   */
  @Test
  void whatNobodyRenewsIsStoppedWithoutTheAgent() {
    bed().start("kept", "/usr/bin/sh", "-c", waiting("kept", 0));
    bed().running("kept");
    for (String how : ALL ? List.of("STOP", "KILL") : List.of("STOP")) {
      String name = "leased-" + how.toLowerCase(java.util.Locale.ROOT);
      bed().renew(Duration.ofSeconds(20));
      bed().startLeased(name, "/usr/bin/sh", "-c", waiting(name, 0));
      bed().running(name);
      assertThat(inside("systemctl is-active millwright-leases.service")).isEqualTo("active");
      inside("systemctl kill --kill-who=main -s " + how + " job-node");
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(bed().testbed().sh("systemctl is-active " + unit(name)).text().strip())
                  .isNotEqualTo("active"));
      inside("systemctl kill -s CONT job-node || true; systemctl restart job-node");
      assertThat(bed().ended(name)).isEqualTo("lease-expired");
    }
    assertThat(bed().property("kept", "ActiveState")).isEqualTo("active");
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(inside("ls /run/millwright/leases | grep -c 'leased-.*service$' || true"))
                .isEqualTo("0"));
    bed().open("kept");
    assertThat(bed().ended("kept")).isEqualTo("completed");
  }

  /** An agent that lives ends it itself, and says so. */
  @Test
  void anAgentThatHearsNoCollectorStopsWhatAsksForThat() {
    bed().renew(Duration.ofSeconds(15));
    bed().startLeased("unheard", "/usr/bin/sh", "-c", waiting("unheard", 0));
    assertThat(bed().ended("unheard")).isEqualTo("lease-expired");
  }

  private void write(String file, String text) {
    String code = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    inside("echo " + code + " | base64 -d >" + file);
  }

  /** What systemd holds after it has read the unit's file again, and what that does. */
  @Test
  void itsWallsStandAfterAReload() {
    bed()
        .start(
            "stands",
            "/usr/bin/sh",
            "-c",
            "(echo hello; until [ -e /data/open/stands ]; do sleep 0.1; done) | systemd-cat;"
                + " [ $(ulimit -Sn) = $(ulimit -Hn) ] && echo no soft limit; stat -c %a /dev/shm;"
                + " df -B1 --output=size /dev/shm | tail -n 1;"
                + " python3 -c 'import socket; socket.socket(40, 1)' 2>&1 | tail -n 1");
    bed().running("stands");
    // The journal asks whose a line is some time later: who wrote it has to be there still.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(inside("journalctl -q -o cat MW_JOB=stands MW_RUN=1")).contains("hello"));
    String shown = inside("systemctl show " + unit("stands"));
    assertThat(shown.lines())
        .contains(
            "LoadState=loaded",
            "CPUWeight=100",
            "IOWeight=100",
            "IOAccounting=yes",
            "IPAccounting=yes",
            "TasksMax=64",
            "LimitCORE=0",
            "LimitNOFILE=524288",
            "LimitNOFILESoft=524288",
            "LimitMEMLOCK=infinity",
            "NoNewPrivileges=yes",
            "DevicePolicy=closed",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "ProtectClock=yes",
            "ProtectHostname=yes",
            "PrivateTmp=yes",
            "PrivateIPC=yes",
            "RestrictSUIDSGID=yes",
            "RestrictRealtime=yes",
            "LockPersonality=yes",
            "SystemCallArchitectures=native",
            "TemporaryFileSystem=/dev/shm:mode=1777,size=33554432");
    assertThat(shown.lines().filter(line -> line.startsWith("RestrictAddressFamilies=")).toList())
        .singleElement()
        .satisfies(line ->
            assertThat(line.substring(line.indexOf('=') + 1).split(" "))
                .containsExactlyInAnyOrder("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"));
    String score = inside("systemd-analyze security --no-pager " + unit("stands") + " | tail -n 1");
    System.out.println(score);
    assertThat(Double.parseDouble(score.replaceAll(".*: ([0-9.]+) .*", "$1")))
        .isLessThanOrEqualTo(MOST_EXPOSED);
    bed().open("stands");
    assertThat(bed().ended("stands")).isEqualTo("completed");
    assertThat(bed().output("stands").lines().map(String::strip))
        .containsExactly(
            "no soft limit",
            "1777",
            "33554432",
            "OSError: [Errno 97] Address family not supported by protocol");
  }

  /** A filter of system calls, where the policy wants one; a job of it still runs. */
  @Test
  void systemCallsAreFilteredWhereThePolicySaysSo() {
    inside("echo 'system_call_filter: true' >>/etc/millwright/policy.yaml");
    try {
      bed().start("filtered", "/usr/bin/sh", "-c", "unshare -U true; echo $?");
      assertThat(bed().ended("filtered")).isEqualTo("completed");
      bed().start("filter", "/usr/bin/sh", "-c", waiting("filter", 0));
      bed().running("filter");
      assertThat(bed().property("filter", "SystemCallFilter")).contains("process_vm_readv", "read");
      assertThat(bed().property("filter", "SystemCallErrorNumber")).isEqualTo("1");
    } finally {
      inside("sed -i '/^system_call_filter/d' /etc/millwright/policy.yaml");
    }
    bed().open("filter");
    assertThat(bed().ended("filter")).isEqualTo("completed");
  }

  /** The launcher holds it, whoever asks; a job that is left has its grace when it is ended. */
  @Test
  void noMoreJobsAreStoppedInAnHourThanThePolicySays() {
    inside("sed -i 's/^limits: {/limits: {stops_per_hour: 1, /' /etc/millwright/policy.yaml");
    try {
      bed().start("first", "/usr/bin/sh", "-c", waiting("first", 0));
      bed().start("second", "/usr/bin/sh", "-c", waiting("second", 0));
      bed()
          .start(
              "third",
              "/usr/bin/sh",
              "-c",
              "trap 'echo asked; exit 9' TERM; " + waiting("third", 0));
      bed().running("first");
      bed().running("second");
      bed().running("third");
      bed().tell("stop", "first", "1000");
      assertThat(bed().ended("first")).isEqualTo("stopped-by-request");
      bed().tell("stop", "second", "1000");
      bed().tell("stop", "third", "20000");
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(inside("journalctl -q -o cat -u millwright-launcher"))
                  .contains("run=second-r1 why=limits.stops_per_hour: this node stops 1 an hour")
                  .contains("run=third-r1 why=limits.stops_per_hour"));
      if (ALL) { // half a minute
        bed().awaitRun("second", run -> run[1].equals("stuck"));
      }
      assertThat(bed().property("second", "ActiveState")).isEqualTo("active");
      bed().open("second");
      assertThat(bed().ended("second")).as("it ended by itself").isEqualTo("stopped-by-request");
      assertThat(bed().property("third", "ActiveState")).isEqualTo("active");
    } finally {
      inside("sed -i 's/stops_per_hour: 1, //' /etc/millwright/policy.yaml");
    }
    assertThat(bed().ended("third")).isEqualTo("stopped-by-request");
    assertThat(bed().output("third")).as("it had its grace").contains("asked");
  }

  /** Each kill at a moment of chance: while the agent starts, reads its journal, or is ready. */
  @Test
  void anAgentThatIsKilledAgainAndAgainNeitherEndsNorBeginsAJob() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    bed().start("loop", "/usr/bin/sh", "-c", "echo begun >>loop; sleep 1000");
    String pid = bed().running("loop");
    String invocation = bed().property("loop", "InvocationID");
    for (int i = 1; i <= MANY; i++) {
      String moment = "0.%03d".formatted(random.nextInt(1000));
      inside(
          "systemctl kill -s KILL job-node; "
              + DEAD
              + "systemctl reset-failed job-node; rm -f "
              + JobBed.NODE
              + "/state; systemctl start job-node && sleep "
              + moment);
      assertThat(bed().property("loop", "MainPID")).as("after %s kills", i).isEqualTo(pid);
      assertThat(bed().property("loop", "InvocationID")).isEqualTo(invocation);
      if (i % 5 == 0) {
        assertThat(bed().running("loop")).isEqualTo(pid);
      }
    }
    assertThat(inside("cat /data/mwjob/loop")).isEqualTo("begun");
    bed().tell("stop", "loop", "500");
    assertThat(bed().ended("loop")).isEqualTo("stopped-by-request");
  }

  /**
   * A start is at most one, and nobody tells of it what is not known. Where the bus has lost the
   * answer, and systemd never carried it out, that is the end {@code untracked}.
   */
  @Test
  void aSystemdThatIsExecutedAnewWhileAJobStartsTellsNothingWrong() {
    for (int i = 1; i <= MANY / 5; i++) {
      String name = "reexec" + i;
      inside(
          "(for i in 1 2 3; do systemctl daemon-reexec; done) </dev/null >/dev/null 2>&1 & exit 0");
      bed().start(name, "/usr/bin/sh", "-c", "echo begun >>" + name + "; exit 5");
      String end = bed().ended(name);
      String begun = inside("cat /data/mwjob/" + name + " 2>/dev/null || true");
      System.out.println(name + ": " + end + " " + begun);
      assertThat(List.of("exit(5) begun", "untracked ", "untracked begun", "start-failed "))
          .contains(end.replaceAll("^start-failed.*", "start-failed") + " " + begun);
      // It would be waited for, for half a minute at each start of an agent.
      inside("rm -rf /var/lib/millwright/runs/" + name + "-r1 /run/millwright/env/" + name + "-r1");
    }
  }

  /** Their argv and the way to their variables everybody may ask systemd for. */
  @Test
  void nobodyReadsItsVariablesOverTheBus() {
    bed().start("secret", "/usr/bin/sleep", "1000");
    bed().running("secret");
    String shown =
        inside(
            "runuser -u mwjob -- systemctl show "
                + unit("secret")
                + " -p Environment -p LoadState");
    assertThat(shown).contains("LoadState=loaded").doesNotContain("HOSTILE");
    assertThat(inside("cat /run/systemd/transient/" + unit("secret")))
        .doesNotContain("HOSTILE")
        .doesNotContain("Ex=");
    bed().tell("stop", "secret", "500");
    assertThat(bed().ended("secret")).isEqualTo("stopped-by-request");
  }

  /** Its user reads it in the job alone; no show, environment, argument or journal has it. */
  @Test
  void aSecretIsTheJobsAlone() {
    inside(
        "install -d /etc/millwright/secrets.d; printf hun%s ter2 >/etc/millwright/secrets.d/token;"
            + " chmod 600 /etc/millwright/secrets.d/token;"
            + " echo 'secrets: {token: [mwjob], gone: [mwjob]}' >>/etc/millwright/policy.yaml");
    try {
      bed()
          .startWith(
              "token",
              "holder",
              "mwjob",
              "/usr/bin/sh",
              "-c",
              "wc -c <$CREDENTIALS_DIRECTORY/token; env | grep -c hunter; stat -c %a,%u"
                  + " $CREDENTIALS_DIRECTORY/token; true >$CREDENTIALS_DIRECTORY/x || echo read-only;"
                  + waiting("holder", 0));
      String pid = bed().running("holder");
      String unit = unit("holder");
      assertThat(inside("cat /run/credentials/" + unit + "/token")).isEqualTo("hunter2");
      assertThat(
              inside(
                  "systemctl show "
                      + unit
                      + "; cat /run/systemd/transient/"
                      + unit
                      + "; tr '\\0' '\\n' </proc/"
                      + pid
                      + "/environ; journalctl -q; cat "
                      + JobBed.NODE
                      + "/journal/* | tr -cd '[:print:]'"))
          .contains("LoadCredential=token:/etc/millwright/secrets.d/token")
          .doesNotContain("hunter2");
      for (String other : List.of("mwdisk", "millwright-agent")) {
        assertThat(
                bed()
                    .testbed()
                    .sh("runuser -u " + other + " -- cat /run/credentials/" + unit + "/token")
                    .exit())
            .as(other)
            .isNotZero();
      }
      bed().startWith("", "neighbour", "mwjob", "/usr/bin/sh", "-c", "cat /run/credentials/*/*");
      assertThat(bed().ended("neighbour")).startsWith("exit(");
      bed().open("holder");
      assertThat(bed().ended("holder")).isEqualTo("completed");
      assertThat(bed().output("holder").lines().map(String::strip)).contains("7", "0", "read-only");
      assertThat(bed().testbed().sh("cat /run/credentials/" + unit + "/token").exit()).isNotZero();
      bed().startWith("gone", "absent-secret", "mwjob", "/usr/bin/true");
      assertThat(bed().ended("absent-secret"))
          .startsWith("start-failed(secrets: 'gone' is refused")
          .contains("there is no such file");
      bed().startWith("others", "strange-secret", "mwjob", "/usr/bin/true");
      assertThat(bed().ended("strange-secret"))
          .startsWith("refused(secrets: 'others' is refused by this node's policy");
    } finally {
      inside("sed -i '/^secrets/d' /etc/millwright/policy.yaml; rm -rf /etc/millwright/secrets.d");
    }
  }

  private void hook(String name, String script) {
    write("/etc/millwright/hooks.d/" + name, "#!/bin/sh\n" + script + "\n");
    inside("chmod 755 /etc/millwright/hooks.d/" + name);
  }

  private void hooks(String rules) {
    inside(
        "install -d /etc/millwright/hooks.d; sed -i '/^hooks/d' /etc/millwright/policy.yaml; echo 'hooks: {"
            + rules
            + "}' >>/etc/millwright/policy.yaml");
  }

  private void noHooks() {
    inside("sed -i '/^hooks/d' /etc/millwright/policy.yaml; rm -rf /etc/millwright/hooks.d");
  }

  /** T8 and T9: a hook is root in a unit of its own, with nothing of the job's. */
  @Test
  void aHookRunsAroundAJobAndHasNothingOfIt() {
    hooks("note: {when: both, every: true, deadline: 20s}");
    hook(
        "note",
        "env | sort >/data/hook-env-$MW_MOMENT; pwd >>/data/hook-env-$MW_MOMENT; cat /proc/self/cgroup"
            + " >>/data/hook-env-$MW_MOMENT; id -u >>/data/hook-env-$MW_MOMENT;"
            + " grep CapEff /proc/self/status >>/data/hook-env-$MW_MOMENT");
    try {
      bed().start("around", "/usr/bin/sh", "-c", "ls /data/hook-env-*; cat /data/hook-env-before");
      assertThat(bed().ended("around")).startsWith("exit(");
      for (String moment : List.of("before", "after")) {
        assertThat(inside("cat /data/hook-env-" + moment).lines())
            .contains(
                "MW_MOMENT=" + moment,
                "MW_JOB=around",
                "MW_RUN=1",
                "MW_UID=2001",
                "LANG=C.UTF-8",
                "/",
                "0")
            .noneMatch(line -> line.startsWith("HOSTILE") || line.startsWith("CREDENTIALS"))
            .anyMatch(line -> line.contains("/mw-hook-around-r1:" + moment + ":note.service"));
      }
      assertThat(bed().output("around")).contains("hook-env-before").doesNotContain("env-after");
      assertThat(inside("ls /var/lib/millwright/launcher/hooks")).doesNotContain("around");
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(inside("systemctl list-units --all 'mw-hook-around*' --no-legend"))
                  .isEmpty());
    } finally {
      noHooks();
    }
  }

  @Test
  void aHookThatFailsBeforeAJobEndsItAndOneAfterItKeepsItStuck() {
    hooks("first: {when: before, deadline: 5s, every: true}, last: {when: after, every: true}");
    hook(
        "first",
        "[ $MW_JOB = slow ] && sleep 100; [ $MW_JOB != unlucky ] || { echo no room; exit 4; }");
    hook(
        "last",
        "[ $MW_JOB != left ] || [ -e /data/open/mended ] || { echo a link is down; exit 1; }");
    try {
      bed().start("unlucky", "/usr/bin/true");
      assertThat(bed().ended("unlucky")).isEqualTo("prepare-failed(hook first: no room)");
      bed().start("slow", "/usr/bin/true");
      assertThat(bed().ended("slow")).startsWith("prepare-failed(hook first: it left no result");
      assertThat(inside("ls /var/lib/millwright/runs"))
          .doesNotContain("unlucky")
          .doesNotContain("slow");
      bed().start("left", "/usr/bin/true");
      bed().awaitRun("left", run -> run[1].equals("stuck"));
      inside("touch /data/open/mended; systemctl restart job-node");
      assertThat(bed().ended("left")).isEqualTo("completed");
    } finally {
      noHooks();
    }
  }

  /** Launcher and agent are killed in mid-hook; it is begun once, and the job once behind it. */
  @Test
  void aHookOutlivesAgentAndLauncherAndIsBegunOnce() {
    hooks("wait: {when: before, every: true, deadline: 60s}");
    hook("wait", "echo begun >>/data/waited; until [ -e /data/open/waits ]; do sleep 0.1; done");
    try {
      bed().start("behind", "/usr/bin/sh", "-c", "echo job >>behind");
      await().atMost(LONG).until(() -> bed().testbed().sh("test -e /data/waited").exit() == 0);
      inside(
          "systemctl kill -s KILL job-node millwright-launcher; "
              + DEAD
              + "systemctl reset-failed job-node millwright-launcher; systemctl start job-node");
      bed().start("behind", "/usr/bin/sh", "-c", "echo job >>behind");
      inside("touch /data/open/waits");
      assertThat(bed().ended("behind")).isEqualTo("completed");
      assertThat(inside("cat /data/waited /data/mwjob/behind")).isEqualTo("begun\njob");
    } finally {
      noHooks();
    }
  }

  /** Two users in turn: what the first left anywhere but in its directory is gone. */
  @Test
  void nothingThatAJobLeftIsThereForTheNextUser() {
    inside(
        "id mwleft 2>/dev/null || useradd -u 2004 mwleft;"
            + " sed -i 's/^users: \\[mwjob/users: [mwleft, mwjob/' /etc/millwright/policy.yaml");
    try {
      bed()
          .startAs(
              "leaves",
              "mwleft",
              "/data/open",
              "",
              "/usr/bin/sh",
              "-c",
              "umask 0; for d in /tmp /var/tmp /dev/shm /dev/mqueue; do echo private >$d/left; done;"
                  + " ipcmk -p 0666 -M 4096; ipcmk -p 0666 -Q; ipcmk -p 0666 -S 1; ls /tmp /dev/shm");
      assertThat(bed().ended("leaves")).isEqualTo("completed");
      assertThat(bed().output("leaves")).contains("Shared memory id").contains("left");
      assertThat(inside("ipcs -m -q -s | grep -c ' mwleft ' || true")).isEqualTo("0");
      assertThat(
              inside(
                  "find /tmp /var/tmp /dev /run /var/lib /home -xdev -uid 2004"
                      + " ! -path '/var/lib/millwright/runs/*'"))
          .isEmpty();
      bed()
          .start(
              "looks",
              "/usr/bin/sh",
              "-c",
              "find /tmp /var/tmp /dev/shm /dev/mqueue -mindepth 1; ipcs -m -q -s | grep -c 0x;"
                  + " cat /var/lib/millwright/runs/*/* 2>/dev/null; echo end");
      assertThat(bed().ended("looks")).isEqualTo("completed");
      assertThat(bed().output("looks").lines().map(String::strip)).containsExactly("0", "end");
    } finally {
      inside("sed -i 's/^users: \\[mwleft, /users: [/' /etc/millwright/policy.yaml");
    }
  }

  @Test
  void hasNoWayToTheBusAndToTheLauncher() {
    bed()
        .start(
            "walls",
            "/usr/bin/python3",
            "-c",
            "import socket; r=lambda p: (lambda s: s.connect_ex(p))(socket.socket(socket.AF_UNIX));"
                + "print([r(p) for p in ('/run/dbus/system_bus_socket','/run/systemd/private',"
                + "'/run/millwright/launcher.sock','/var/run/dbus/system_bus_socket')])");
    assertThat(bed().ended("walls")).isEqualTo("completed");
    assertThat(bed().output("walls").strip()).isEqualTo("[13, 13, 13, 13]");
    assertThat(
            bed()
                .testbed()
                .sh(
                    "runuser -u mwjob -- python3 -c \"import socket;"
                        + "socket.socket(socket.AF_UNIX).connect('/run/millwright/launcher.sock')\"")
                .text())
        .contains("PermissionError");
  }

  @Test
  void whatCannotBeginSaysWhy() {
    bed().start("absent", "/usr/bin/none-such");
    assertThat(bed().ended("absent")).contains("argv: there is no '/usr/bin/none-such'");
    bed().start("nofile", "/usr/lib");
    assertThat(bed().ended("nofile")).startsWith("start-failed").contains("no program");
    inside("install -d -m 700 /data/mwjob/closed && chown root /data/mwjob/closed");
    bed().startAs("closed", "mwjob", "/data/mwjob/closed", "", "/usr/bin/true");
    assertThat(bed().ended("closed")).startsWith("start-failed").contains("cwd");
  }

  /** It is the launcher that knows which devices there are, of either vendor. */
  @Test
  void devicesThatAreNotThereAreRefusedByTheLauncher() {
    bed().startOn("neuron-00a1", "trainium", "mwjob", "/data/mwjob", "", "/usr/bin/true");
    assertThat(bed().ended("trainium"))
        .startsWith("start-failed")
        .contains("'neuron-00a1' is refused; Neuron's driver on this node has no devices");
    bed().startOn("GPU-1", "blackwell", "mwjob", "/data/mwjob", "", "/usr/bin/true");
    assertThat(bed().ended("blackwell")).startsWith("start-failed").contains("NVIDIA's driver");
  }

  @Test
  void linksAndStrangersAreRefused() {
    inside("ln -sfn /etc /data/mwjob/link");
    bed().startAs("link", "mwjob", "/data/mwjob/link", "", "/usr/bin/true");
    assertThat(bed().ended("link")).startsWith("refused").contains("cwd: '/data/mwjob/link");
    inside("install -d -o 2002 /data/open/theirs");
    bed().startAs("theirs", "mwjob", "/data/open/theirs", "", "/usr/bin/true");
    assertThat(bed().ended("theirs")).contains("belongs to uid 2002, which is refused");
    bed().startAs("disk", "mwdisk", "/data/open", "", "/usr/bin/true");
    assertThat(bed().ended("disk")).contains("also in groups [6]");
    bed().startAs("root", "root", "/data/open", "", "/usr/bin/true");
    assertThat(bed().ended("root")).startsWith("refused").contains("user: 'root'");
    assertThat(inside("ls /var/lib/millwright/launcher/begun"))
        .doesNotContain("link")
        .doesNotContain("disk");
  }

  @Test
  void aPolicyThatIsNotRootsTurnsExecutionOff() {
    inside("chown mwjob /etc/millwright/policy.yaml");
    try {
      bed().start("unsafe", "/usr/bin/true");
      assertThat(bed().ended("unsafe")).startsWith("refused").contains("belongs to uid 2001");
    } finally {
      inside("chown root /etc/millwright/policy.yaml");
    }
  }

  @Test
  void aStubbornJobIsKilledAndALongOneEnds() {
    bed()
        .start(
            "stubborn", "/usr/bin/sh", "-c", "trap '' TERM; echo here; while :; do sleep 1; done");
    bed().startAs("long", "mwjob", "/data/mwjob", "3000", "/usr/bin/sleep", "1000");
    bed().running("stubborn");
    bed().tell("stop", "stubborn", "1000");
    assertThat(bed().ended("stubborn")).isEqualTo("stopped-by-request");
    assertThat(bed().ended("long")).isEqualTo("time-limit");
    bed().start("killed", "/usr/bin/sleep", "1000");
    String pid = bed().running("killed");
    inside("kill -9 " + pid);
    assertThat(bed().ended("killed")).isEqualTo("signal(9)");
  }

  @Test
  void outputIsBoundedAndNotTheJobsToTouch() {
    bed()
        .start(
            "chatty",
            "/usr/bin/sh",
            "-c",
            "yes abcdefg | head -c 300000; : >/dev/stdout; truncate -s 0 /proc/self/fd/1;"
                + " rm -f /var/lib/millwright/runs/chatty-r1/*; echo the end");
    assertThat(bed().ended("chatty")).isEqualTo("completed");
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(bed().output("chatty")).endsWith("the end"));
    int kept = bed().output("chatty").length();
    assertThat(kept).isBetween(65536 / 4, 65536);
  }

  /** kill -9 of the agent and of the launcher; the job neither ends nor begins again. */
  @Test
  void outlivesAgentAndLauncherAndIsTakenUpAgain() {
    bed().start("keeps", "/usr/bin/sh", "-c", "echo $$; sleep 1000");
    bed().start("ends", "/usr/bin/sh", "-c", waiting("ends", 5));
    String pid = bed().running("keeps");
    bed().running("ends");
    String invocation = bed().property("keeps", "InvocationID");
    inside("systemctl kill -s KILL job-node millwright-launcher; systemctl daemon-reexec");
    inside("touch /data/open/ends");
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(inside("ls /var/lib/millwright/ended")).contains(unit("ends")));
    inside("systemctl reset-failed job-node millwright-launcher; rm " + JobBed.NODE + "/state");
    inside("systemctl start job-node");
    assertThat(bed().ended("ends")).isEqualTo("exit(5)");
    assertThat(bed().running("keeps")).isEqualTo(pid);
    assertThat(bed().property("keeps", "InvocationID")).isEqualTo(invocation);
    assertThat(bed().output("keeps").lines().count()).isEqualTo(1);
    bed().tell("stop", "keeps", "500");
    assertThat(bed().ended("keeps")).isEqualTo("stopped-by-request");
  }

  /** A journal that was lost, or a collector that was restored, sends it once more. */
  @Test
  void aRunThatEverBeganIsNotBegunAgain() {
    bed().start("once", "/usr/bin/sh", "-c", "echo begun >>once");
    assertThat(bed().ended("once")).isEqualTo("completed");
    inside(
        "systemctl stop job-node && rm -r " + JobBed.NODE + "/journal " + JobBed.NODE + "/state");
    inside("rm -r /var/lib/millwright/runs/once-r1 /var/lib/millwright/ended/mw-job-once-*");
    inside("systemctl stop millwright-launcher.service; systemctl start job-node");
    bed().start("once", "/usr/bin/sh", "-c", "echo begun >>once");
    assertThat(bed().ended("once")).isEqualTo("start-failed(run once-r1 was begun before)");
    assertThat(inside("cat /data/mwjob/once")).isEqualTo("begun");
  }

  @Test
  void aBusThatRestartsCostsNoNews() {
    bed().start("bus", "/usr/bin/sh", "-c", waiting("bus", 6));
    bed().running("bus");
    inside("systemctl restart dbus.socket dbus.service; touch /data/open/bus");
    assertThat(bed().ended("bus")).isEqualTo("exit(6)");
    bed().start("after", "/usr/bin/true");
    assertThat(bed().ended("after")).isEqualTo("completed");
  }

  @Test
  void recordsTakeNoOtherNames() {
    for (String bad :
        List.of(
            "", "../x", "mw-job-a.service", "sshd.service", "mw-job-a/../b-r1.service", "a b")) {
      assertThat(
              bed()
                  .testbed()
                  .sh("/usr/lib/millwright/launcher/record-outcome '" + bad + "'")
                  .exit())
          .as(bad)
          .isEqualTo(64);
    }
    assertThat(
            bed()
                .testbed()
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
