package io.millwright.agent.inventory;

import io.millwright.protocol.bodies.InventoryBody;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.DeviceKind;

/**
 * Whether an inventory is that of the machine which a snapshot shows. Its chassis has the serial
 * number that was accepted, which root alone can read, or one of the accepted devices is there: a
 * name of a node may be given to another machine. Pure.
 */
final class Machine {
  private static final int UUID = Metric.Scope.ACCELERATOR.labels().indexOf("uuid");
  private static final int SERIAL = Metric.ACCELERATOR_INFO.labels().indexOf("serial");
  private static final int CHASSIS = Metric.NODE_INFO.labels().indexOf("serial");

  private Machine() {}

  static boolean has(NodeSnapshot snapshot, InventoryBody inventory) {
    if (inventory.devices().isEmpty()) {
      return false;
    }
    for (Sample sample : snapshot.samples()) {
      SeriesTable table = sample.table();
      for (int i = 0; i < table.size(); i++) {
        if (shows(table.series(i), inventory)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean shows(Series series, InventoryBody inventory) {
    if (series.metric() == Metric.NODE_INFO) {
      return !inventory.chassis().isEmpty()
          && series.labelValues().get(CHASSIS).equals(inventory.chassis());
    }
    if (series.metric() != Metric.ACCELERATOR_INFO) {
      return false;
    }
    String uuid = series.labelValues().get(UUID);
    String serial = series.labelValues().get(SERIAL);
    for (InventoryBody.Device device : inventory.devices()) {
      if (device.uuid().equals(uuid) && same(device, serial)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A Neuron device that does not tell its serial number has a UUID by its place, which the device
   * of another machine has as well.
   */
  private static boolean same(InventoryBody.Device device, String serial) {
    if (device.serial().isEmpty() || serial.isEmpty()) {
      return !device.vendor().equals(DeviceKind.NEURON.vendor());
    }
    return device.serial().equals(serial);
  }
}
