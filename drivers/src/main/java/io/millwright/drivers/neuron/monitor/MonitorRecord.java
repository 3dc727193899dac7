package io.millwright.drivers.neuron.monitor;

import java.util.List;

/**
 * One record of neuron-monitor.
 *
 * @param runtimes the processes that have a Neuron runtime; those of one tag stand there each
 * @param cores all cores that any runtime lists, by rising index
 * @param devices the ECC counters, where the record has them
 * @param instance what it says of the machine
 * @param hardware what it says of the devices
 * @param troubles the errors of its groups and what was left out, none twice; that no metadata
 *     service answers is none
 */
public record MonitorRecord(
    List<RuntimeReport> runtimes,
    List<CoreUse> cores,
    List<DeviceEcc> devices,
    Instance instance,
    Hardware hardware,
    List<Trouble> troubles) {
  public MonitorRecord {
    runtimes = List.copyOf(runtimes);
    cores = List.copyOf(cores);
    devices = List.copyOf(devices);
    troubles = List.copyOf(troubles);
  }

  /**
   * What is wrong with a part of the record.
   *
   * @param group neuron-monitor's name of the part
   * @param error its words, or ours
   */
  public record Trouble(String group, String error) {}

  /** The machine, as its vendor's metadata has it; empty words where it does not say. */
  public record Instance(
      String name, String id, String type, String zone, String region, String subnet) {}

  /**
   * The devices; empty words where it does not say.
   *
   * @param devices how many there are
   * @param memoryBytes of one device
   * @param coresPerDevice logical ones
   */
  public record Hardware(String devices, String memoryBytes, String coresPerDevice) {}
}
