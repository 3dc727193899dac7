package io.millwright.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A Neuron driver's sysfs tree, written by hand. Synthetic: a few files of each device, in the
 * forms of neuron.md section 1.1, with invented values.
 */
final class SyntheticTree {
  private final Path root;

  /**
   * @param root where {@code sys} is
   */
  SyntheticTree(Path root) {
    this.root = root;
  }

  Path device(int number) {
    return root.resolve("sys/devices/virtual/neuron_device/neuron" + number);
  }

  void add(int number, String serial) throws IOException {
    write("sys/module/neuron/version", "2.30.2.0\n");
    file(number, "info/serial_number", serial + "\n");
    file(number, "info/architecture/arch_type", "NDv4\n");
    file(number, "info/architecture/instance_type", "Trn3\n");
    file(number, "info/architecture/device_name", "Trainium3\n");
    file(number, "stats/hardware/mem_ecc_uncorrected", "0\n");
    file(number, "stats/hardware/health_status/hw_error_event", "0\n");
    file(number, "stats/power/utilization", "POWER_STATUS_VALID,1789180860,1.50,3.50,2.00\n");
    for (int core = 0; core < 2; core++) {
      String name = "neuron_core" + core + "/stats/";
      file(number, name + "memory_usage/device_mem/total", "1000\n");
      file(number, name + "memory_usage/device_mem/tensors/total", "1000\n");
      file(number, name + "status/success/total", "5\n");
    }
  }

  void file(int number, String name, String content) throws IOException {
    write(root.relativize(device(number)) + "/" + name, content);
  }

  void write(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, content);
  }

  void remove(Path from) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
