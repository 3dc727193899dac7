package io.millwright.simulator.neuron;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.simulator.neuron.NeuronProfile.Chip;
import java.util.List;

/** What {@code neuron-ls -j} tells: addresses and places on the host are made up. */
final class Inventory {
  private static final int FIRST_BUS = 0x10;
  private static final int PER_NUMA_NODE = 8;

  private Inventory() {}

  /** One line, or none where there is no device. */
  static List<String> lines(NeuronModel model) {
    ArrayNode devices = JsonNodeFactory.instance.arrayNode();
    if (model.loaded()) {
      model.devices().stream()
          .filter(device -> !device.gone())
          .forEach(device -> devices.add(device(device, model.profile().chip())));
    }
    return devices.isEmpty() ? List.of() : List.of(devices.toString());
  }

  private static ObjectNode device(DeviceModel device, Chip chip) {
    int numa = device.index() / PER_NUMA_NODE;
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("neuron_device", device.index());
    row.put("bdf", "0000:%02x:00.0".formatted(FIRST_BUS + device.index()));
    row.put("cpu_affinity", numa == 0 ? "0-47" : "48-95");
    row.put("numa_node", Integer.toString(numa));
    List<Integer> neighbours = device.neighbourNumbers();
    if (neighbours.isEmpty()) {
      row.putNull("connected_to");
    } else {
      ArrayNode connected = row.putArray("connected_to");
      neighbours.forEach(connected::add);
    }
    row.put("nc_count", chip.cores);
    if (chip.coresPerLogical > 1) {
      row.put("logical_neuroncore_config", chip.coresPerLogical);
    }
    row.put("memory_size", chip.memoryBytes);
    ArrayNode ids = row.putArray("neuroncore_ids");
    int logical = chip.cores / chip.coresPerLogical;
    for (int i = 0; i < logical; i++) {
      ids.add(device.index() * logical + i);
    }
    ArrayNode processes = row.putArray("neuron_processes");
    device
        .owner()
        .ifPresent(owner ->
            processes
                .addObject()
                .put("pid", owner.pid())
                .put("command", "simulated")
                .put("neuron_runtime_version", "2.34.10"));
    return row;
  }
}
