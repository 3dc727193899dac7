package io.millwright.agent;

import io.millwright.agent.jobs.DeviceGate;
import io.millwright.agent.jobs.EnergyMeter;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading.Unavailable;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.DeviceSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The accelerators as the newest snapshot shows them, for those who give them to jobs.
 *
 * <p><i>Threading:</i> any thread.
 */
final class SeenDevices implements DeviceGate, EnergyMeter {
  /** A line of the kernel's log, or an event of the driver, is judged within a second. */
  private static final Duration FAULT_WAIT = Duration.ofSeconds(2);

  private static final int INDEX = 1;
  private static final int UUID = 2;

  /** Between the index of a device and the number of an instance of it. */
  private static final String WITHIN = ":";

  /** Of a counter that covers several devices a job cannot be told its share. */
  private static final List<String> SCOPES = List.of("gpu");

  private final Supplier<NodeSnapshot> snapshot;
  private final Runnable refresh;
  private final Supplier<HealthReport> health;

  /**
   * @param refresh asks for the next snapshot before its time
   * @param health the newest verdicts
   */
  SeenDevices(Supplier<NodeSnapshot> snapshot, Runnable refresh, Supplier<HealthReport> health) {
    this.snapshot = snapshot;
    this.refresh = refresh;
    this.health = health;
  }

  @Override
  public void refresh() {
    refresh.run();
  }

  /** How many accelerators have been seen, in whatever state; instances are not counted again. */
  int count() {
    return (int) seen().values().stream().filter(index -> !index.contains(WITHIN)).count();
  }

  @Override
  public Optional<String> refusal(DeviceSet devices) {
    Map<String, Double> up = values(Metric.ACCELERATOR_UP);
    return concerned(devices).stream()
        .filter(uuid -> up.getOrDefault(uuid, -1.0) != 1)
        .findFirst()
        .map(uuid ->
            "devices: '%s' %s on this node"
                .formatted(uuid, up.containsKey(uuid) ? "does not answer" : "is not known"))
        .or(() -> divided(devices))
        .or(() -> verdict(devices));
  }

  /** None can have the whole of a device that is divided. */
  private Optional<String> divided(DeviceSet devices) {
    Map<String, String> seen = seen();
    Map<String, Double> modes = values(Metric.ACCELERATOR_PARTITION_MODE_ENABLED);
    Set<String> untold = untold(Metric.ACCELERATOR_PARTITION_MODE_ENABLED);
    for (String uuid : devices.uuids()) {
      String index = seen.getOrDefault(uuid, "");
      if (index.contains(WITHIN)) {
        continue;
      }
      if (modes.getOrDefault(uuid, 0.0) == 1
          || seen.values().stream().anyMatch(other -> other.startsWith(index + WITHIN))) {
        return Optional.of(
            "devices: '%s' is divided (MIG) on this node: jobs get its instances, or whole devices"
                .formatted(uuid));
      }
      if (untold.contains(uuid)) {
        return Optional.of(
            "devices: '%s' does not say whether it is divided (MIG) on this node: only whole devices are given to jobs"
                .formatted(uuid));
      }
    }
    return Optional.empty();
  }

  /** Where the MIG instances among these devices are; those that are known. */
  List<Verb.Instance> instances(DeviceSet devices) {
    Map<String, String> seen = seen();
    List<Verb.Instance> instances = new ArrayList<>();
    for (String uuid : devices.uuids()) {
      String index = seen.getOrDefault(uuid, "");
      Optional<InstanceId> place =
          InstanceId.of(index.substring(index.indexOf(WITHIN) + WITHIN.length()));
      if (place.isPresent()) {
        gpu(index, seen)
            .map(gpu -> new Verb.Instance(uuid, gpu, place.get().text()))
            .ifPresent(instances::add);
      }
    }
    return instances;
  }

  /** The UUID of the GPU that one with this index is an instance of; empty of a whole one. */
  private static Optional<String> gpu(String index, Map<String, String> seen) {
    int at = index.indexOf(WITHIN);
    return at < 0
        ? Optional.empty()
        : seen.entrySet().stream()
            .filter(other -> other.getValue().equals(index.substring(0, at)))
            .map(Map.Entry::getKey)
            .findFirst();
  }

  /** These, and the GPUs of those that are instances: what happens to a GPU is told of that. */
  private Set<String> concerned(DeviceSet devices) {
    Map<String, String> seen = seen();
    Set<String> concerned = new LinkedHashSet<>(devices.uuids());
    devices
        .uuids()
        .forEach(uuid -> gpu(seen.getOrDefault(uuid, ""), seen).ifPresent(concerned::add));
    return concerned;
  }

  /** The index of each accelerator, by its uuid. */
  private Map<String, String> seen() {
    Map<String, String> seen = new HashMap<>();
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_UP) {
          seen.put(series.labelValues().get(UUID), series.labelValues().get(INDEX));
        }
      }
    }
    return seen;
  }

  /** A degraded device may be given; one that is failed, or of which it is not known, may not. */
  private Optional<String> verdict(DeviceSet devices) {
    Set<String> concerned = concerned(devices);
    for (Judgement judgement : health.get().judgements()) {
      if (judgement.subject() instanceof Subject.Device(String index, String uuid)
          && concerned.contains(uuid)
          && !placeable(judgement.verdict())) {
        return Optional.of(
            "devices: '%s' is %s on this node%s"
                .formatted(uuid, judgement.verdict().word(), reason(judgement)));
      }
    }
    return Optional.empty();
  }

  /** Advice to begin the job again says that the job itself did it. */
  @Override
  public Optional<String> fault(DeviceSet devices) {
    Set<String> concerned = concerned(devices);
    return health.get().judgements().stream()
        .filter(judgement ->
            judgement.verdict() == Verdict.FAILED
                && judgement.subject() instanceof Subject.Device(String index, String uuid)
                && concerned.contains(uuid))
        .flatMap(judgement -> judgement.evidence().stream())
        .filter(one ->
            !one.observeOnly()
                && one.verdict() == Verdict.FAILED
                && one.advice() != Advice.RESTART_JOB)
        .min(Comparator.comparingLong(Evidence::sinceMs))
        .map(one -> "%s: %s".formatted(one.rule(), one.observed()));
  }

  @Override
  public Duration faultWait() {
    return FAULT_WAIT;
  }

  private static boolean placeable(Verdict verdict) {
    return switch (verdict) {
      case OK, DEGRADED -> true;
      case UNKNOWN, FAILED -> false;
    };
  }

  private static String reason(Judgement judgement) {
    return judgement.evidence().stream()
        .filter(one -> !one.observeOnly() && one.verdict() == judgement.verdict())
        .findFirst()
        .map(one -> ": %s (%s)".formatted(one.observed(), one.rule()))
        .orElse("");
  }

  @Override
  public Optional<Reading> read(String uuid, long sinceNanos) {
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_ENERGY_JOULES_TOTAL
            && series.labelValues().get(UUID).equals(uuid)
            && SCOPES.contains(series.labelValues().getLast())
            && sample.measured(i)
            && sample.readAtNanos(i) - sinceNanos >= 0) {
          return Optional.of(new Reading(sample.value(i), series.labelValues().getLast()));
        }
      }
    }
    return Optional.empty();
  }

  /** Devices that have the reading and did not say it; what a device does not have is not meant. */
  private Set<String> untold(Metric metric) {
    Set<String> untold = new HashSet<>();
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == metric && sample.reading(i) instanceof Unavailable) {
          untold.add(series.labelValues().get(UUID));
        }
      }
    }
    return untold;
  }

  private Map<String, Double> values(Metric metric) {
    Map<String, Double> values = new HashMap<>();
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == metric) {
          values.put(
              series.labelValues().get(UUID), sample.measured(i) ? sample.value(i) : Double.NaN);
        }
      }
    }
    return values;
  }
}
