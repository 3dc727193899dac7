package io.millwright.installed;

import static io.millwright.installed.JobBed.unit;
import static io.millwright.installed.JobBed.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.installed.Command.Result;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The holes that the review of privileges found in systemd 252, tried again on what is installed;
 * each method has the number of its experiment. Those that another test has tried already are in
 * the table of {@code docs/reliability.md}, with the rest.
 *
 * <p>Where a hole would be silent, the way through it is shown to be open for anybody but a job.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReviewedHolesTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String MANAGER =
      "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1"
          + " org.freedesktop.systemd1.Manager ";

  private final List<JobBed> beds = new ArrayList<>();

  @BeforeAll
  void boot() {
    beds.add(JobBed.boot("holes"));
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
  void t1TheAgentLooksAtUnitsAndChangesNone() {
    bed().start("t1", "/usr/bin/sleep", "1000");
    String pid = bed().running("t1");
    String agent = "runuser -u millwright-agent -- ";
    assertThat(inside(agent + "systemctl list-units --no-legend --plain 'mw-job-*'"))
        .contains(unit("t1"));
    for (String change :
        List.of(
            "StartTransientUnit 'ssa(sv)a(sa(sv))' t1.service fail 1 Description s x 0",
            "StopUnit ss " + unit("t1") + " fail",
            "KillUnit ssi " + unit("t1") + " all 9",
            "SetUnitProperties 'sba(sv)' " + unit("t1") + " true 1 TasksMax t 1",
            "Reload")) {
      Result asked = bed().testbed().sh(agent + MANAGER + change);
      assertThat(asked.exit()).as(change).isNotZero();
      assertThat(asked.text()).containsPattern("[Dd]enied|authentication required");
    }
    assertThat(bed().property("t1", "MainPID")).isEqualTo(pid);
    bed().tell("stop", "t1", "500");
    assertThat(bed().ended("t1")).isEqualTo("stopped-by-request");
  }

  @Test
  void t3AKillOfAllAndAStopOfTheSliceAreRecorded() {
    bed().start("t3all", "/usr/bin/sh", "-c", "sleep 1000 & sleep 1000");
    bed().running("t3all");
    inside("systemctl kill --kill-who=all -s KILL " + unit("t3all"));
    assertThat(bed().ended("t3all")).isEqualTo("signal(9)");
    bed().start("t3slice", "/usr/bin/sleep", "1000");
    bed().running("t3slice");
    inside("systemctl stop millwright-jobs.slice");
    assertThat(bed().ended("t3slice")).isEqualTo("signal(15)");
  }

  /** A full memory is tried where control groups hold one: {@link JobLimitsTest}. */
  @Test
  void t6AnEndIsRecordedWhoseDirectoryAndUserAreGone() {
    inside("install -d -o mwgone -g mwgone /data/gone");
    bed().startAs("t6", "mwgone", "/data/gone", "", "/usr/bin/sh", "-c", waiting("t6", 4));
    bed().running("t6");
    inside("rm -r /data/gone && userdel -f mwgone");
    bed().open("t6");
    assertThat(bed().ended("t6")).isEqualTo("exit(4)");
  }

  /** Whoever was to write the end down was killed; the unit that failed still knows it. */
  @Test
  void t6AnEndWhoseRecorderIsKilledIsAskedOfSystemd() {
    String dropIn = "/run/systemd/system/millwright-ended-failure@.service.d";
    inside(
        "mkdir -p "
            + dropIn
            + " && printf '[Service]\\nExecStart=\\nExecStart=/bin/sh -c \"kill -9 $$$$\"\\n' >"
            + dropIn
            + "/t6.conf && systemctl daemon-reload");
    try {
      bed().start("t6killed", "/usr/bin/sh", "-c", "exit 9");
      assertThat(bed().ended("t6killed")).isEqualTo("exit(9)");
      assertThat(
              bed()
                  .testbed()
                  .property(
                      "millwright-ended-failure@" + unit("t6killed") + ".service",
                      "ExecMainStatus"))
          .isEqualTo("9");
    } finally {
      inside("rm -r " + dropIn + " && systemctl daemon-reload");
    }
  }

  @Test
  void t8WhatRecordsAnEndHasNoVariableOfTheJob() {
    String dropIn = "/run/systemd/system/millwright-ended-success@.service.d";
    inside(
        "mkdir -p "
            + dropIn
            + " && printf '[Service]\\nExecStartPre=/bin/sh -c \"env >/var/lib/millwright/ended/t8\"\\n' >"
            + dropIn
            + "/t8.conf && systemctl daemon-reload");
    try {
      bed().start("t8", "/usr/bin/sh", "-c", "env");
      assertThat(bed().ended("t8")).isEqualTo("completed");
      assertThat(bed().output("t8")).contains("HOSTILE=").contains("MW_JOB=");
      assertThat(inside("cat /var/lib/millwright/ended/t8"))
          .contains("MONITOR_UNIT=" + unit("t8"))
          .doesNotContain("HOSTILE")
          .doesNotContain("MW_");
    } finally {
      inside("rm -r " + dropIn + " && systemctl daemon-reload");
    }
  }

  /** There are no hooks: a step of root's in a job's unit would have the job's devices. */
  @Test
  void t9NothingOfRootsRunsInAJobsUnit() {
    bed().start("t9", "/usr/bin/sh", "-c", "sleep 1000 & sleep 1000");
    bed().running("t9");
    for (String step :
        List.of(
            "ExecCondition",
            "ExecStartPre",
            "ExecStartPost",
            "ExecReload",
            "ExecStop",
            "ExecStopPost")) {
      assertThat(bed().property("t9", step)).as(step).isEmpty();
    }
    String group = "/sys/fs/cgroup/millwright.slice/millwright-jobs.slice/" + unit("t9");
    String users =
        inside("for p in $(cat " + group + "/cgroup.procs); do stat -c %u /proc/$p; done");
    assertThat(users.lines().count()).isGreaterThanOrEqualTo(2);
    assertThat(users.lines()).containsOnly("2001");
    bed().tell("stop", "t9", "500");
    assertThat(bed().ended("t9")).isEqualTo("stopped-by-request");
  }

  @Test
  void t15AgentAndCollectorLeaveEachOthersDirectoriesAlone() {
    begunOnce();
    assertThat(
            inside("cd /var/lib/millwright && stat -c '%n %U' . agent agent/node collector ended"))
        .isEqualTo(
            ". root\nagent millwright-agent\nagent/node millwright-agent\n"
                + "collector millwright-collector\nended root");
  }

  /** Systemd makes a directory of configuration that is absent the service's own. */
  @Test
  void t16NoServiceMakesADirectoryForThePolicy() {
    inside("mv /etc/millwright /etc/millwright.away");
    try {
      begunOnce();
      assertThat(bed().testbed().sh("ls -d /etc/millwright").exit()).isNotZero();
    } finally {
      inside("rm -rf /etc/millwright && mv /etc/millwright.away /etc/millwright");
    }
  }

  /**
   * There are no such programs here, which systemd finds after it has made all the directories that
   * a unit asks for.
   */
  private void begunOnce() {
    for (String unit : List.of("millwright-agent", "millwright-collector")) {
      bed().testbed().sh("timeout 30 systemctl start " + unit);
      String status = bed().testbed().property(unit, "ExecMainStatus");
      inside(
          "systemctl stop millwright-agent.socket "
              + unit
              + "; systemctl reset-failed "
              + unit
              + " || true");
      assertThat(status).as("reached its program").isEqualTo("203");
    }
  }

  @Test
  void t18NoManagerOfItsUserAndNoSpoolIsThereForAJob() {
    inside(
        "install -d /run/user && install -d -m 700 -o mwjob -g mwjob /run/user/2001"
            + " && install -d -m 1777 /var/spool/cron/crontabs /var/spool/cron/atjobs /var/spool/at"
            + " && systemd-run -q --unit=t18 --uid=2001 --gid=2001 -p Delegate=yes -E HOME=/home/mwjob"
            + " -E XDG_RUNTIME_DIR=/run/user/2001 /lib/systemd/systemd --user");
    String manager = "env XDG_RUNTIME_DIR=/run/user/2001 systemd-run --user -q touch ";
    String spools =
        "for d in cron/crontabs cron/atjobs at; do"
            + " if touch /var/spool/$d/t18 2>/dev/null; then echo $d open; else echo $d shut; fi; done";
    String outside = "runuser -u mwjob -- sh -c '%s'";
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> inside(outside.formatted(manager + "/data/open/t18-way") + " && sleep 0.1"));
    await().atMost(LONG).untilAsserted(() -> inside("ls /data/open/t18-way"));
    assertThat(inside(outside.formatted(spools)).lines())
        .containsExactly("cron/crontabs open", "cron/atjobs open", "at open");

    bed()
        .start(
            "t18",
            "/usr/bin/sh",
            "-c",
            "if " + manager + "/data/open/t18-escaped; then echo manager open; fi; " + spools);
    assertThat(bed().ended("t18")).isEqualTo("completed");
    assertThat(bed().output("t18").lines().filter(line -> line.matches(".*(open|shut)")))
        .containsExactly("cron/crontabs shut", "cron/atjobs shut", "at shut");
    inside("systemctl stop t18");
    assertThat(bed().testbed().sh("ls /data/open/t18-escaped").exit()).isNotZero();
  }

  @Test
  void t19AJobCannotTakeThePortOfAnAgentThatIsAway() {
    inside("systemctl start millwright-agent.socket");
    bed()
        .start(
            "t19",
            "/usr/bin/python3",
            "-c",
            python(
                """
                import socket
                for port in 9460, 9469:
                  s = socket.socket()
                  s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                  try: s.bind(('127.0.0.1', port)); print('bound')
                  except OSError as e: print(e.errno)
                """));
    assertThat(bed().ended("t19")).isEqualTo("completed");
    inside("systemctl stop millwright-agent.socket");
    assertThat(bed().output("t19").lines()).containsExactly("98", "bound");
  }

  @Test
  void t21AUnitThatFailedStaysUntilItsEndIsKnown() {
    bed().start("t21bad", "/usr/bin/false");
    bed().start("t21good", "/usr/bin/true");
    assertThat(bed().ended("t21bad")).isEqualTo("exit(1)");
    assertThat(bed().ended("t21good")).isEqualTo("completed");
    bed().reload();
    assertThat(bed().property("t21bad", "ActiveState")).isEqualTo("failed");
    assertThat(bed().property("t21good", "LoadState")).isEqualTo("not-found");
  }

  @Test
  void t23AnEndLeavesNoSharedMemoryAndTakesNoneOfAnotherJob() {
    String make = "ipcmk -M 4096 >/dev/null; ";
    String seen = "echo $(ipcs -m | grep -c mwjob) $(ls /dev/shm); ";
    bed()
        .start(
            "t23stays",
            "/usr/bin/sh",
            "-c",
            make + "touch /dev/shm/t23; until [ -e /data/open/t23 ]; do sleep 0.1; done; " + seen);
    bed().running("t23stays");
    bed().start("t23ends", "/usr/bin/sh", "-c", make + seen);
    assertThat(bed().ended("t23ends")).isEqualTo("completed");
    bed().open("t23");
    assertThat(bed().ended("t23stays")).isEqualTo("completed");
    assertThat(bed().output("t23ends").strip()).isEqualTo("1");
    assertThat(bed().output("t23stays").strip()).isEqualTo("1 t23");
    assertThat(inside("ipcs -m | grep -c mwjob; ls /dev/shm; true")).isEqualTo("0");
  }

  /** A program of several lines in an argument of one. */
  private static String python(String program) {
    byte[] bytes = program.getBytes(StandardCharsets.UTF_8);
    return "import base64; exec(base64.b64decode('"
        + Base64.getEncoder().encodeToString(bytes)
        + "'))";
  }
}
