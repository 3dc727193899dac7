package io.millwright.protocol.views;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether the equipment of a node was accepted; {@code GET /v1/acceptance}.
 *
 * @param state {@code new}, {@code unaccepted}, {@code testing}, {@code accepted} or {@code failed}
 * @param withheld whether the node takes no new job for it
 * @param why in words; empty where it is accepted
 * @param changes since the last pass
 * @param changedMs when its equipment was last seen to be another
 * @param pass the last one
 * @param chassis serial numbers, by what they are of
 * @param drivers versions, by vendor
 */
public record AcceptanceView(
    int schemaVersion,
    String node,
    String state,
    boolean withheld,
    String why,
    List<String> changes,
    long changedMs,
    Optional<Pass> pass,
    Map<String, String> chassis,
    Map<String, String> drivers,
    List<Device> devices) {

  /**
   * @param by a person, or {@code policy} where the site's test has passed
   * @param evidence the order of the test and its record, or the person's reason
   */
  public record Pass(long atMs, String by, String evidence) {}

  /**
   * An accelerator that was told of last.
   *
   * @param firmware versions, by component
   */
  public record Device(
      String slot,
      String index,
      String vendor,
      String model,
      String serial,
      String uuid,
      Map<String, String> firmware) {
    public Device {
      firmware = Collections.unmodifiableMap(new TreeMap<>(firmware));
    }
  }

  public AcceptanceView {
    changes = List.copyOf(changes);
    chassis = Collections.unmodifiableMap(new TreeMap<>(chassis));
    drivers = Collections.unmodifiableMap(new TreeMap<>(drivers));
    devices = List.copyOf(devices);
  }
}
