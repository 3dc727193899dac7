package io.millwright.drivers.neuron;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Which series a device has, by the files that are there and the tier that the site wants. */
final class NeuronSeries {
  private static final String CORE_MEMORY = "/stats/memory_usage/device_mem/";
  private static final String HOST_MEMORY = "stats/memory_usage/host_mem";
  private static final String HARDWARE = "stats/hardware/";
  private static final String HEALTH = HARDWARE + "health_status/";

  /** The driver has eight. */
  private static final int MOST_HOST_CATEGORIES = 16;

  /** Directories of a core's device memory, by the words of the catalogue; others are not known. */
  private static final Map<String, String> CATEGORIES =
      Map.ofEntries(
          Map.entry("model_code", "model_code"),
          Map.entry("tensors", "tensors"),
          Map.entry("constants", "constants"),
          Map.entry("model_shared_scratchpad", "shared_scratchpad"),
          Map.entry("nonshared_scratchpad", "nonshared_scratchpad"),
          Map.entry("runtime_memory", "runtime"),
          Map.entry("driver_memory", "driver"),
          Map.entry("collectives", "collectives"),
          Map.entry("dma_rings", "dma_rings"),
          Map.entry("notifications", "notifications"),
          Map.entry("uncategorized", "uncategorized"));

  private final NeuronFiles files;
  private final NeuronIdentity identity;
  private final Accelerator accelerator;
  private final List<Integer> cores;
  private final SysfsRound round;
  private final SeriesTable.Builder table;
  private final FigureReader fast;
  private final FigureReader medium;
  private final FigureReader slow;

  NeuronSeries(NeuronFiles files, NeuronIdentity identity, Metric.Tier tier, SysfsRound round) {
    this.files = files;
    this.identity = identity;
    this.accelerator = identity.accelerator();
    this.cores = files.cores();
    this.round = round;
    this.table = SeriesTable.builder(tier);
    this.fast = new FigureReader(Cadence.FAST, files, table);
    this.medium = new FigureReader(Cadence.MEDIUM, files, table);
    this.slow = new FigureReader(Cadence.SLOW, files, table);
  }

  /**
   * The series that are true as long as the device is open; how many there are.
   *
   * @param logicalCores asked, with the number of cores, only where the site wants them
   */
  int declareFacts(String driverVersion, IntFunction<LogicalCores> logicalCores) {
    table.add(
        Cadence.ONCE,
        Series.of(Metric.ACCELERATOR_INFO, accelerator, identity.infoLabels(driverVersion)));
    if (table.wants(Metric.ACCELERATOR_NEIGHBOUR_INFO)) {
      NeuronFacts facts = new NeuronFacts(files.device(), round.watch());
      for (String neighbour : Torus.neighbours(facts, identity.family())) {
        table.add(
            Cadence.ONCE, Series.of(Metric.ACCELERATOR_NEIGHBOUR_INFO, accelerator, neighbour));
      }
    }
    if (table.wants(Metric.ACCELERATOR_CORE_INFO)) {
      addLogical(logicalCores.apply(cores.size()));
    }
    return table.size();
  }

  private void addLogical(LogicalCores logical) {
    for (int core : cores) {
      logical
          .of(identity.number(), core)
          .ifPresent(number ->
              table.add(
                  Cadence.ONCE,
                  Series.of(
                      Metric.ACCELERATOR_CORE_INFO,
                      accelerator,
                      Integer.toString(core),
                      Integer.toString(number),
                      logical.source())));
    }
  }

  /** The readers of what is there; each has put its series into the table. */
  List<NeuronReader> readers() {
    List<NeuronReader> readers = new ArrayList<>();
    addHealth();
    addEcc();
    for (int core : cores) {
      addCore(core);
    }
    addDevice();
    readers.add(fast);
    readers.add(medium);
    readers.add(slow);
    readers.add(new MemoryReader(files, cores, identity.family(), accelerator, table));
    if (files.has(HeartbeatReader.FILE)) {
      readers.add(new HeartbeatReader(files, accelerator, table));
    }
    if (files.has(ComponentReader.FILE)) {
      readers.add(new ComponentReader(files, accelerator, table));
    }
    if (files.has(PowerReader.FILE)) {
      readers.add(new PowerReader(files, accelerator, table));
    }
    if (files.has(DiePowerReader.FILE)
        && table.wants(Metric.ACCELERATOR_DIE_POWER_UTILIZATION_RATIO)) {
      readers.add(new DiePowerReader(files, round, accelerator, table));
    }
    if (files.has(StateReader.FILE)) {
      readers.add(new StateReader(files, accelerator, table));
    }
    List<Integer> timed =
        cores.stream().filter(core -> files.has(BusyReader.file(files, core))).toList();
    if (!timed.isEmpty()) {
      readers.add(new BusyReader(files, timed, accelerator, table));
    }
    List<Integer> engines =
        cores.stream().filter(core -> files.has(EngineReader.file(core))).toList();
    if (!engines.isEmpty()) {
      readers.add(new EngineReader(files, engines, accelerator, table));
    }
    return readers;
  }

  SeriesTable table() {
    return table.build();
  }

  /** What the driver keeps in memory for its readers: asking costs the device nothing. */
  private void addHealth() {
    Metric ecc = Metric.ACCELERATOR_HEALTH_ECC_ERRORS_TOTAL;
    fast.add(of(ecc, "dram", "uncorrected"), HEALTH + "hbm_ecc_err_count");
    fast.add(of(ecc, "dram", "uncorrected_repairable"), HEALTH + "repairable_hbm_ecc_err_count");
    fast.add(of(ecc, "sram", "uncorrected"), HEALTH + "sram_ecc_err_count");
    fast.add(of(Metric.ACCELERATOR_HARDWARE_ERROR_CHANGES_TOTAL), HEALTH + "hw_error_event");
  }

  /** Registers of the device, each asked through its firmware. */
  private void addEcc() {
    Metric ecc = Metric.ACCELERATOR_ECC_ERRORS_TOTAL;
    slow.add(of(ecc, "dram", "uncorrected"), HARDWARE + "mem_ecc_uncorrected");
    slow.add(
        of(ecc, "dram", "uncorrected_repairable"), HARDWARE + "mem_ecc_repairable_uncorrected");
    slow.add(of(ecc, "sram", "uncorrected"), HARDWARE + "sram_ecc_uncorrected");
    slow.add(of(ecc, "dram", "corrected"), HARDWARE + "mem_ecc_corrected");
    slow.add(of(ecc, "sram", "corrected"), HARDWARE + "sram_ecc_corrected");
  }

  private void addCore(int number) {
    String directory = "neuron_core" + number;
    String core = Integer.toString(number);
    for (String category : known(files.names(directory + CORE_MEMORY))) {
      String word = CATEGORIES.getOrDefault(category, "");
      String memory = directory + CORE_MEMORY + category;
      medium.add(of(Metric.ACCELERATOR_CORE_MEMORY_USED_BYTES, core, word), files.counter(memory));
      if (table.wants(Metric.ACCELERATOR_CORE_MEMORY_PEAK_BYTES)) {
        slow.add(of(Metric.ACCELERATOR_CORE_MEMORY_PEAK_BYTES, core, word), memory + "/peak");
      }
    }
    String status = directory + "/stats/status/";
    ExecutionStatus.byWord(files.names(status))
        .forEach((word, names) ->
            slow.addSum(
                of(Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL, core, word),
                names.stream().map(name -> files.counter(status + name)).toList()));
    String other = directory + "/stats/other_info/";
    slow.add(
        of(Metric.ACCELERATOR_CORE_RESETS_TOTAL, core, "requested"),
        files.counter(other + "reset_req_count"));
    slow.add(
        of(Metric.ACCELERATOR_CORE_RESETS_TOTAL, core, "failed"),
        files.counter(other + "reset_fail_count"));
    if (table.wants(Metric.ACCELERATOR_CORE_MODEL_LOADS_TOTAL)) {
      slow.add(
          of(Metric.ACCELERATOR_CORE_MODEL_LOADS_TOTAL, core),
          files.counter(other + "model_load_count"));
    }
    if (table.wants(Metric.ACCELERATOR_CORE_FLOATING_POINT_OPERATIONS_TOTAL)) {
      slow.add(
          of(Metric.ACCELERATOR_CORE_FLOATING_POINT_OPERATIONS_TOTAL, core),
          files.counter(other + "flop_count"));
    }
  }

  private static List<String> known(List<String> names) {
    return names.stream().filter(CATEGORIES::containsKey).toList();
  }

  private void addDevice() {
    if (table.wants(Metric.ACCELERATOR_FLOATING_POINT_OPERATIONS_TOTAL)) {
      slow.addSum(
          of(Metric.ACCELERATOR_FLOATING_POINT_OPERATIONS_TOTAL),
          cores.stream()
              .map(core -> files.counter("neuron_core" + core + "/stats/other_info/flop_count"))
              .toList());
    }
    if (table.wants(Metric.ACCELERATOR_HOST_MEMORY_USED_BYTES)) {
      for (String category :
          files.names(HOST_MEMORY).stream().limit(MOST_HOST_CATEGORIES).toList()) {
        slow.add(
            of(Metric.ACCELERATOR_HOST_MEMORY_USED_BYTES, category),
            files.counter(HOST_MEMORY + "/" + category));
      }
    }
  }

  private Series of(Metric metric, String... ownValues) {
    return Series.of(metric, accelerator, ownValues);
  }
}
