package io.millwright.collector.acceptance;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One accelerator as a piece of equipment.
 *
 * @param index number on the node, which may change at a reboot
 * @param model the vendor's name of the product
 * @param serial empty where the device does not say
 * @param firmware versions by component, as in {@code vbios}; only those that are known
 */
public record Device(
    String vendor,
    String index,
    String model,
    String serial,
    String uuid,
    SortedMap<String, String> firmware) {
  public Device {
    firmware = Collections.unmodifiableSortedMap(new TreeMap<>(firmware));
  }

  /**
   * Whether it is this one. Two devices of a board may have one serial number, so that it takes the
   * UUID too; what does not tell its serial number is told by its UUID alone.
   */
  boolean is(Device other) {
    boolean sameSerial =
        serial.isEmpty() || other.serial().isEmpty() || serial.equals(other.serial());
    return uuid.equals(other.uuid()) && sameSerial;
  }

  /** By what people know it. */
  public String name() {
    return serial.isEmpty() ? uuid : "serial " + serial;
  }

  /** What was known and what is told now of the same device. */
  Device with(Device told) {
    if (!is(told)) {
      return told;
    }
    TreeMap<String, String> both = new TreeMap<>(firmware);
    both.putAll(told.firmware());
    String known = told.serial().isEmpty() ? serial : told.serial();
    return new Device(told.vendor(), told.index(), told.model(), known, told.uuid(), both);
  }
}
