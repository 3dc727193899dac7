package io.millwright.agent.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.agent.tool.Ended;
import io.millwright.agent.tool.Ending;
import io.millwright.agent.tool.Tool;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds the list of {@code neuron-ls -j} against the agent's own list of Neuron devices. Its JSON
 * is read tolerantly: an array of objects, or an object that has one under {@code neuron_devices};
 * of each the address in {@code bdf}, and the rest is of no interest.
 */
final class NeuronList {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final String CHECK = "neuron-ls";

  private NeuronList() {}

  static DoctorCheck of(String program, Seen seen, Tool tool) {
    Set<String> own = own(seen);
    if (program.isEmpty()) {
      return DoctorCheck.skipped(
          CHECK,
          "evidence.neuron_ls is empty",
          own.isEmpty() ? "" : "set it to where neuron-ls is: /opt/aws/neuron/bin/neuron-ls");
    }
    Ended ended = tool.run(List.of(program, "-j"), Path.of("/"), DEADLINE);
    return switch (ended.ending()) {
      case Ending.NotBegun(String why) ->
          DoctorCheck.skipped(CHECK, why, "install the Neuron tools, or empty evidence.neuron_ls");
      case Ending.Overran(String left) ->
          DoctorCheck.warn(
              CHECK,
              "it did not end within %d s%s"
                  .formatted(DEADLINE.toSeconds(), left.isEmpty() ? "" : ", and " + left),
              "see 'journalctl -k' for what its driver waits for");
      case Ending.Exited(int code) -> compared(code, ended.output(), own);
    };
  }

  private static DoctorCheck compared(int code, byte[] output, Set<String> own) {
    try {
      Set<String> told = told(Json.read("neuron-ls", output));
      if (told.equals(own)) {
        return DoctorCheck.ok(CHECK, "it lists the same %d devices".formatted(own.size()));
      }
      return DoctorCheck.fail(
          CHECK,
          "it lists %d devices and the agent sees %d; only one of them has %s"
              .formatted(told.size(), own.size(), DeviceChecks.named(difference(told, own))),
          "see 'journalctl -k'; load the driver anew when no job runs");
    } catch (JsonMistake e) {
      return DoctorCheck.warn(
          CHECK,
          "exit code %d, and its list cannot be read: %s".formatted(code, e.getMessage()),
          "run it by hand and see what it says");
    }
  }

  private static List<String> difference(Set<String> told, Set<String> own) {
    List<String> one = new ArrayList<>(told);
    one.removeAll(own);
    own.stream().filter(address -> !told.contains(address)).forEach(one::add);
    return one;
  }

  private static Set<String> told(JsonNode list) {
    JsonNode devices = list.isArray() ? list : list.path("neuron_devices");
    if (!devices.isArray()) {
      throw new JsonMistake("it is no list of devices");
    }
    Set<String> addresses = new TreeSet<>();
    for (JsonNode device : devices) {
      addresses.add(address(device.path("bdf").asText()));
    }
    return addresses;
  }

  private static Set<String> own(Seen seen) {
    Set<String> addresses = new TreeSet<>();
    for (Seen.Value info : seen.values(Metric.ACCELERATOR_INFO)) {
      if (info.label("vendor").equals("aws")) {
        addresses.add(address(info.label("pci_bus_id")));
      }
    }
    return addresses;
  }

  /** Without the domain, which not everybody writes: {@code 0000:a0:1c.0} is {@code a0:1c.0}. */
  private static String address(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.matches("[0-9a-f]{4,8}:[0-9a-f]{2}:.*")
        ? lower.substring(lower.indexOf(':') + 1)
        : lower;
  }
}
