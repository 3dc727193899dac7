package io.millwright.simulator.neuron;

import io.millwright.protocol.clock.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A node's Neuron devices over time, without files. Time passes in steps of {@link #STEP_NANOS},
 * however seldom it is asked.
 *
 * <p><i>Threading:</i> one owner. <i>Failure:</i> a word that it does not know is an {@link
 * IllegalArgumentException} in the form of a control command's answer.
 */
final class NeuronModel {
  static final long STEP_NANOS = 100_000_000L;

  /** The first driver that shows work while it is done. */
  static final DriverVersion LIVE = DriverVersion.parse("2.30.2");

  /** A machine that slept catches up in one step. */
  private static final long LONGEST_CATCHING_UP_NANOS = 600 * 1_000_000_000L;

  private static final int HIGHEST_DYNAMIC_MAJOR = 254;
  private static final int DYNAMIC_MAJORS = 20;

  /** Components of the release notes of driver 2.30.2. */
  static final List<String> COMPONENTS =
      List.of(
          "hbm",
          "sram",
          "firmware_service_api",
          "firmware_service_processor",
          "link_intraserver",
          "link_host",
          "link_efa",
          "link_interserver",
          "link_switch",
          "axi_fabric");

  /** Statuses of which the runtime tells the kernel log, and the name that it gives them there. */
  private static final Map<String, String> TOLD =
      Map.of(
          "hw_hbm_ue_error", "HBM_UNCORRECTABLE_ERROR",
          "hw_nc_ue_error", "NC_UNCORRECTABLE_ERROR",
          "hw_dma_abort_error", "DMA_ERROR",
          "hw_collectives_error", "HANG_ON_COLLECTIVES");

  /** Other files of the node than the model has: by path in the tree. */
  final Map<String, String> overrides = new TreeMap<>();

  private final NeuronProfile profile;
  private final DriverVersion driver;
  private final Clock clock;
  private final String host;
  private final Consumer<String> kernelLog;
  private final int major;
  private final List<DeviceModel> devices = new ArrayList<>();
  private boolean loaded = true;
  private long reachedNanos;

  /**
   * @param seed of serial numbers, loads and noise
   * @param host the node's name in lines of the kernel log
   * @param kernelLog takes the text of each line
   */
  NeuronModel(
      NeuronProfile profile,
      DriverVersion driver,
      long seed,
      String host,
      Clock clock,
      Consumer<String> kernelLog) {
    this.profile = profile;
    this.driver = driver;
    this.host = host;
    this.clock = clock;
    this.kernelLog = kernelLog;
    SplittableRandom random = new SplittableRandom(seed);
    this.major = HIGHEST_DYNAMIC_MAJOR - random.nextInt(DYNAMIC_MAJORS);
    boolean live = driver.from(LIVE);
    for (int i = 0; i < profile.devices(); i++) {
      devices.add(
          new DeviceModel(i, profile.devices(), major, profile.chip(), live, random.split()));
    }
    this.reachedNanos = clock.nanos();
    for (DeviceModel device : devices) {
      device.step(STEP_NANOS); // it was up before we look
      device.power.begin(clock.wall().getEpochSecond(), device.load() * 80);
    }
  }

  // ---- time

  /** Moves on to now. */
  void advance() {
    long behind = clock.nanos() - reachedNanos;
    long step = behind > LONGEST_CATCHING_UP_NANOS ? behind : STEP_NANOS;
    for (; behind >= step; behind -= step) {
      reachedNanos += step;
      if (loaded) {
        for (DeviceModel device : devices) {
          device.step(step);
        }
      }
    }
    long now = clock.wall().getEpochSecond();
    for (DeviceModel device : devices) {
      device.power.roll(now);
    }
  }

  // ---- what there is

  NeuronProfile profile() {
    return profile;
  }

  DriverVersion driver() {
    return driver;
  }

  int major() {
    return major;
  }

  List<DeviceModel> devices() {
    return List.copyOf(devices);
  }

  /** Whether the driver is there. */
  boolean loaded() {
    return loaded;
  }

  /** The text of a quantity of {@code tree.tsv} of the node. */
  String text(String quantity) {
    return switch (quantity) {
      case "driver_version" -> driver.toString();
      case "node_id", "hbm_7200_capable", "current_perf_profile" -> "0";
      case "node_cnt" -> "4";
      case "reservation_id" -> "0000000000000001";
      case "ultraserver_mode" -> "1";
      case "node_id_2", "node_id_4" -> "-1";
      case "server_id_2", "server_id_4" -> "0000000000000000";
      default -> throw new IllegalArgumentException("no quantity of a node: " + quantity);
    };
  }

  // ---- faults

  void unload() {
    loaded = false;
    devices.forEach(DeviceModel::close);
  }

  /** Everything at 0, and every device back. */
  void load() {
    loaded = true;
    overrides.clear();
    long now = clock.wall().getEpochSecond();
    for (DeviceModel device : devices) {
      device.overrides.clear();
      device.reload(now);
    }
  }

  /**
   * Errors of memory.
   *
   * @param kind {@code uncorrected} or {@code hbm}, {@code sram}, {@code repairable}, {@code
   *     corrected}, {@code sram_corrected}
   */
  void ecc(DeviceModel device, String kind, long errors) {
    switch (kind) {
      case "uncorrected", "hbm" -> {
        device.uncorrected("mem_ecc_uncorrected", errors);
        device.setUnhealthy("hbm", true);
        status(device, 0, "hw_hbm_ue_error", 1);
      }
      case "sram" -> {
        device.uncorrected("sram_ecc_uncorrected", errors);
        device.setUnhealthy("sram", true);
        tell(device, 0, "SRAM_UNCORRECTABLE_ERROR");
      }
      case "repairable" -> {
        device.uncorrected("mem_ecc_repairable_uncorrected", errors);
        status(device, 0, "hw_repairable_hbm_ue_error", 1);
      }
      case "corrected" -> device.counters.of("mem_ecc_corrected").add(errors);
      case "sram_corrected" -> device.counters.of("sram_ecc_corrected").add(errors);
      default ->
          throw new IllegalArgumentException(
              "kind: "
                  + kind
                  + ", allowed: corrected, sram_corrected, uncorrected, hbm, sram, repairable");
    }
  }

  /** Executions that end with a status of the driver's list. */
  void status(DeviceModel device, int core, String status, long executions) {
    device.cores.get(core).end(status, executions);
    if (TOLD.containsKey(status)) {
      tell(device, core, TOLD.getOrDefault(status, status));
    }
  }

  private void tell(DeviceModel device, int core, String type) {
    kernelLog.accept(
        "neuron:simulated: NEURON_HW_ERR=%s instance-id=simulated hostname=%s nd-id=%d nc-id=%d serial-num=%s action=TERMINATE_INSTANCE"
            .formatted(type, host, device.index(), core, device.serial()));
  }
}
