package io.millwright.simulator.neuron;

import io.millwright.simulator.neuron.NeuronProfile.Chip;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One physical core: what it works, and the memory of its owner.
 *
 * <p>Of the time that it is busy the tensor engine multiplies for 70 % and loads weights for 20 %,
 * at a nominal 1.4 GHz; it reaches 45 % of its published operations; an execution takes 10 ms.
 * Round figures, measured nowhere.
 */
final class CoreModel {
  static final double EXECUTION_SECONDS = 0.01;
  private static final int ROW_GROUPS = 4;
  private static final double MULTIPLIES = 0.7;
  private static final double LOADS_WEIGHTS = 0.2;
  private static final double CYCLES_PER_NANO = 1.4;
  private static final double REACHED = 0.45;
  private static final double NANOS = 1e9;
  private static final long PICOS_PER_NANO = 1000;

  /** Shares of the device's memory in thousandths. */
  private static final Map<String, Integer> MEMORY =
      Map.of(
          "tensors", 800,
          "model_code", 80,
          "constants", 60,
          "model_shared_scratchpad", 30,
          "runtime_memory", 10,
          "collectives", 10,
          "dma_rings", 6,
          "notifications", 4);

  private static final int THOUSAND = 1000;
  private static final long HOST_BYTES = 8L << 20;

  final Counters counters = new Counters();
  final Counter timePicos = counters.of("other_info/nc_time_in_use");
  final Counter flops = counters.of("other_info/flop_count");
  final Counter success = counters.of("status/success");
  private final Counter inferences = counters.of("other_info/inference_count");
  private final Chip chip;
  private final boolean live;
  private OptionalDouble busySet = OptionalDouble.empty();
  private double busy;
  private double executions;
  private long multiplied;
  private long loaded;
  private long idle;

  /**
   * @param live whether the driver shows work while it is done, or when the owner closes
   */
  CoreModel(Chip chip, boolean live) {
    this.chip = chip;
    this.live = live;
  }

  /** Busy fraction, whatever the device's load is; empty to follow that again. */
  void setBusy(OptionalDouble fraction) {
    busySet = fraction;
  }

  double busy() {
    return busy;
  }

  /** Works for so long at the device's load. */
  void work(double load, long nanos) {
    busy = busySet.orElse(load);
    long cycles = Math.round(nanos * CYCLES_PER_NANO);
    long multiplying = (long) (cycles * busy * MULTIPLIES);
    long loading = (long) (cycles * busy * LOADS_WEIGHTS);
    multiplied += multiplying;
    loaded += loading;
    idle += cycles - multiplying - loading;
    if (busy <= 0) {
      return;
    }
    count(timePicos, Math.round(busy * nanos) * PICOS_PER_NANO);
    count(flops, Math.round(busy * nanos / NANOS * chip.coreFlops * REACHED));
    executions += busy * nanos / NANOS / EXECUTION_SECONDS;
    long whole = (long) executions;
    if (whole > 0) {
      executions -= whole;
      count(success, whole);
      count(inferences, whole);
    }
  }

  /** Executions that ended otherwise. */
  void end(String status, long executions) {
    count(counters.of("status/" + status), executions);
  }

  private void count(Counter counter, long amount) {
    if (live) {
      counter.add(amount);
    } else {
      counter.hold(amount);
    }
  }

  /** A process opens the core: it loads a model and has so many bytes of the device's memory. */
  void open(long bytes) {
    MEMORY.forEach((category, share) -> memory(category).add(bytes / THOUSAND * share));
    counters.of("device_mem").add(bytes / THOUSAND * THOUSAND);
    counters.of("host_mem").add(HOST_BYTES);
    count(counters.of("other_info/model_load_count"), 1);
  }

  /** It closes the core, and the driver shows what it did. */
  void close(long bytes) {
    MEMORY.forEach((category, share) -> memory(category).subtract(bytes / THOUSAND * share));
    counters.of("device_mem").subtract(bytes / THOUSAND * THOUSAND);
    counters.of("host_mem").subtract(HOST_BYTES);
    counters.release();
    executions = 0;
  }

  /** Bytes of the device's memory of one category. */
  Counter memory(String category) {
    return counters.of("device_mem/" + category);
  }

  void resetRequested(boolean failed) {
    counters.of("other_info/reset_req_count").add(1);
    if (failed) {
      counters.of("other_info/reset_fail_count").add(1);
    }
  }

  /** The driver was loaded anew. */
  void clear() {
    counters.clear();
    multiplied = 0;
    loaded = 0;
    idle = 0;
  }

  /** The file {@code pe_cntrs}: cycles by group of rows. */
  String tensorEngine() {
    StringBuilder text = new StringBuilder("xrow_grp,mm_active,wl_active,idle\n");
    for (int group = 0; group < ROW_GROUPS; group++) {
      text.append(group).append(',').append(multiplied).append(',');
      text.append(loaded).append(',').append(idle).append('\n');
    }
    return text.toString();
  }
}
