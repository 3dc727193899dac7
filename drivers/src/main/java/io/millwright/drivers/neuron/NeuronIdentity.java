package io.millwright.drivers.neuron;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who a device is: what it says once, when it is opened.
 *
 * @param serial sixteen hexadecimal digits; empty where it cannot be read
 * @param architecture of the device, as in {@code NDv4}; empty where it does not say
 * @param family of the instance, as in {@code Trn3}; empty where it does not say
 * @param numaNode empty where the tree does not say
 */
public record NeuronIdentity(
    Accelerator accelerator,
    int number,
    String serial,
    String architecture,
    String family,
    String numaNode) {
  private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{16}");

  /** What a register reads as when it does not answer. */
  private static final String DEAD = "deadbeef";

  private static final String NOTHING = "0000000000000000";

  /** The model of a device that does not say what it is. */
  private static final String UNNAMED = "Neuron";

  private static final Pattern NUMA_NODE = Pattern.compile("[0-9]{1,4}");

  static NeuronIdentity read(
      Path directory, int number, String node, boolean simulated, CallWatch watch) {
    NeuronFacts facts = new NeuronFacts(directory, watch);
    String serial = facts.text("info/serial_number").flatMap(NeuronIdentity::serial).orElse("");
    String uuid = serial.isEmpty() ? "neuron-" + node + "-" + number : "neuron-" + serial;
    String model = facts.text("info/architecture/device_name").orElse(UNNAMED);
    return new NeuronIdentity(
        new Accelerator(
            node, Integer.toString(number), uuid, DeviceKind.NEURON.vendor(), model, simulated),
        number,
        serial,
        facts.text("info/architecture/arch_type").orElse(""),
        facts.text("info/architecture/instance_type").orElse(""),
        facts
            .text("numa_node")
            .or(() -> facts.text("device/numa_node"))
            .filter(text -> NUMA_NODE.matcher(text).matches())
            .orElse(""));
  }

  /** Whether all of it could be read: of a tree that is being built it cannot yet. */
  public boolean whole() {
    return !serial.isEmpty()
        && !architecture.isEmpty()
        && !family.isEmpty()
        && !accelerator.model().equals(UNNAMED);
  }

  /**
   * Whether what is there now may be the same device: a serial number that cannot be read, then or
   * now, is not another one.
   */
  public boolean mayBe(NeuronIdentity now) {
    return serial.isEmpty() || now.serial.isEmpty() || serial.equals(now.serial);
  }

  /** Neither zeros nor, in either half, a register that does not answer. */
  private static Optional<String> serial(String text) {
    boolean good =
        SERIAL.matcher(text).matches()
            && !text.equals(NOTHING)
            && !text.startsWith(DEAD)
            && !text.endsWith(DEAD);
    return good ? Optional.of(text) : Optional.empty();
  }

  /** The own labels of {@code millwright_accelerator_info}, in order. */
  String[] infoLabels(String driverVersion) {
    return new String[] {
      "", serial, "", driverVersion, "", architecture, numaNode, Integer.toString(number)
    };
  }
}
