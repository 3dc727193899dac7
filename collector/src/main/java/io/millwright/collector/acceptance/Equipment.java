package io.millwright.collector.acceptance;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node consists of, as far as its agent has told it.
 *
 * @param chassis by what it is known: {@code product} is the serial number of the node's own
 *     chassis, {@code rack} the serial number of the rack's chassis with the slot; only what is
 *     told
 * @param devices accelerators by slot: the address on the PCI bus, or the vendor and the number
 * @param drivers versions by vendor; only those that are known
 */
public record Equipment(
    SortedMap<String, String> chassis,
    SortedMap<String, Device> devices,
    SortedMap<String, String> drivers) {
  public static final Equipment NONE =
      new Equipment(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

  public Equipment {
    chassis = Collections.unmodifiableSortedMap(new TreeMap<>(chassis));
    devices = Collections.unmodifiableSortedMap(new TreeMap<>(devices));
    drivers = Collections.unmodifiableSortedMap(new TreeMap<>(drivers));
  }

  /** Whether anything of it can be accepted. */
  public boolean isEmpty() {
    return devices.isEmpty();
  }

  /**
   * With what is told now over what was known: what is not told stays as it was, for a device that
   * hangs has not left its slot. One that is told of in another slot has.
   */
  public Equipment with(Equipment told) {
    TreeMap<String, Device> slots = new TreeMap<>(devices);
    told.devices().values().forEach(device -> slots.values().removeIf(device::is));
    told.devices()
        .forEach((slot, device) -> {
          Device before = devices.get(slot);
          slots.put(slot, before == null ? device : before.with(device));
        });
    return new Equipment(both(chassis, told.chassis()), slots, both(drivers, told.drivers()));
  }

  private static SortedMap<String, String> both(
      SortedMap<String, String> known, SortedMap<String, String> told) {
    TreeMap<String, String> all = new TreeMap<>(known);
    all.putAll(told);
    return all;
  }
}
