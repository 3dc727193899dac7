package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** NVIDIA's devices in a snapshot and where their series lie. Of two alike the first counts. */
final class Inventory {
  private static final Map<String, Metric> FAMILIES = families();
  private static final int OWN = Metric.Scope.ACCELERATOR.labels().size();

  private final Map<String, Device> devices = new LinkedHashMap<>();
  private final Map<String, Map<Metric, Map<Series, Place>>> places = new HashMap<>();

  Inventory(List<Sample> snapshot) {
    for (int sample = 0; sample < snapshot.size(); sample++) {
      SeriesTable table = snapshot.get(sample).table();
      for (int index = 0; index < table.size(); index++) {
        if (Device.isNvidias(table.series(index))) {
          take(table.series(index), new Place(sample, index));
        }
      }
    }
  }

  private static Map<String, Metric> families() {
    Map<String, Metric> families = new HashMap<>();
    for (Metric metric : Metric.values()) {
      families.put(metric.familyName(), metric);
    }
    return Map.copyOf(families);
  }

  private void take(Series series, Place place) {
    String uuid = Device.uuid(series);
    Device device = devices.computeIfAbsent(uuid, unseen -> Device.of(series));
    if (series.metric() == Metric.ACCELERATOR_INFO && device.info().isEmpty()) {
      devices.put(uuid, device.with(series));
    }
    places
        .computeIfAbsent(uuid, unseen -> new EnumMap<>(Metric.class))
        .computeIfAbsent(series.metric(), unseen -> new LinkedHashMap<>())
        .putIfAbsent(series, place);
  }

  /** In the order of the snapshot. */
  List<Device> devices() {
    return List.copyOf(devices.values());
  }

  /**
   * Those that have lines of their own: of several compute instances of one GPU instance the first,
   * because the exporter's labels name the GPU instance alone.
   */
  List<Device> shown() {
    Set<String> named = new HashSet<>();
    return devices.values().stream()
        .filter(device -> !device.isInstance() || named.add(device.gpuInstance()))
        .toList();
  }

  boolean simulated() {
    return devices.values().stream().anyMatch(Device::simulated);
  }

  /** The GPU that an instance belongs to; any other is its own. */
  Device gpu(Device device) {
    return device.isInstance()
        ? devices.values().stream()
            .filter(other -> other.index().equals(device.gpu()))
            .findFirst()
            .orElse(device)
        : device;
  }

  /** The series of a family that a device has, with their places. */
  Map<Series, Place> of(Device device, Metric metric) {
    return places.getOrDefault(device.uuid(), Map.of()).getOrDefault(metric, Map.of());
  }

  /** The series of a device; empty where the snapshot, or this version, does not have it. */
  Optional<Place> place(Device device, Term term) {
    Metric metric = FAMILIES.get(term.family());
    return metric == null
        ? Optional.empty()
        : of(device, metric).entrySet().stream()
            .filter(entry -> has(term, entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst();
  }

  private static boolean has(Term term, Series series) {
    List<String> names = series.metric().labels();
    for (int i = OWN; i < names.size(); i++) {
      if (!series.labelValues().get(i).equals(term.labels().get(names.get(i)))) {
        return false;
      }
    }
    return true;
  }

  /** The terms that the device has; empty where one is missing that it must have. */
  Optional<PlacedSum> sum(Device device, List<Term> terms) {
    List<Term> kept = new ArrayList<>();
    List<Place> found = new ArrayList<>();
    for (Term term : terms) {
      Optional<Place> place = place(device, term);
      if (place.isPresent()) {
        kept.add(term);
        found.add(place.get());
      } else if (!term.optional()) {
        return Optional.empty();
      }
    }
    return kept.isEmpty() ? Optional.empty() : Optional.of(new PlacedSum(kept, found));
  }
}
