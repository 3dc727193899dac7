package io.millwright.simulator.neuron;

import io.millwright.simulator.neuron.NeuronProfile.Chip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One Neuron device: its cores, its owner, its errors.
 *
 * <p>A device that is loaded has an owner. A reset ends the owner and keeps the counters, of which
 * the driver says that only a reload or a write clears them.
 */
final class DeviceModel {
  private static final long RESET_NANOS = 2_000_000_000L;
  private static final int RESETTING = 0;
  private static final int READY = 1;
  private static final int INVALID = 2;
  private static final double INVENTED_SHARE = 0.6;
  private static final double FULL_POWER_PERCENT = 82;
  private static final double NOISE_PERCENT = 1.5;
  private static final double MEAN_LOAD = 0.45;
  private static final double SWELL = 0.35;
  private static final double SWELL_SECONDS = 150;
  private static final double NANOS = 1e9;
  private static final int BASIS_POINTS = 100;
  private static final int SIDE = 4;
  private static final int TORUS = SIDE * SIDE;
  private static final long HOST_TENSORS = 64L << 20;
  private static final long HOST_RINGS = 16L << 20;

  /** Other files than the model has: by path in the device's directory. */
  final Map<String, String> overrides = new TreeMap<>();

  final Counters counters = new Counters();
  final PowerMinute power = new PowerMinute();
  final List<CoreModel> cores = new ArrayList<>();
  private final int index;
  private final int siblings;
  private final int major;
  private final long serial;
  private final Chip chip;
  private final double phase;
  private final SplittableRandom random;
  private final TreeSet<String> unhealthy = new TreeSet<>();
  private OptionalDouble loadSet = OptionalDouble.empty();
  private Optional<Owner> owner = Optional.empty();
  private boolean gone;
  private boolean heartStalled;
  private int reset = READY;
  private long resetNanos;
  private long ageNanos;
  private long heartbeatNanos;
  private double load;
  private double percent;

  /**
   * @param siblings how many devices the node has
   * @param live whether the driver shows work while it is done
   */
  DeviceModel(
      int index, int siblings, int major, Chip chip, boolean live, SplittableRandom random) {
    this.index = index;
    this.siblings = siblings;
    this.major = major;
    this.chip = chip;
    this.random = random;
    this.serial = random.nextLong() >>> 3 | 1;
    this.phase = random.nextDouble() * 2 * Math.PI;
    for (int core = 0; core < chip.cores; core++) {
      cores.add(new CoreModel(chip, live));
    }
  }

  int index() {
    return index;
  }

  String serial() {
    return String.format("%016x", serial);
  }

  // ---- time

  void step(long nanos) {
    ageNanos += nanos;
    if (gone) {
      return;
    }
    beat(nanos);
    if (resetNanos > 0) {
      resetNanos -= nanos;
      load = 0;
      reset = resetNanos > 0 ? RESETTING : READY;
      return;
    }
    load = reset == INVALID ? 0 : loadSet.orElse(swell());
    own();
    for (CoreModel core : cores) {
      core.work(load, nanos);
    }
    percent = percent();
    power.sample(percent);
  }

  private double swell() {
    return MEAN_LOAD + SWELL * Math.sin(phase + ageNanos / NANOS / SWELL_SECONDS * 2 * Math.PI);
  }

  /** From the cores, whose load may be their own. */
  private double percent() {
    double busy = 0;
    for (CoreModel core : cores) {
      busy += core.busy();
    }
    double mean = busy / cores.size();
    double noise = mean > 0 ? (random.nextDouble() - 0.5) * NOISE_PERCENT : 0;
    return Math.clamp(mean * FULL_POWER_PERCENT + noise, 0, 100);
  }

  private void beat(long nanos) {
    heartbeatNanos += nanos;
    long beats = (long) (heartbeatNanos / NANOS);
    if (beats > 0) {
      heartbeatNanos -= (long) (beats * NANOS);
      if (!heartStalled) {
        counters.of("healthcheck_heartbeat").add(beats);
      }
      counters.of("power_samples").add(beats);
    }
  }

  private void own() {
    if (load > 0 && owner.isEmpty()) {
      open(new Owner(Owner.INVENTED_PID, (long) (chip.memoryBytes * INVENTED_SHARE), true));
    } else if (load <= 0 && owner.filter(Owner::invented).isPresent()) {
      close();
    }
  }

  // ---- who has it open

  Optional<Owner> owner() {
    return owner;
  }

  /** A process opens the device; one that the model made up gives way. */
  void open(Owner opening) {
    close();
    owner = Optional.of(opening);
    cores.forEach(core -> core.open(opening.bytes() / cores.size()));
    counters.of("host_mem/tensors").add(HOST_TENSORS);
    counters.of("host_mem/dma_rings").add(HOST_RINGS);
  }

  /** Its owner, if it has one, closes it. */
  void close() {
    owner.ifPresent(closing -> {
      cores.forEach(core -> core.close(closing.bytes() / cores.size()));
      counters.of("host_mem/tensors").subtract(HOST_TENSORS);
      counters.of("host_mem/dma_rings").subtract(HOST_RINGS);
    });
    owner = Optional.empty();
  }

  double load() {
    return load;
  }

  /** Empty: it swells gently, by the seed. */
  void setLoad(OptionalDouble fraction) {
    loadSet = fraction;
  }

  // ---- faults

  boolean gone() {
    return gone;
  }

  /** Off the bus: its owner dies with it. */
  void lose() {
    close();
    gone = true;
  }

  void comeBack() {
    gone = false;
    reset = READY;
    resetNanos = 0;
  }

  void reset() {
    close();
    reset = RESETTING;
    resetNanos = RESET_NANOS;
    cores.forEach(core -> core.resetRequested(false));
  }

  void failReset() {
    close();
    reset = INVALID;
    resetNanos = 0;
    cores.forEach(core -> core.resetRequested(true));
  }

  void stallHeart(boolean stalled) {
    heartStalled = stalled;
  }

  /** An uncorrectable error, which the driver's health thread notices as a change. */
  void uncorrected(String counter, long errors) {
    counters.of(counter).add(errors);
    counters.of("hw_error_event").add(1);
  }

  void setUnhealthy(String component, boolean bad) {
    if (bad) {
      unhealthy.add(component);
    } else {
      unhealthy.remove(component);
    }
  }

  /** What a reload of the driver leaves: nothing. */
  void reload(long epochSeconds) {
    close();
    counters.clear();
    cores.forEach(CoreModel::clear);
    unhealthy.clear();
    heartStalled = false;
    power.beginAnew(epochSeconds);
    comeBack();
  }

  // ---- files

  /** The text of a quantity of {@code tree.tsv}, without its last newline. */
  String text(String quantity) {
    return switch (quantity) {
      case "reset" -> Integer.toString(reset);
      case "core_count" -> Integer.toString(cores.size());
      case "connected_devices" -> neighbours();
      case "dev" -> major + ":" + index;
      case "uevent" -> "MAJOR=" + major + "\nMINOR=" + index + "\nDEVNAME=neuron" + index;
      case "runtime_pm" -> "auto";
      case "notify_delay" -> "-1";
      case "serial_number" -> serial();
      case "arch_type" -> "NDv" + chip.generation;
      case "core_arch_type" -> "NCv" + chip.generation;
      case "instance_type" -> chip.family;
      case "device_name" -> chip.deviceName;
      case "unhealthy_components" -> String.join(",", unhealthy);
      case "power_utilization" -> power.shown();
      case "power_utilization_raw" -> rawPower();
      default -> throw new IllegalArgumentException("no quantity of a device: " + quantity);
    };
  }

  /** The driver prints a torus of sixteen devices, even on a Trainium3 that has none. */
  private String neighbours() {
    return neighbourNumbers().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  List<Integer> neighbourNumbers() {
    if (siblings % TORUS != 0) {
      return List.of();
    }
    int row = index / SIDE;
    int column = index % SIDE;
    return List.of(
        Math.floorMod(row - 1, SIDE) * SIDE + column,
        row * SIDE + Math.floorMod(column + 1, SIDE),
        row * SIDE + Math.floorMod(column - 1, SIDE),
        Math.floorMod(row + 1, SIDE) * SIDE + column);
  }

  private String rawPower() {
    StringBuilder text = new StringBuilder("die,util_bips,counter");
    long counter = counters.of("power_samples").total();
    for (int die = 0; die < chip.dies; die++) {
      text.append('\n').append(die).append(',');
      text.append(Math.round(percent * BASIS_POINTS)).append(',').append(counter);
    }
    return text.toString();
  }
}
