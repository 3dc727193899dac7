package io.millwright.agent.host;

import java.util.Set;
import java.util.regex.Pattern;

/** When a row of {@code required.tsv} holds. */
sealed interface Condition {

  /** This kernel module is loaded. */
  record Driver(String module) implements Condition {}

  /**
   * One of these is on the bus.
   *
   * @param ids {@code vendor:device}, four lower-case hexadecimal digits each
   */
  record Pci(Set<String> ids) implements Condition {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{4}");

    public Pci {
      ids = Set.copyOf(ids);
      for (String id : ids) {
        if (!ID.matcher(id).matches()) {
          throw new IllegalArgumentException("pci is '" + id + "'; allowed is as 10de:2901");
        }
      }
    }
  }

  /** A GPU of NVIDIA's is there for this machine to use. */
  record Gpu() implements Condition {}

  /** No hypervisor is below. */
  record BareMetal() implements Condition {}

  /**
   * This unit is wanted at start.
   *
   * @param unit empty for the row's own
   */
  record Enabled(String unit) implements Condition {}

  /** There is a file of the row's unit. */
  record Installed() implements Condition {}

  /** The row's module is to be loaded at start. */
  record Configured() implements Condition {}

  /**
   * One word of the column {@code where}.
   *
   * @throws IllegalArgumentException for a word that is none
   */
  static Condition parse(String word) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    String value = equals < 0 ? "" : word.substring(equals + 1);
    return switch (name) {
      case "driver" -> new Driver(value);
      case "pci" -> new Pci(Set.of(value.split("\\|")));
      case "gpu" -> new Gpu();
      case "bare-metal" -> new BareMetal();
      case "enabled" -> new Enabled(value);
      case "installed" -> new Installed();
      case "configured" -> new Configured();
      default ->
          throw new IllegalArgumentException(
              "where is '"
                  + word
                  + "'; allowed is driver=, pci=, gpu, bare-metal, enabled, installed, configured");
    };
  }
}
