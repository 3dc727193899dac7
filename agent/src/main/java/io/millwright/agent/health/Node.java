package io.millwright.agent.health;

import io.millwright.protocol.vocabulary.InstanceId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The node as one snapshot shows it, as far as single rules cannot say it.
 *
 * @param devices by their uuid
 * @param driversGone vendors of which there was a driver and is none now
 * @param expected devices that the site expects, of all vendors of which it has said so
 * @param counted devices that the drivers of these vendors count
 * @param said vendors of which it is said how many devices there must be
 * @param found devices that the drivers of the other vendors count
 * @param hostKnown whether the host is read at all
 * @param hostSeen whether it was read now
 */
record Node(
    Map<String, DeviceView> devices,
    Set<String> driversGone,
    Optional<Double> expected,
    double counted,
    Set<String> said,
    Map<String, Integer> found,
    boolean hostKnown,
    boolean hostSeen) {
  private static final DeviceView.Work UNSEEN = new DeviceView.Work(Double.NaN, false, false);

  Node {
    driversGone = Set.copyOf(driversGone);
    said = Set.copyOf(said);
    found = Map.copyOf(found);
    devices = Collections.unmodifiableMap(new LinkedHashMap<>(devices));
  }

  /** Whether the driver is gone of devices that were seen: what it would count is not known. */
  boolean uncounted() {
    if (!driversGone.isEmpty()) {
      for (DeviceView view : devices.values()) {
        if (driverGone(view)) {
          return true;
        }
      }
    }
    return false;
  }

  /** What the device of this uuid does; nothing that is known, where it was not seen. */
  DeviceView.Work work(String uuid) {
    DeviceView view = devices.get(uuid);
    return view == null ? UNSEEN : view.load();
  }

  /** Whether there should be devices, and none of them was seen yet. */
  boolean unidentified() {
    return devices.isEmpty() && expected.orElse(0.0) > 0;
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
}
