package io.millwright.agent.doctor;

import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.vocabulary.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is looked at of the accelerators. Pure. */
final class DeviceChecks {
  private static final int MOST_NAMED = 4;

  private DeviceChecks() {}

  static List<DoctorCheck> of(Seen seen) {
    List<DoctorCheck> checks = new ArrayList<>();
    checks.add(devices(seen));
    if (!seen.named(Metric.ACCELERATOR_UP).isEmpty()) {
      checks.add(driver(seen));
      checks.add(memory(seen));
      checks.add(links(seen));
      checks.add(pcie(seen));
      checks.add(firmware(seen));
    }
    return checks;
  }

  // ---- each device answers

  private static DoctorCheck devices(Seen seen) {
    List<Seen.Value> all = seen.named(Metric.ACCELERATOR_UP);
    if (all.isEmpty()) {
      return DoctorCheck.skipped(
          "devices",
          seen.refusal().isEmpty() ? "no accelerator is seen" : seen.refusal(),
          "where the node has accelerators, load their driver and see 'journalctl -k'");
    }
    List<Seen.Value> up =
        seen.values(Metric.ACCELERATOR_UP).stream().filter(value -> value.value() == 1).toList();
    if (up.size() < all.size()) {
      return DoctorCheck.fail(
          "devices",
          "%d of %d accelerators do not answer: %s"
              .formatted(all.size() - up.size(), all.size(), named(silent(all, up))),
          "give them no work and kill nothing that uses them; take evidence, then follow the advice"
              + " of their verdict");
    }
    return expected(seen, up.size());
  }

  private static List<String> silent(List<Seen.Value> all, List<Seen.Value> up) {
    Set<String> answer = up.stream().map(value -> value.label("uuid")).collect(Collectors.toSet());
    return all.stream()
        .filter(value -> !answer.contains(value.label("uuid")))
        .map(Seen.Value::accelerator)
        .toList();
  }

  private static DoctorCheck expected(Seen seen, int up) {
    double wanted =
        seen.values(Metric.NODE_ACCELERATORS_EXPECTED).stream()
            .mapToDouble(Seen.Value::value)
            .sum();
    return up < wanted
        ? DoctorCheck.fail(
            "devices",
            "%d accelerators are there and %.0f are expected".formatted(up, wanted),
            "look for the missing ones with lspci and 'journalctl -k'; if fewer are right, set"
                + " expected_accelerators, or accept the node anew where that is not set")
        : DoctorCheck.ok("devices", "%d of %d accelerators answer".formatted(up, up));
  }

  // ---- the driver

  private static DoctorCheck driver(Seen seen) {
    Set<String> versions = new TreeSet<>();
    for (Seen.Value info : seen.values(Metric.ACCELERATOR_INFO)) {
      versions.add(info.label("vendor") + " " + info.label("driver_version"));
    }
    boolean known = versions.stream().noneMatch(version -> version.endsWith(" "));
    return !versions.isEmpty() && known
        ? DoctorCheck.ok("driver", "driver " + String.join(", ", versions))
        : DoctorCheck.warn(
            "driver",
            "the driver does not say its version",
            "see that driver and library are of one installation; reinstall them if not");
  }

  // ---- memory that was not given back

  /** By the processes that hold a device: on coherent parts bytes in use may be page cache. */
  private static DoctorCheck memory(Seen seen) {
    List<Seen.Value> counts = seen.values(Metric.ACCELERATOR_PROCESSES);
    List<String> busy =
        counts.stream()
            .filter(value -> value.value() > 0 && !seen.held().contains(value.label("uuid")))
            .map(value -> "%s (%.0f)".formatted(value.accelerator(), value.value()))
            .toList();
    if (counts.isEmpty()) {
      return DoctorCheck.skipped("memory", "no driver here counts the holders of a device", "");
    }
    if (busy.isEmpty()) {
      return DoctorCheck.ok("memory", "no process holds an accelerator that no job has");
    }
    return DoctorCheck.warn(
        "memory",
        "processes hold %s%s".formatted(named(busy), seen.jobsKnown() ? ", and no job has it" : ""),
        seen.jobsKnown()
            ? "'fuser -v /dev/nvidia*' names them; ask their owner to end them"
            : "right while a job runs there; else 'fuser -v /dev/nvidia*' names them");
  }

  // ---- links

  private static DoctorCheck links(Seen seen) {
    List<Seen.Value> expected = seen.values(Metric.ACCELERATOR_LINKS_EXPECTED);
    List<String> down = new ArrayList<>();
    double total = 0;
    for (Seen.Value wanted : expected) {
      Optional<Seen.Value> up = seen.beside(wanted, Metric.ACCELERATOR_LINKS_UP, "link_type");
      double count = up.map(Seen.Value::value).orElse(0.0);
      total += wanted.value();
      if (count < wanted.value()) {
        down.add(
            "%s has %.0f of %.0f %s up"
                .formatted(wanted.accelerator(), count, wanted.value(), wanted.label("link_type")));
      }
    }
    if (expected.isEmpty()) {
      return DoctorCheck.skipped("links", "nothing says how many links there must be", "");
    }
    return down.isEmpty()
        ? DoctorCheck.ok("links", "all %.0f links are up".formatted(total))
        : DoctorCheck.fail(
            "links",
            named(down),
            "see the fabric manager and 'nvidia-smi nvlink -s'; reset the device when no job has"
                + " it; reseat or replace if it stays");
  }

  // ---- the bus

  private static DoctorCheck pcie(Seen seen) {
    List<String> narrow = new ArrayList<>();
    int looked = 0;
    for (Seen.Value lanes : seen.values(Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES)) {
      if (!lanes.label("state").equals("current")) {
        continue;
      }
      looked++;
      most(seen, lanes)
          .filter(most -> lanes.value() < most)
          .ifPresent(most ->
              narrow.add(
                  "%s has x%.0f of x%.0f".formatted(lanes.accelerator(), lanes.value(), most)));
    }
    if (looked == 0) {
      return DoctorCheck.skipped("pcie", "no driver here says the width of its link", "");
    }
    return narrow.isEmpty()
        ? DoctorCheck.ok("pcie", "all %d have their full width".formatted(looked))
        : DoctorCheck.warn(
            "pcie",
            named(narrow),
            "drain the node and power it off and on; reseat the card or its riser if it stays");
  }

  private static Optional<Double> most(Seen seen, Seen.Value lanes) {
    return seen.values(Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES).stream()
        .filter(value -> value.label("state").equals("max"))
        .filter(value -> value.label("uuid").equals(lanes.label("uuid")))
        .map(Seen.Value::value)
        .findFirst();
  }

  // ---- one set of firmware

  private static DoctorCheck firmware(Seen seen) {
    Map<String, Set<String>> versions = new TreeMap<>();
    for (Seen.Value info : seen.values(Metric.ACCELERATOR_FIRMWARE_INFO)) {
      versions
          .computeIfAbsent(
              info.label("model") + " " + info.label("component"), key -> new TreeSet<>())
          .add(info.label("version"));
    }
    for (Seen.Value info : seen.values(Metric.ACCELERATOR_INFO)) {
      if (!info.label("firmware_version").isEmpty()) { // all that the base tier says
        versions
            .computeIfAbsent(info.label("model") + " firmware", key -> new TreeSet<>())
            .add(info.label("firmware_version"));
      }
    }
    List<String> mixed =
        versions.entrySet().stream()
            .filter(entry -> entry.getValue().size() > 1)
            .map(entry -> entry.getKey() + ": " + String.join(" and ", entry.getValue()))
            .toList();
    if (versions.isEmpty()) {
      return DoctorCheck.skipped("firmware", "no device says its firmware", "");
    }
    return mixed.isEmpty()
        ? DoctorCheck.ok(
            "firmware",
            "one set: %s alike on all devices"
                .formatted(versions.size() == 1 ? "it is" : versions.size() + " components are"))
        : DoctorCheck.warn(
            "firmware", named(mixed), "bring all devices of the model to one set of the vendor");
  }

  /** The first few of them. */
  static String named(List<String> all) {
    String first = all.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    return all.size() > MOST_NAMED
        ? "%s and %d more".formatted(first, all.size() - MOST_NAMED)
        : first;
  }
}
