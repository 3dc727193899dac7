package io.millwright.simulator.neuron;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a simulated node has. Counts of devices and cores, names and sizes of memory are AWS's
 * published ones; which driver a node runs is our choice; nothing was read from such a node.
 *
 * <p>Operations a second are the published dense BF16 figure of the chip over its cores.
 */
public enum NeuronProfile {
  TRN1("trn1", "trn1.32xlarge", Chip.TRAINIUM1, 16, "2.30.2.0"),
  /** The driver of the only published readings of a real Trainium; counters move at the end. */
  OLD_TRN1("old-trn1", "trn1.32xlarge", Chip.TRAINIUM1, 16, "2.26.5.0"),
  TRN2("trn2", "trn2.48xlarge", Chip.TRAINIUM2, 16, "2.30.2.0"),
  /** Gen2 of the Trn3 UltraServer: servers of four chips. */
  TRN3("trn3", "trn3e.24xlarge", Chip.TRAINIUM3, 4, "2.30.2.0"),
  /** Gen1: servers of sixteen. */
  TRN3_GEN1("trn3-gen1", "trn3.48xlarge", Chip.TRAINIUM3, 16, "2.30.2.0");

  private final String word;
  private final String instanceType;
  private final Chip chip;
  private final int devices;
  private final DriverVersion driver;

  NeuronProfile(String word, String instanceType, Chip chip, int devices, String driver) {
    this.word = word;
    this.instanceType = instanceType;
    this.chip = chip;
    this.devices = devices;
    this.driver = DriverVersion.parse(driver);
  }

  /**
   * A product, with the names that the driver and {@code neuron-monitor} have for it. Those of
   * Trainium3 in {@code neuron-monitor} are inferred from Trainium2's.
   */
  enum Chip {
    TRAINIUM1("Trn1", "Trainium1", 2, 2, 32, 95, 1, 1, "trainium", "v2", "v2"),
    TRAINIUM2("Trn2", "Trainium2", 3, 8, 96, 83, 2, 2, "trainium2", "v4", "v3d"),
    TRAINIUM3("Trn3", "Trainium3", 4, 8, 144, 84, 2, 2, "trainium3", "v5", "v4d");

    private static final long GIB = 1L << 30;
    private static final double TERA = 1e12;

    final String family;
    final String deviceName;
    final int generation;
    final int cores;
    final long memoryBytes;
    final double coreFlops;
    final int dies;

    /** How many physical cores make one that programs see. */
    final int coresPerLogical;

    final String monitorType;
    final String monitorDeviceVersion;
    final String monitorCoreVersion;

    Chip(
        String family,
        String deviceName,
        int generation,
        int cores,
        int memoryGib,
        int coreTeraflops,
        int dies,
        int coresPerLogical,
        String monitorType,
        String monitorDeviceVersion,
        String monitorCoreVersion) {
      this.family = family;
      this.deviceName = deviceName;
      this.generation = generation;
      this.cores = cores;
      this.memoryBytes = memoryGib * GIB;
      this.coreFlops = coreTeraflops * TERA;
      this.dies = dies;
      this.coresPerLogical = coresPerLogical;
      this.monitorType = monitorType;
      this.monitorDeviceVersion = monitorDeviceVersion;
      this.monitorCoreVersion = monitorCoreVersion;
    }

    /** The word of {@code tree.tsv}. */
    String familyWord() {
      return family.toLowerCase(Locale.ROOT);
    }
  }

  /** The profile of this word; empty where there is none. */
  public static Optional<NeuronProfile> of(String word) {
    return Arrays.stream(values()).filter(profile -> profile.word.equals(word)).findFirst();
  }

  /** All words, for a message. */
  public static String words() {
    return Arrays.stream(values()).map(NeuronProfile::toString).collect(Collectors.joining(", "));
  }

  String instanceType() {
    return instanceType;
  }

  Chip chip() {
    return chip;
  }

  int devices() {
    return devices;
  }

  int cores() {
    return chip.cores;
  }

  DriverVersion driver() {
    return driver;
  }

  @Override
  public String toString() {
    return word;
  }
}
