package io.millwright.collector.acceptance;

import io.millwright.protocol.bodies.InventoryBody;
import java.util.List;

/**
 * The last time that a node's equipment was accepted.
 *
 * @param equipment that was accepted
 * @param by a person, or {@code policy} where the site's test has passed
 * @param evidence the test's record in words, or the person's reason
 */
public record Pass(Equipment equipment, long atMs, String by, String evidence) {
  private static final String PRODUCT = "product";

  /**
   * What the node's agent is told of it. Of more accelerators than can be told nothing is accepted,
   * as far as the agent knows: a lower number would hide that some are missing.
   */
  public InventoryBody inventory() {
    List<InventoryBody.Device> devices =
        equipment.devices().values().stream()
            .filter(device -> InventoryBody.fits(device.uuid()))
            .map(device ->
                new InventoryBody.Device(device.vendor(), device.uuid(), told(device.serial())))
            .toList();
    boolean all = devices.size() == equipment.devices().size();
    if (atMs <= 0 || !all || devices.isEmpty() || devices.size() > InventoryBody.MOST_DEVICES) {
      return InventoryBody.NONE;
    }
    return new InventoryBody(atMs, told(equipment.chassis().getOrDefault(PRODUCT, "")), devices);
  }

  /** What is no serial number by its look is as one that was not told. */
  private static String told(String serial) {
    return InventoryBody.fits(serial) ? serial : "";
  }
}
