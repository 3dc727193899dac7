package io.millwright.agent.doctor;

import io.millwright.protocol.bodies.DoctorCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is looked at of the units that a package installs: that they are there, that the agent is
 * enabled, and that the unit starts the version that looks. Files alone are read; systemd is not
 * asked.
 */
final class UnitChecks {
  private static final String CHECK = "units";
  private static final String AGENT = "millwright-agent.service";
  private static final String STARTS = "ExecStart=";
  private static final List<String> UNIT_DIRECTORIES =
      List.of("etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system");
  private static final String WANTED = "etc/systemd/system/multi-user.target.wants/";
  private static final String PACKAGES = "var/lib/dpkg/status";
  private static final String PACKAGE = "millwright-agent";
  private static final String INSTALLED = "Status: install ok installed";

  /** What the agent needs beside its own unit; each is a file of the package. */
  private static final List<String> NEEDED = List.of("millwright-agent.socket");

  /** Where jobs run as units. */
  private static final List<String> NEEDED_FOR_JOBS =
      List.of(
          "millwright-launcher.socket",
          "millwright-launcher.service",
          "millwright-jobs.slice",
          "millwright-leases.path",
          "millwright-leases.service",
          "millwright-ended-success@.service",
          "millwright-ended-failure@.service",
          "mw-job-.service.d/50-millwright.conf");

  private UnitChecks() {}

  /**
   * @param root {@code /}, or a tree in its place
   * @param version of the program that looks
   * @param jobs whether jobs run as units here
   */
  static DoctorCheck of(Path root, String version, boolean jobs) {
    Optional<Path> unit = found(root, AGENT);
    if (unit.isEmpty()) {
      return DoctorCheck.skipped(
          CHECK, AGENT + " is not installed: not applicable to a checkout or a copy", "");
    }
    List<String> wanted = new ArrayList<>(NEEDED);
    if (jobs) {
      wanted.addAll(NEEDED_FOR_JOBS);
    }
    List<String> missing = wanted.stream().filter(name -> found(root, name).isEmpty()).toList();
    if (!missing.isEmpty()) {
      return DoctorCheck.fail(
          CHECK,
          "not installed: " + DeviceChecks.named(missing),
          "install the package again: 'apt-get install --reinstall millwright-agent'");
    }
    return program(root, unit.get())
        .or(() -> enabled(root))
        .or(() -> version(root, version))
        .orElseGet(() ->
            DoctorCheck.ok(
                CHECK, "%d units are installed and enabled".formatted(wanted.size() + 1)));
  }

  /** The first that systemd would take. */
  private static Optional<Path> found(Path root, String name) {
    return UNIT_DIRECTORIES.stream()
        .map(directory -> root.resolve(directory).resolve(name))
        .filter(Files::exists)
        .findFirst();
  }

  private static Optional<DoctorCheck> program(Path root, Path unit) {
    try {
      Optional<String> program =
          Files.readAllLines(unit).stream()
              .filter(line -> line.startsWith(STARTS))
              .map(line -> line.substring(STARTS.length()).split(" ")[0])
              .findFirst();
      if (program.filter(path -> there(root, path)).isPresent()) {
        return Optional.empty();
      }
      return Optional.of(
          DoctorCheck.fail(
              CHECK,
              "%s starts %s, which is not there".formatted(unit, program.orElse("nothing")),
              "install the package again: 'apt-get install --reinstall millwright-agent'"));
    } catch (IOException e) {
      return Optional.of(
          DoctorCheck.warn(
              CHECK,
              "%s cannot be read: %s".formatted(unit, e.getClass().getSimpleName()),
              "'chmod 0644 %s'".formatted(unit)));
    }
  }

  private static boolean there(Path root, String path) {
    return path.startsWith("/") && Files.exists(root.resolve(path.substring(1)));
  }

  private static Optional<DoctorCheck> enabled(Path root) {
    return Files.exists(root.resolve(WANTED + AGENT), LinkOption.NOFOLLOW_LINKS)
        ? Optional.empty()
        : Optional.of(
            DoctorCheck.warn(
                CHECK,
                AGENT + " is installed and not enabled: it does not come back after a boot",
                "'systemctl enable --now millwright-agent.socket millwright-agent.service'"));
  }

  /** What Debian's list of packages says; where there is none, nothing is compared. */
  private static Optional<DoctorCheck> version(Path root, String own) {
    String wanted = own.replace("-SNAPSHOT", "~snapshot");
    return packaged(root.resolve(PACKAGES))
        .filter(installed -> !installed.equals(wanted))
        .map(installed ->
            DoctorCheck.warn(
                CHECK,
                "the installed package is %s and this program is %s".formatted(installed, wanted),
                "'systemctl restart millwright-agent' after an upgrade, or run the installed"
                    + " /usr/bin/millwright-agent"));
  }

  private static Optional<String> packaged(Path list) {
    try (BufferedReader lines = Files.newBufferedReader(list)) {
      List<String> stanza = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          stanza.clear();
        }
        stanza.add(line);
        if (line.startsWith("Version: ")
            && stanza.contains("Package: " + PACKAGE)
            && stanza.contains(INSTALLED)) {
          return Optional.of(line.substring("Version: ".length()));
        }
      }
      return Optional.empty();
    } catch (IOException none) {
      return Optional.empty();
    }
  }
}
