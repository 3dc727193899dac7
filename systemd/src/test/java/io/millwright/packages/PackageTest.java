package io.millwright.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the packages, and that they are put together the same again. */
class PackageTest {
  private static final long MOST_BYTES = 60_000_000;

  /** A line of dpkg-deb's list: mode, owner, size, time, path and where a link leads. */
  private static final Pattern LISTED =
      Pattern.compile("(\\S+) (\\S+) +(\\d+) (\\S+ \\S+) \\./(.*?)( -> .*)?");

  private record Entry(String mode, String owner, String time, String path) {}

  private static List<Entry> entries(Path deb) {
    return Shell.run("dpkg-deb", "-c", deb.toString())
        .good()
        .lines()
        .map(LISTED::matcher)
        .peek(matcher -> assertThat(matcher.matches()).isTrue())
        .map(matcher ->
            new Entry(matcher.group(1), matcher.group(2), matcher.group(4), matcher.group(5)))
        .toList();
  }

  private static List<String> paths(Path deb) {
    return entries(deb).stream().map(Entry::path).toList();
  }

  @Test
  void isSmall() throws IOException {
    for (Path deb : Built.packages().both()) {
      System.out.println("PackageTest " + deb.getFileName() + " bytes=" + Files.size(deb));
      assertThat(Files.size(deb)).isLessThanOrEqualTo(MOST_BYTES);
    }
  }

  @Test
  void hasWhatANodeNeeds() {
    assertThat(paths(Built.packages().agent()))
        .contains(
            "etc/default/millwright-agent",
            "etc/millwright/agent.yaml",
            "usr/bin/millwright",
            "usr/bin/millwright-agent",
            "usr/lib/millwright/agent/agent.aot",
            "usr/lib/millwright/agent/cli.aot",
            "usr/lib/millwright/agent/native/libjnidispatch.so",
            "usr/lib/millwright/agent/runtime/bin/java",
            "usr/lib/millwright/launcher/end-leases",
            "usr/lib/millwright/launcher/containers.conf",
            "usr/lib/millwright/launcher/keep-output",
            "usr/lib/millwright/launcher/millwright-launcher",
            "usr/lib/millwright/launcher/read-node",
            "usr/lib/millwright/launcher/record-outcome",
            "usr/lib/millwright/launcher/run-hook",
            "usr/lib/millwright/launcher/set-power",
            "usr/lib/systemd/system/millwright-agent.service",
            "usr/lib/systemd/system/millwright-agent.socket",
            "usr/lib/systemd/system/millwright-ended-failure@.service",
            "usr/lib/systemd/system/millwright-ended-success@.service",
            "usr/lib/systemd/system/millwright-jobs.slice",
            "usr/lib/systemd/system/millwright-launcher.service",
            "usr/lib/systemd/system/millwright-launcher.socket",
            "usr/lib/systemd/system/millwright-leases.path",
            "usr/lib/systemd/system/millwright-leases.service",
            "usr/lib/systemd/system/millwright-power.service",
            "usr/lib/systemd/system/millwright-read.service",
            "usr/lib/systemd/system/millwright-read.socket",
            "usr/lib/systemd/system/mw-job-.service.d/50-millwright.conf",
            "usr/lib/sysusers.d/millwright-agent.conf",
            "usr/lib/tmpfiles.d/millwright-agent.conf",
            "usr/lib/udev/rules.d/60-millwright.rules",
            "usr/share/bash-completion/completions/millwright",
            "usr/share/doc/millwright-agent/changelog.gz",
            "usr/share/doc/millwright-agent/copyright",
            "usr/share/doc/millwright-agent/sbom.cdx.json",
            "usr/share/fish/vendor_completions.d/millwright-agent.fish",
            "usr/share/man/man1/millwright.1.gz",
            "usr/share/man/man8/millwright-agent.8.gz",
            "usr/share/zsh/vendor-completions/_millwright");
  }

  @Test
  void hasWhatACollectorNeeds() {
    assertThat(paths(Built.packages().collector()))
        .contains(
            "etc/default/millwright-collector",
            "usr/bin/millwright-collector",
            "usr/lib/millwright/collector/collector.aot",
            "usr/lib/millwright/collector/native/libsqlitejdbc.so",
            "usr/lib/millwright/collector/runtime/bin/java",
            "usr/lib/systemd/system/millwright-collector.service",
            "usr/lib/sysusers.d/millwright-collector.conf",
            "usr/lib/tmpfiles.d/millwright-collector.conf",
            "usr/share/man/man8/millwright-collector.8.gz");
  }

  /** Simulated hardware, tests and benchmarks stay at home; a policy is the site's to write. */
  @Test
  void hasNothingElse() {
    for (Path deb : Built.packages().both()) {
      assertThat(paths(deb))
          .noneMatch(path -> path.contains("simulator"))
          .noneMatch(path -> path.contains("libnvidia-ml"))
          .noneMatch(path -> path.contains("benchmarks"))
          .noneMatch(path -> path.startsWith("etc/millwright/policy"))
          .noneMatch(path -> path.startsWith("var/") || path.startsWith("run/"))
          .allMatch(path -> path.isEmpty() || path.startsWith("etc/") || path.startsWith("usr/"));
    }
  }

  @Test
  void belongsToRootAndIsWritableByNobodyElse() {
    for (Path deb : Built.packages().both()) {
      List<Entry> entries = entries(deb);
      assertThat(entries)
          .allMatch(entry -> entry.owner().equals("root/root"))
          .allMatch(entry -> entry.time().equals(entries.getFirst().time()))
          .allMatch(entry ->
              entry.mode().startsWith("l")
                  || List.of("drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--").contains(entry.mode()));
    }
  }

  @Test
  void keepsWhatASiteChanges() {
    assertThat(control(Built.packages().agent(), "conffiles").lines())
        .containsExactlyInAnyOrder("/etc/default/millwright-agent", "/etc/millwright/agent.yaml");
    assertThat(control(Built.packages().collector(), "conffiles").lines())
        .containsExactly("/etc/default/millwright-collector");
  }

  @Test
  void needsOnlyLibcAndSystemd() {
    for (Path deb : Built.packages().both()) {
      assertThat(Shell.run("dpkg-deb", "-f", deb.toString(), "Depends").good().strip())
          .isEqualTo("libc6 (>= 2.28), systemd (>= 252)");
    }
  }

  @Test
  void holdsShellThatAPosixShellReads() throws IOException {
    try (Stream<Path> files = Files.walk(Built.home().resolve("systemd/package"))) {
      List<Path> scripts = files.filter(PackageTest::isScript).toList();
      assertThat(scripts).hasSizeGreaterThanOrEqualTo(10);
      for (Path script : scripts) {
        Shell.run("dash", "-n", script.toString()).good();
      }
    }
  }

  private static boolean isScript(Path file) {
    try {
      return Files.isRegularFile(file) && Files.readString(file).startsWith("#!/bin/sh\n");
    } catch (IOException unreadable) {
      throw new AssertionError(file.toString(), unreadable);
    }
  }

  @Test
  void isPutTogetherTheSameAgain() throws IOException {
    Built built = Built.packages();
    byte[] agent = Files.readAllBytes(built.agent());
    byte[] collector = Files.readAllBytes(built.collector());
    Built again = Built.build(built.directory(), "assemble");
    assertThat(Files.readAllBytes(again.agent())).isEqualTo(agent);
    assertThat(Files.readAllBytes(again.collector())).isEqualTo(collector);
  }

  /**
   * From the beginning, with a training of its own: all is the same but what a JVM notes of a run.
   */
  @Test
  void isBuiltTheSameAgainButForTheCaches(@TempDir Path directory) throws IOException {
    assumeTrue(System.getProperty("long", "").equals("yes"), "with ./millwright test --long only");
    Built first = Built.packages();
    Built second = Built.build(directory);
    for (int i = 0; i < 2; i++) {
      assertThat(sums(second.both().get(i), directory.resolve("b" + i)))
          .isEqualTo(sums(first.both().get(i), directory.resolve("a" + i)));
    }
  }

  /** SHA-256 of each file, the caches and what counts them apart. */
  private static List<String> sums(Path deb, Path into) throws IOException {
    Shell.run("dpkg-deb", "-R", deb.toString(), into.toString()).good();
    return Shell.run(
            "sh",
            "-c",
            "cd \"$1\" && find . -type f ! -name '*.aot' ! -path ./DEBIAN/md5sums ! -path ./DEBIAN/control"
                + " | LC_ALL=C sort | xargs -d '\\n' sha256sum && grep -v Installed-Size DEBIAN/control",
            "sh",
            into.toString())
        .good()
        .lines()
        .toList();
  }

  private static String control(Path deb, String file) {
    return Shell.run("dpkg-deb", "-I", deb.toString(), file).good();
  }
}
