package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files by themselves, with this machine's systemd; nothing is started. */
class UnitFilesTest {
  private static final Pattern PROGRAM = Pattern.compile("(?m)^Exec\\w+=[-+!:@]*(/\\S+)");
  private static final Pattern DIRECTIVE = Pattern.compile("(?m)^([A-Z]\\w+)=");
  private static final Pattern SCORE = Pattern.compile("exposure level for \\S+: ([0-9.]+)");

  @TempDir private Path root = Path.of("");

  @BeforeEach
  void needsSystemd() {
    boolean there = Command.isThere("systemd-analyze");
    if (!there) {
      System.out.println("skipped: no systemd-analyze on this machine; the lifecycle test has it");
    }
    assumeTrue(there, "no systemd-analyze on this machine: apt install systemd");
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file);
  }

  /** A root with the distribution's units, ours, and an empty program for each that ours start. */
  private List<String> install() throws IOException {
    Path system = root.resolve("usr/lib/systemd/system");
    Checkout.copy(Path.of("/lib/systemd/system").toRealPath(), system);
    List<String> names = new ArrayList<>();
    for (Path unit : Checkout.files(Checkout.UNITS)) {
      Checkout.copy(unit, system.resolve(Checkout.UNITS.relativize(unit)));
      Matcher program = PROGRAM.matcher(text(unit));
      while (program.find()) {
        Path stub = root.resolve(program.group(1).substring(1));
        Checkout.write(stub, "#!/bin/sh\n");
        Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      if (!unit.toString().endsWith(".conf")) {
        names.add(unit.getFileName().toString().replace("@.", "@mw-job-a-r1.service."));
      }
    }
    return names;
  }

  @Test
  void everyUnitIsUnderstood() throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "systemd-analyze",
                "verify",
                "--man=no",
                "--recursive-errors=no",
                "--root=" + root));
    words.addAll(install());
    assertThat(words).hasSizeGreaterThan(12);
    assertThat(Command.run(words.toArray(String[]::new)).good()).isEmpty();
  }

  /** Else the test before could not fail. */
  @Test
  void aUnitThatIsNotUnderstoodIsTold() throws IOException {
    install();
    Path unit = root.resolve("usr/lib/systemd/system/millwright-agent.service");
    Checkout.write(unit, text(unit).replace("[Service]\n", "[Service]\nWatchdogSecs=30s\n"));
    assertThat(
            Command.run(
                    "systemd-analyze",
                    "verify",
                    "--man=no",
                    "--recursive-errors=no",
                    "--root=" + root,
                    "millwright-agent.service")
                .text())
        .contains("WatchdogSecs");
  }

  /** The launcher's is higher than the collector's because it may become a job's user. */
  @ParameterizedTest
  @CsvSource({
    "millwright-agent.service, 2.5",
    "millwright-collector.service, 2.5",
    "millwright-launcher.service, 2.5",
    "millwright-power.service, 2.0",
    "millwright-read.service, 2.0",
    "millwright-leases.service, 1.5",
    "millwright-ended-failure@.service, 1.5",
    "millwright-ended-success@.service, 1.5"
  })
  void theOfflineScoreHolds(String unit, double most) {
    String told =
        Command.run(
                "systemd-analyze",
                "security",
                "--no-pager",
                "--offline=true",
                "--threshold=100",
                Checkout.UNITS.resolve(unit).toString())
            .good();
    Matcher score = SCORE.matcher(told);
    assertThat(score.find()).as(told).isTrue();
    System.out.println("score: " + unit + " " + score.group(1));
    assertThat(Double.parseDouble(score.group(1))).isLessThanOrEqualTo(most);
  }

  @Test
  void theTwoRecordersDifferInTheirNameOnly() throws IOException {
    assertThat(text(Checkout.UNITS.resolve("millwright-ended-failure@.service")))
        .isEqualTo(text(Checkout.UNITS.resolve("millwright-ended-success@.service")));
  }

  @Test
  void eachDirectiveIsExplained() throws IOException {
    String page = text(Checkout.SYSTEMD.resolve("README.md"));
    for (Path unit : Checkout.files(Checkout.UNITS)) {
      List<String> unexplained =
          DIRECTIVE
              .matcher(text(unit))
              .results()
              .map(found -> found.group(1))
              .distinct()
              .filter(directive -> !page.contains("`" + directive))
              .collect(Collectors.toList());
      assertThat(unexplained).as(unit.getFileName().toString()).isEmpty();
    }
  }

  /** Run for real, beneath another root. */
  @Test
  void usersAndDirectoriesAreMadeTwiceTheSame() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
    Checkout.copy(Checkout.SYSTEMD.resolve("sysusers.d"), root.resolve("usr/lib/sysusers.d"));
    Checkout.copy(Checkout.SYSTEMD.resolve("tmpfiles.d"), root.resolve("usr/lib/tmpfiles.d"));
    Checkout.write(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    Checkout.write(root.resolve("etc/group"), "root:x:0:\n");
    for (int i = 0; i < 2; i++) {
      Command.run("systemd-sysusers", "--root=" + root).good();
      Command.run("systemd-tmpfiles", "--root=" + root, "--create").good();
    }
    assertThat(text(root.resolve("etc/passwd")).lines().filter(line -> line.contains("millwright")))
        .hasSize(2)
        .allMatch(line -> line.endsWith("/usr/sbin/nologin"));
    assertThat(
            Command.run(
                    "sh",
                    "-c",
                    "cd "
                        + root
                        + " && find etc/millwright var/lib/millwright run/millwright"
                        + " -printf '%m %p\\n' | sort -k2")
                .good())
        .isEqualTo(
            """
            755 etc/millwright
            755 run/millwright
            700 run/millwright/env
            700 run/millwright/leases
            755 var/lib/millwright
            750 var/lib/millwright/agent
            750 var/lib/millwright/collector
            2750 var/lib/millwright/ended
            700 var/lib/millwright/launcher
            750 var/lib/millwright/runs\
            """);
  }
}
