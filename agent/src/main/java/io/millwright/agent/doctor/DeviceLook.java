package io.millwright.agent.doctor;

import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.CheckResult.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The doctor's checks of some devices alone, over readings that are newer than the question. No
 * driver is called here: the devices' own lanes read, and one that hangs gives no new reading.
 *
 * <p><i>Threading:</i> any thread, which waits for the readings. <i>Failure:</i> unknown.
 */
public final class DeviceLook {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final int UUID = 2;

  private final Supplier<NodeSnapshot> snapshot;
  private final Consumer<Set<String>> readAnew;
  private final Clock clock;

  /**
   * @param readAnew has the lanes of these devices read them at once
   */
  public DeviceLook(Supplier<NodeSnapshot> snapshot, Consumer<Set<String>> readAnew, Clock clock) {
    this.snapshot = snapshot;
    this.readAnew = readAnew;
    this.clock = clock;
  }

  /**
   * What one check came to.
   *
   * @param failing the devices against which it speaks; none where it passed, or speaks of the node
   */
  public record Found(Result result, String sentence, Set<String> failing) {
    public Found {
      failing = Set.copyOf(failing);
    }
  }

  /** Since when readings count: from now. */
  public long begin(Set<String> uuids) {
    long now = clock.nanos();
    readAnew.accept(uuids);
    return now;
  }

  /**
   * Looks once all that the check needs was read since then, or its time has passed.
   *
   * @param check a word of the agent's own checks
   * @param sinceNanos what {@link #begin} said
   */
  public Found look(String check, Set<String> uuids, long sinceNanos, long untilNanos) {
    Optional<String> missing = missing(check, uuids, sinceNanos);
    while (missing.isPresent()
        && clock.nanos() - untilNanos < 0
        && !Thread.currentThread().isInterrupted()) {
      clock.parkUntil(clock.nanos() + LOOK_AGAIN.toNanos());
      missing = missing(check, uuids, sinceNanos);
    }
    return missing
        .map(why -> new Found(Result.UNKNOWN, why, Set.of()))
        .orElseGet(() -> judged(check, uuids));
  }

  // ---- what was read since

  private Optional<String> missing(String check, Set<String> uuids, long sinceNanos) {
    if (ofNode(check)) {
      return Optional.empty();
    }
    NodeSnapshot now = snapshot.get();
    for (String uuid : uuids) {
      if (check.equals("devices") && lost(now, uuid, sinceNanos)) {
        continue;
      }
      if (!anyRead(now, uuid, sinceNanos)) {
        return Optional.of("accelerator %s gave no new reading in time".formatted(uuid));
      }
      Optional<Series> old = old(now, check, uuid, sinceNanos);
      if (old.isPresent()) {
        return Optional.of(
            "%s of accelerator %s could not be read in time"
                .formatted(old.get().metric().familyName(), uuid));
      }
    }
    return Optional.empty();
  }

  /** Something that the device itself said, not its lane or its judge of it. */
  private static boolean anyRead(NodeSnapshot now, String uuid, long sinceNanos) {
    for (Sample sample : now.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (is(sample.table().series(i), uuid)
            && sample.measured(i)
            && sample.readAtNanos(i) - sinceNanos >= 0
            && ofDevice(sample, uuid)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Only the device's own source says who it is. */
  private static boolean ofDevice(Sample sample, String uuid) {
    for (int i = 0; i < sample.table().size(); i++) {
      Series series = sample.table().series(i);
      if (series.metric() == Metric.ACCELERATOR_INFO && is(series, uuid)) {
        return true;
      }
    }
    return false;
  }

  /** The driver has lost it: nothing new will come, and that is an answer. */
  private static boolean lost(NodeSnapshot now, String uuid, long sinceNanos) {
    boolean down = false;
    for (Sample sample : now.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (!is(series, uuid) || !sample.measured(i) || sample.readAtNanos(i) < sinceNanos) {
          continue;
        }
        if (series.metric() == Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS
            && sample.value(i) > 0) {
          return false;
        }
        down |= series.metric() == Metric.ACCELERATOR_UP && sample.value(i) == 0;
      }
    }
    return down;
  }

  private static boolean is(Series series, String uuid) {
    return series.metric().scope() == Metric.Scope.ACCELERATOR
        && series.labelValues().get(UUID).equals(uuid);
  }

  private static Optional<Series> old(
      NodeSnapshot now, String check, String uuid, long sinceNanos) {
    Set<Metric> needed = needed(check);
    for (Sample sample : now.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        boolean fresh = sample.measured(i) && sample.readAtNanos(i) - sinceNanos >= 0;
        if (needed.contains(series.metric())
            && is(series, uuid)
            && !sample.unsupported(i)
            && !fresh) {
          return Optional.of(series);
        }
      }
    }
    return Optional.empty();
  }

  /** What is read anew for a check; firmware is read when a device is opened. */
  private static Set<Metric> needed(String check) {
    return switch (check) {
      case "memory" -> Set.of(Metric.ACCELERATOR_PROCESSES);
      case "links" -> Set.of(Metric.ACCELERATOR_LINKS_UP);
      case "pcie" -> Set.of(Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES);
      default -> Set.of();
    };
  }

  private static boolean ofNode(String check) {
    return check.equals("clock") || check.equals("disks");
  }

  // ---- what it says

  private Found judged(String check, Set<String> uuids) {
    Optional<DoctorCheck> all = line(check, uuids);
    if (all.isEmpty()) {
      return new Found(Result.SKIPPED, "this node cannot look at it", Set.of());
    }
    DoctorCheck line = all.get();
    return switch (line.outcome()) {
      case OK -> new Found(Result.PASSED, line.found(), Set.of());
      case SKIPPED -> new Found(Result.SKIPPED, line.found(), Set.of());
      case WARN, FAIL -> new Found(Result.FAILED, line.found(), failing(check, uuids));
    };
  }

  /** One device after the other; of firmware, which is compared, all of them. */
  private Set<String> failing(String check, Set<String> uuids) {
    if (ofNode(check)) {
      return Set.of();
    }
    Set<String> failing = new HashSet<>();
    for (String uuid : uuids) {
      if (line(check, Set.of(uuid)).filter(DeviceLook::speaksAgainst).isPresent()) {
        failing.add(uuid);
      }
    }
    return failing.isEmpty() ? uuids : failing;
  }

  private static boolean speaksAgainst(DoctorCheck line) {
    return switch (line.outcome()) {
      case OK, SKIPPED -> false;
      case WARN, FAIL -> true;
    };
  }

  private Optional<DoctorCheck> line(String check, Set<String> uuids) {
    Predicate<Series> wanted =
        series ->
            series.metric().scope() == Metric.Scope.ACCELERATOR
                ? uuids.contains(series.labelValues().get(UUID))
                : series.metric() != Metric.NODE_ACCELERATORS_EXPECTED;
    Seen seen =
        new Seen(only(snapshot.get(), wanted), new HealthReport(0, List.of()), Set.of(), true, "");
    List<DoctorCheck> lines = new ArrayList<>(DeviceChecks.of(seen));
    lines.addAll(HostChecks.of(seen, true));
    return lines.stream().filter(line -> line.check().equals(check)).findFirst();
  }

  private static NodeSnapshot only(NodeSnapshot now, Predicate<Series> wanted) {
    List<Sample> samples = now.samples().stream().map(sample -> only(sample, wanted)).toList();
    return new NodeSnapshot(now.sequence(), now.takenAtNanos(), samples);
  }

  private static Sample only(Sample sample, Predicate<Series> wanted) {
    SeriesTable.Builder table = SeriesTable.builder();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < sample.table().size(); i++) {
      if (wanted.test(sample.table().series(i))) {
        table.add(sample.table().cadence(i), sample.table().series(i));
        places.add(i);
      }
    }
    Readings readings = new Readings(table.build());
    for (int i = 0; i < places.size(); i++) {
      switch (sample.reading(places.get(i))) {
        case Reading.Measured(double value) -> readings.measured(i, value);
        case Reading.Unavailable(var fault) -> readings.unavailable(i, fault);
        case Reading.Unsupported() -> readings.unsupported(i);
      }
    }
    return readings.sample();
  }
}
