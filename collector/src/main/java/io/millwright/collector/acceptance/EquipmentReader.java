package io.millwright.collector.acceptance;

import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds the equipment in the labels of a node's series. Which there are changes only with the table
 * of a session, so that one answer serves as long as a table does. Pure.
 */
public final class EquipmentReader {
  private static final int INDEX = 1;
  private static final int UUID = 2;
  private static final int VENDOR = 3;
  private static final int MODEL = 4;

  /** Of NVIDIA devices, the firmware that the info family itself tells. */
  private static final String VBIOS = "vbios";

  private final Map<String, Draft> devices = new LinkedHashMap<>();
  private final TreeMap<String, String> drivers = new TreeMap<>();
  private final TreeMap<String, String> chassis = new TreeMap<>();

  private EquipmentReader() {}

  /** A device while its series are read. */
  private static final class Draft {
    private final TreeMap<String, String> firmware = new TreeMap<>();
    private Optional<Series> info = Optional.empty();
  }

  /** What the series of this table say; a device without its info series is left out. */
  public static Equipment of(SeriesTable table) {
    EquipmentReader reader = new EquipmentReader();
    for (int i = 0; i < table.size(); i++) {
      reader.take(table.series(i));
    }
    return reader.equipment();
  }

  @SuppressWarnings("MissingCasesInEnumSwitch")
  private void take(Series series) {
    switch (series.metric()) {
      case NODE_INFO -> put(chassis, "product", label(series, "serial"));
      case ACCELERATOR_INFO -> draft(series).info = Optional.of(series);
      case ACCELERATOR_FIRMWARE_INFO ->
          put(draft(series).firmware, label(series, "component"), label(series, "version"));
      case ACCELERATOR_SLOT_INFO -> takePlace(series);
      default -> {}
    }
  }

  /** A chassis of a rack holds many nodes, so that its serial is told with the slot. */
  private void takePlace(Series series) {
    String rack = label(series, "chassis_serial");
    if (!rack.isEmpty()) {
      chassis.put("rack", rack + " slot " + label(series, "slot"));
    }
  }

  private Draft draft(Series series) {
    return devices.computeIfAbsent(series.labelValues().get(UUID), uuid -> new Draft());
  }

  private static void put(Map<String, String> known, String name, String told) {
    if (!told.isEmpty()) {
      known.put(name, told);
    }
  }

  /** Own labels come behind those of the scope. */
  private static String label(Series series, String name) {
    return series.labelValues().get(series.metric().labels().indexOf(name));
  }

  private Equipment equipment() {
    TreeMap<String, Device> slots = new TreeMap<>();
    devices.values().forEach(draft -> draft.info.ifPresent(info -> place(info, draft, slots)));
    return new Equipment(chassis, slots, drivers);
  }

  private void place(Series info, Draft draft, Map<String, Device> slots) {
    String index = info.labelValues().get(INDEX);
    if (index.contains(":")) { // an instance is a part of a device
      return;
    }
    String vendor = info.labelValues().get(VENDOR);
    put(drivers, vendor, label(info, "driver_version"));
    put(draft.firmware, VBIOS, label(info, "firmware_version"));
    String bus = label(info, "pci_bus_id");
    slots.put(
        bus.isEmpty() ? vendor + " " + index : bus,
        new Device(
            vendor,
            index,
            info.labelValues().get(MODEL),
            label(info, "serial"),
            info.labelValues().get(UUID),
            draft.firmware));
  }
}
