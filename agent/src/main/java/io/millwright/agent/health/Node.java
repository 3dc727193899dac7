package io.millwright.agent.health;

import io.millwright.agent.health.Event.Place;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.InstanceId;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The node as one snapshot shows it, as far as single rules cannot say it.
 *
 * @param devices by their uuid
 * @param driversGone vendors of which there was a driver and is none now
 * @param expected devices that the site expects, of all vendors of which it has said so
 * @param counted devices that the drivers of these vendors count
 * @param hostKnown whether the host is read at all
 * @param hostSeen whether it was read now
 */
record Node(
    Map<String, DeviceView> devices,
    Set<String> driversGone,
    Optional<Double> expected,
    double counted,
    boolean hostKnown,
    boolean hostSeen) {
  private static final int DEVICE_LABELS = Metric.Scope.ACCELERATOR.labels().size();
  private static final int INDEX = 1;
  private static final int UUID = 2;

  /** In the labels of what is counted of a vendor. */
  private static final int VENDOR = 1;

  Node {
    driversGone = Set.copyOf(driversGone);
    devices = Collections.unmodifiableMap(new LinkedHashMap<>(devices));
  }

  /** Whether the driver of this device's vendor is gone. */
  boolean driverGone(DeviceView view) {
    return driversGone.contains(view.vendor());
  }

  /**
   * The uuid of the accelerator that an instance of a device is; one that has its GPU instance for
   * itself is named by that alone.
   */
  Optional<String> accelerator(String device, InstanceId instance) {
    return Optional.ofNullable(devices.get(device))
        .map(whole -> whole.index() + ":")
        .flatMap(prefix ->
            devices.values().stream()
                .filter(view ->
                    view.index().equals(prefix + instance.text())
                        || view.index().equals(prefix + instance.gpuInstanceText()))
                .map(DeviceView::uuid)
                .findFirst());
  }

  static Node of(NodeSnapshot snapshot) {
    Draft draft = new Draft();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        draft.take(sample.table().series(i), sample, i);
      }
    }
    return draft.node();
  }

  private static final class Draft {
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
          if (sample.reading(i) instanceof Reading.Unavailable(Fault fault)) {
            device(series).lost |= fault == Fault.DEVICE_LOST;
          }
        }
        case ACCELERATOR_INFO -> {
          if (!series.labelValues().get(INDEX).contains(":")) { // an instance has its device's
            device(series).pci(series.labelValues().get(DEVICE_LABELS));
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
      for (Map.Entry<String, VendorDraft> vendor : vendors.entrySet()) {
        VendorDraft draft = vendor.getValue();
        if (draft.driverGone()) {
          gone.add(vendor.getKey());
        }
        if (draft.expected.isPresent()) {
          expected = Optional.of(expected.orElse(0.0) + draft.expected.get());
          counted += Math.min(draft.counted, draft.expected.get()); // none stands in for another's
        }
      }
      return new Node(views, gone, expected, counted, hostKnown, hostSeen);
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

    void up(Series series, boolean answers) {
      labels = series.labelValues();
      up = answers;
    }

    void stuck(String call, double seconds) {
      stuck =
          Optional.of(
              String.format(Locale.ROOT, "%s has been in flight for %.0f s", call, seconds));
    }

    void pci(String address) {
      pci = address.isEmpty() ? Optional.empty() : Optional.of(new Place.Pci(address).address());
    }

    /** A device is known once it was said whether it is up. */
    Optional<DeviceView> view() {
      return labels.isEmpty()
          ? Optional.empty()
          : Optional.of(new DeviceView(labels, up, lost, stuck, pci, energy, action));
    }
  }
}
