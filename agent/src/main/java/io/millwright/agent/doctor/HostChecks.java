package io.millwright.agent.doctor;

import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is looked at of the host, and the verdicts. Pure. */
final class HostChecks {
  private static final double FULL = 0.01;
  private static final double FILLING = 0.05;
  private static final int MOST_VERDICTS = 16;

  /** File systems that are full by their nature. */
  private static final Set<String> ALWAYS_FULL = Set.of("squashfs", "iso9660", "erofs");

  private HostChecks() {}

  static List<DoctorCheck> of(Seen seen, boolean hostWanted) {
    List<DoctorCheck> checks = new ArrayList<>();
    if (hostWanted) {
      checks.add(clock(seen));
      checks.add(disks(seen));
      checks.add(
          needed(
              seen,
              "services",
              Metric.NODE_SERVICE_ACTIVE,
              "service",
              "are not active",
              "'systemctl start' them, and 'systemctl status' says why they ended"));
      checks.add(
          needed(
              seen,
              "modules",
              Metric.NODE_KERNEL_MODULE_LOADED,
              "module",
              "are not loaded",
              "'modprobe' them, and 'journalctl -k' says why it fails"));
    } else {
      checks.add(DoctorCheck.skipped("host", "host.enabled is false: the host is not read", ""));
    }
    checks.addAll(verdicts(seen));
    return checks;
  }

  private static DoctorCheck clock(Seen seen) {
    Optional<Seen.Value> synchronised =
        seen.values(Metric.NODE_CLOCK_SYNCHRONIZED).stream().findFirst();
    if (synchronised.isEmpty()) {
      return DoctorCheck.skipped("clock", "the kernel does not say whether it is synchronised", "");
    }
    return synchronised.get().value() == 1
        ? DoctorCheck.ok("clock", "the kernel's clock is synchronised")
        : DoctorCheck.warn(
            "clock",
            "the kernel's clock is not synchronised",
            "start chronyd or another service of time, and see 'chronyc tracking'");
  }

  // ---- disks

  private static DoctorCheck disks(Seen seen) {
    List<String> hanging = places(seen, Metric.NODE_FILESYSTEM_RESPONSIVE, 0);
    if (!hanging.isEmpty()) {
      return DoctorCheck.fail(
          "disks",
          "do not answer: " + DeviceChecks.named(hanging),
          "see the server or the disk behind them; what waits there cannot be killed");
    }
    List<String> full = fuller(seen, FULL);
    if (!full.isEmpty()) {
      return DoctorCheck.fail(
          "disks", "full: " + DeviceChecks.named(full), "make room: 'du -x' from there on");
    }
    List<String> filling = fuller(seen, FILLING);
    if (!filling.isEmpty()) {
      return DoctorCheck.warn(
          "disks", "filling: " + DeviceChecks.named(filling), "make room: 'du -x' from there on");
    }
    int looked = seen.values(Metric.NODE_FILESYSTEM_SIZE_BYTES).size();
    return looked == 0
        ? DoctorCheck.skipped("disks", "no file system is read", "")
        : DoctorCheck.ok("disks", "%d file systems have room".formatted(looked));
  }

  private static List<String> places(Seen seen, Metric metric, double value) {
    return seen.values(metric).stream()
        .filter(one -> one.value() == value)
        .map(one -> one.label("mountpoint"))
        .toList();
  }

  private static List<String> fuller(Seen seen, double share) {
    List<String> readOnly = places(seen, Metric.NODE_FILESYSTEM_READONLY, 1);
    List<String> full = new ArrayList<>();
    for (Seen.Value size : seen.values(Metric.NODE_FILESYSTEM_SIZE_BYTES)) {
      String place = size.label("mountpoint");
      boolean written = !readOnly.contains(place) && !ALWAYS_FULL.contains(size.label("fstype"));
      boolean tight =
          seen.values(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES).stream()
              .anyMatch(available ->
                  available.series().labelValues().equals(size.series().labelValues())
                      && available.value() < share * size.value());
      if (written && tight) {
        full.add(place);
      }
    }
    return full;
  }

  // ---- what the node needs

  private static DoctorCheck needed(
      Seen seen, String check, Metric metric, String label, String not, String fix) {
    List<Seen.Value> all = seen.values(metric);
    List<String> missing =
        all.stream().filter(one -> one.value() == 0).map(one -> one.label(label)).toList();
    if (all.isEmpty()) {
      return DoctorCheck.skipped(check, "none is known to be needed here", "");
    }
    return missing.isEmpty()
        ? DoctorCheck.ok(check, "%d that are needed are there".formatted(all.size()))
        : DoctorCheck.fail(check, "%s %s".formatted(DeviceChecks.named(missing), not), fix);
  }

  // ---- verdicts

  private static List<DoctorCheck> verdicts(Seen seen) {
    List<DoctorCheck> checks = new ArrayList<>();
    RuleCatalogue rules = RuleCatalogue.load();
    for (Judgement judgement : seen.health().judgements()) {
      List<Evidence> speaking = speaking(judgement);
      for (Evidence evidence : speaking) {
        if (checks.size() < MOST_VERDICTS) {
          checks.add(verdict(judgement.subject(), evidence, rules));
        }
      }
      if (speaking.isEmpty() && judgement.verdict() == Verdict.UNKNOWN) {
        checks.add(
            DoctorCheck.warn(
                "verdict",
                name(judgement.subject()) + " is unknown: too little was read of it yet",
                "ask again in half a minute"));
      }
    }
    if (!checks.isEmpty()) {
      return checks;
    }
    return List.of(
        seen.health().judgements().isEmpty()
            ? DoctorCheck.skipped("verdict", "nothing was judged yet", "")
            : DoctorCheck.ok("verdict", "no rule speaks against node or devices"));
  }

  /** What counts; of what is unknown without it, what is awaited. */
  private static List<Evidence> speaking(Judgement judgement) {
    List<Evidence> counting =
        judgement.evidence().stream().filter(one -> !one.observeOnly()).toList();
    return counting.isEmpty() && judgement.verdict() == Verdict.UNKNOWN
        ? judgement.evidence().stream().filter(one -> one.verdict() == Verdict.UNKNOWN).toList()
        : counting;
  }

  /** In the words in which the verdict is told elsewhere. */
  private static DoctorCheck verdict(Subject subject, Evidence evidence, RuleCatalogue rules) {
    String found =
        "%s is %s by %s version %d since %s: %s"
            .formatted(
                name(subject),
                evidence.verdict().word(),
                evidence.rule(),
                evidence.version(),
                Instant.ofEpochMilli(evidence.sinceMs()).truncatedTo(ChronoUnit.SECONDS),
                evidence.observed());
    String fix =
        "%s, of the %s: %s; clears: %s%s"
            .formatted(
                evidence.advice().word(),
                evidence.scope().word(),
                fix(evidence.advice()),
                evidence.clears(),
                rules.runbook(evidence.rule()).map(page -> "; runbook: " + page).orElse(""));
    return evidence.verdict() == Verdict.FAILED
        ? DoctorCheck.fail("verdict", found, fix)
        : DoctorCheck.warn("verdict", found, fix);
  }

  private static String name(Subject subject) {
    return switch (subject) {
      case Subject.Node() -> "node";
      case Subject.Device(String index, String _) -> "accelerator " + index;
    };
  }

  private static String fix(Advice advice) {
    return switch (advice) {
      case NONE -> "nothing is to be done";
      case WATCH -> "watch it";
      case RESTART_JOB -> "start the job again";
      case DRAIN -> "let its jobs finish and give it no new ones";
      case RESET_DEVICE -> "reset the device when no job has it";
      case RESTART_DRIVER -> "load the driver anew when no job runs";
      case REBOOT_NODE -> "drain the node and boot it";
      case INSPECT -> "have a person look at it";
      case REPLACE -> "drain it and have it replaced";
    };
  }
}
