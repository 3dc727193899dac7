package io.millwright.agent.health;

import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Reads the {@link Node} out of snapshots. Which series of a table it looks at is worked out once
 * for each table; a tick looks at those alone.
 */
final class NodeReader {
  private static final int DEVICE_LABELS = Metric.Scope.ACCELERATOR.labels().size();
  private static final int INDEX = 1;
  private static final int UUID = 2;

  /** In the labels of what is counted of a vendor. */
  private static final int VENDOR = 1;

  private static final Set<Metric> LOOKED_AT =
      EnumSet.of(
          Metric.ACCELERATOR_UP,
          Metric.ACCELERATOR_NATIVE_CALL_STUCK_SECONDS,
          Metric.ACCELERATOR_TEMPERATURE_CELSIUS,
          Metric.ACCELERATOR_MEMORY_USED_BYTES,
          Metric.ACCELERATOR_INFO,
          Metric.ACCELERATOR_ENERGY_JOULES_TOTAL,
          Metric.ACCELERATOR_RECOVERY_ACTION,
          Metric.ACCELERATOR_UTILIZATION_RATIO,
          Metric.ACCELERATOR_THROTTLE_ACTIVE,
          Metric.ACCELERATOR_PARTITION_MODE_ENABLED,
          Metric.NODE_ACCELERATORS_EXPECTED,
          Metric.NODE_ACCELERATORS,
          Metric.NODE_MEMORY_AVAILABLE_BYTES);

  private static final int[] NOWHERE = {};

  private IdentityHashMap<SeriesTable, int[]> places = new IdentityHashMap<>();

  /** Addresses as they are compared, by the series that say them. */
  private final Map<String, Optional<String>> addresses = new HashMap<>();

  Node read(NodeSnapshot snapshot) {
    find(snapshot);
    Draft draft = new Draft();
    for (Sample sample : snapshot.samples()) {
      for (int i : places.getOrDefault(sample.table(), NOWHERE)) {
        draft.take(sample.table().series(i), sample, i);
      }
    }
    return draft.node();
  }

  private void find(NodeSnapshot snapshot) {
    boolean same = places.size() == snapshot.samples().size();
    for (int i = 0; same && i < snapshot.samples().size(); i++) {
      same = places.containsKey(snapshot.samples().get(i).table());
    }
    if (same) {
      return;
    }
    IdentityHashMap<SeriesTable, int[]> next = new IdentityHashMap<>();
    for (Sample sample : snapshot.samples()) {
      next.put(sample.table(), places(sample.table()));
    }
    places = next;
    addresses.clear();
  }

  private static int[] places(SeriesTable table) {
    return IntStream.range(0, table.size())
        .filter(i -> LOOKED_AT.contains(table.series(i).metric()))
        .toArray();
  }

  private Optional<String> address(Series info) {
    return addresses.computeIfAbsent(
        info.labelValues().get(DEVICE_LABELS),
        said -> said.isEmpty() ? Optional.empty() : Optional.of(new Place.Pci(said).address()));
  }

  private final class Draft {
    private final Map<String, DeviceDraft> devices = new TreeMap<>();
    private final Map<String, VendorDraft> vendors = new TreeMap<>();
    private boolean hostKnown;
    private boolean hostSeen;

    @SuppressWarnings("MissingCasesInEnumSwitch")
    void take(Series series, Sample sample, int i) {
      boolean measured = sample.measured(i);
      switch (series.metric()) {
        case ACCELERATOR_UP -> device(series).up(series, measured && sample.value(i) == 1);
        case ACCELERATOR_NATIVE_CALL_STUCK_SECONDS -> {
          if (measured) {
            device(series).stuck(series.labelValues().getLast(), sample.value(i));
          }
        }
        case ACCELERATOR_TEMPERATURE_CELSIUS, ACCELERATOR_MEMORY_USED_BYTES -> { // of both vendors
          if (!measured && sample.reading(i) instanceof Reading.Unavailable(Fault fault)) {
            device(series).lost |= fault == Fault.DEVICE_LOST;
          }
        }
        case ACCELERATOR_INFO -> {
          if (!series.labelValues().get(INDEX).contains(":")) { // an instance has its device's
            device(series).pci = address(series);
          }
        }
        case ACCELERATOR_ENERGY_JOULES_TOTAL -> {
          if (measured && series.labelValues().getLast().equals("gpu")) {
            device(series).energy = sample.value(i);
          }
        }
        case ACCELERATOR_RECOVERY_ACTION -> {
          if (measured && sample.value(i) == 1) {
            device(series).action = Optional.of(series.labelValues().getLast());
          }
        }
        case ACCELERATOR_UTILIZATION_RATIO -> {
          if (measured) {
            device(series).utilization = sample.value(i);
          }
        }
        case ACCELERATOR_THROTTLE_ACTIVE ->
            device(series).limited |= measured && sample.value(i) == 1;
        case ACCELERATOR_PARTITION_MODE_ENABLED ->
            device(series).divided |=
                switch (sample.reading(i)) {
                  case Reading.Measured(double on) -> on == 1;
                  case Reading.Unavailable _ -> true; // it may be
                  case Reading.Unsupported _ -> false;
                };
        case NODE_ACCELERATORS_EXPECTED ->
            vendor(series).expected = measured ? Optional.of(sample.value(i)) : Optional.empty();
        case NODE_ACCELERATORS -> vendor(series).accelerators(sample, i);
        case NODE_MEMORY_AVAILABLE_BYTES -> {
          hostKnown = true;
          hostSeen |= measured;
        }
        default -> {}
      }
    }

    private VendorDraft vendor(Series series) {
      return vendors.computeIfAbsent(series.labelValues().get(VENDOR), vendor -> new VendorDraft());
    }

    private DeviceDraft device(Series series) {
      return devices.computeIfAbsent(series.labelValues().get(UUID), uuid -> new DeviceDraft());
    }

    Node node() {
      Map<String, DeviceView> views = new LinkedHashMap<>();
      devices.forEach((uuid, draft) -> draft.view().ifPresent(view -> views.put(uuid, view)));
      Set<String> gone = new TreeSet<>();
      Optional<Double> expected = Optional.empty();
      double counted = 0;
      Set<String> said = new TreeSet<>();
      Map<String, Integer> found = new TreeMap<>();
      for (Map.Entry<String, VendorDraft> vendor : vendors.entrySet()) {
        VendorDraft draft = vendor.getValue();
        if (draft.driverGone()) {
          gone.add(vendor.getKey());
        }
        if (draft.expected.isPresent()) {
          said.add(vendor.getKey());
          expected = Optional.of(expected.orElse(0.0) + draft.expected.get());
          counted += Math.min(draft.counted, draft.expected.get()); // none stands in for another's
        } else if (draft.driver) {
          found.put(vendor.getKey(), (int) draft.counted);
        }
      }
      return new Node(views, gone, expected, counted, said, found, hostKnown, hostSeen);
    }
  }

  /** What is counted of one vendor's devices. */
  private static final class VendorDraft {
    private boolean driver;
    private boolean driverMissing;
    private Optional<Double> expected = Optional.empty();
    private double counted;

    void accelerators(Sample sample, int i) {
      if (sample.reading(i) instanceof Reading.Measured(double value)) {
        driver = true;
        counted += value;
      }
      driverMissing |=
          sample.reading(i) instanceof Reading.Unavailable(Fault fault) && fault == Fault.NOT_FOUND;
    }

    boolean driverGone() {
      return !driver && driverMissing;
    }
  }

  private static final class DeviceDraft {
    private List<String> labels = List.of();
    private boolean up;
    private boolean lost;
    private Optional<String> stuck = Optional.empty();
    private Optional<String> pci = Optional.empty();
    private double energy = Double.NaN;
    private Optional<String> action = Optional.empty();
    private double utilization = Double.NaN;
    private boolean limited;
    private boolean divided;

    void up(Series series, boolean answers) {
      labels = series.labelValues();
      up = answers;
    }

    void stuck(String call, double seconds) {
      stuck =
          Optional.of(
              String.format(Locale.ROOT, "%s has been in flight for %.0f s", call, seconds));
    }

    /** A device is known once it was said whether it is up. */
    Optional<DeviceView> view() {
      return labels.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new DeviceView(
                  labels,
                  up,
                  lost,
                  stuck,
                  pci,
                  energy,
                  action,
                  new DeviceView.Work(utilization, limited, divided)));
    }
  }
}
