package io.millwright.agent.dialect;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes the layout of the page of neuron-monitor-prometheus: names, labels and units as captures of
 * its output from 2023 and 2024 have them, labels in the order of the alphabet.
 *
 * <p>Each family of runtimes and cores comes from neuron-monitor where the snapshot has it from
 * there, and else from what the driver says of each core; then {@code runtime_tag} is empty and the
 * cores are numbered over the devices. The host is always our own reading.
 */
final class NeuronLayout {
  private static final String GAUGE = "gauge";
  private static final String COUNTER = "counter";
  private static final String NEURON = DeviceKind.NEURON.vendor();
  private static final List<String> USER = List.of("user", "nice");
  private static final List<String> SYSTEM = List.of("system", "iowait", "irq", "softirq");

  /** Our category of a core's memory, and the family's last word. */
  private static final List<Map.Entry<String, String>> CATEGORIES =
      List.of(
          Map.entry("constants", "constants"),
          Map.entry("model_code", "model_code"),
          Map.entry("shared_scratchpad", "model_shared_scratchpad"),
          Map.entry("runtime", "runtime_memory"),
          Map.entry("tensors", "tensors"));

  /** Their status, and those of the driver's that it is made of. */
  private static final List<Map.Entry<String, List<String>>> STATUSES =
      List.of(
          Map.entry("completed", List.of("success")),
          Map.entry(
              "completed_with_err",
              List.of(
                  "completed_with_error",
                  "hw_error",
                  "collectives_error",
                  "hbm_ue",
                  "nc_ue",
                  "dma_abort",
                  "resource_error",
                  "oob_error",
                  "other")),
          Map.entry("completed_with_num_err", List.of("numerical_error")),
          Map.entry("timed_out", List.of("timeout")),
          Map.entry("incorrect_input", List.of("bad_input")),
          Map.entry("failed_to_queue", List.of("failed_to_queue")));

  private final Layout layout;
  private final Layout before;
  private final NeuronIdentity identity;
  private final Map<Metric, List<Placed>> series = new EnumMap<>(Metric.class);

  /** A series and where it lies. */
  private record Placed(Series series, Place place) {
    String label(String name) {
      return series.labelValues().get(series.metric().labels().indexOf(name));
    }

    boolean has(String name, String value) {
      return label(name).equals(value);
    }

    /** An index of the driver's; -1 where the label is none. */
    int number(String name) {
      String word = label(name);
      return word.matches("\\d{1,4}") ? Integer.parseInt(word) : -1;
    }

    /** Whether it is a core of the driver's, by two indices. */
    boolean isCore() {
      return number("accelerator") >= 0 && number("core") >= 0;
    }
  }

  private NeuronLayout(List<Sample> samples, NeuronIdentity identity, Layout before) {
    this.before = before;
    boolean simulated = false;
    for (int sample = 0; sample < samples.size(); sample++) {
      SeriesTable table = samples.get(sample).table();
      for (int index = 0; index < table.size(); index++) {
        Series next = table.series(index);
        if (isOthers(next)) {
          continue;
        }
        simulated |= next.metric() == Metric.ACCELERATOR_INFO && next.simulated();
        series
            .computeIfAbsent(next.metric(), unseen -> new ArrayList<>())
            .add(new Placed(next, new Place(sample, index)));
      }
    }
    this.identity = identity;
    this.layout = new Layout(samples, identity, simulated);
  }

  private static boolean isOthers(Series series) {
    return series.metric().scope() == Metric.Scope.ACCELERATOR
        && !series.labelValues().get(3).equals(NEURON);
  }

  static Layout of(List<Sample> samples, NeuronIdentity identity, Layout before) {
    NeuronLayout making = new NeuronLayout(samples, identity, before);
    making.cores();
    making.runtimes();
    making.ecc();
    making.host();
    making.identities();
    return making.layout;
  }

  private List<Placed> of(Metric metric) {
    return series.getOrDefault(metric, List.of());
  }

  /** Of neuron-monitor where it says any, else of the driver; each family by itself. */
  private void cores() {
    int perDevice = coresPerDevice();
    List<Cell> monitored =
        of(Metric.ACCELERATOR_RUNTIME_CORE_UTILIZATION_RATIO).stream()
            .map(core -> cell(core, runtime(core, "neuroncore", core.label("core"))))
            .toList();
    gauges(
        "neuroncore_utilization_ratio",
        "NeuronCore utilization ratio",
        !monitored.isEmpty()
            ? monitored
            : of(Metric.ACCELERATOR_CORE_UTILIZATION_RATIO).stream()
                .filter(Placed::isCore)
                .map(core ->
                    cell(core, Map.of("runtime_tag", "", "neuroncore", shown(core, perDevice))))
                .toList());
    CATEGORIES.forEach(category -> memory(category.getKey(), category.getValue(), perDevice));
  }

  private void memory(String category, String word, int perDevice) {
    List<Cell> monitored =
        of(Metric.ACCELERATOR_RUNTIME_CORE_MEMORY_USED_BYTES).stream()
            .filter(core -> core.has("category", category))
            .map(core -> cell(core, coreMemory(core.label("runtime"), core.label("core"))))
            .toList();
    gauges(
        "neuroncore_memory_usage_" + word,
        "NeuronCore memory utilization for " + word,
        !monitored.isEmpty()
            ? monitored
            : of(Metric.ACCELERATOR_CORE_MEMORY_USED_BYTES).stream()
                .filter(core -> core.isCore() && core.has("category", category))
                .map(core -> cell(core, coreMemory("", shown(core, perDevice))))
                .toList());
  }

  /** Of the devices that there are: all of a node have as many. */
  private int coresPerDevice() {
    int highest = -1;
    for (Metric metric :
        List.of(
            Metric.ACCELERATOR_CORE_UTILIZATION_RATIO, Metric.ACCELERATOR_CORE_MEMORY_USED_BYTES)) {
      for (Placed core : of(metric)) {
        highest = Math.max(highest, core.number("core"));
      }
    }
    return highest + 1;
  }

  /** Over all devices, those that are missing counted too. */
  private static String shown(Placed core, int perDevice) {
    return Integer.toString(core.number("accelerator") * perDevice + core.number("core"));
  }

  private void runtimes() {
    gauges(
        "neuron_runtime_memory_used_bytes",
        "Runtime memory used bytes",
        of(Metric.ACCELERATOR_RUNTIME_MEMORY_USED_BYTES).stream()
            .map(used -> cell(used, runtime(used, "memory_location", location(used))))
            .toList());
    gauges(
        "neuron_runtime_vcpu_usage_ratio",
        "Runtime vCPU utilization ratio",
        of(Metric.ACCELERATOR_RUNTIME_CPU_USAGE_RATIO).stream()
            .map(used -> cell(used, runtime(used, "usage_type", used.label("mode"))))
            .toList());
    add(
        "execution_errors_total",
        "Execution errors total",
        COUNTER,
        of(Metric.ACCELERATOR_RUNTIME_ERRORS_TOTAL).stream()
            .map(errors -> cell(errors, runtime(errors, "error_type", errors.label("type"))))
            .toList());
    add(
        "execution_status_total",
        "Execution status total",
        COUNTER,
        of(Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL).isEmpty()
            ? statusesOfTheDriver()
            : of(Metric.ACCELERATOR_RUNTIME_EXECUTIONS_TOTAL).stream()
                .map(ended -> cell(ended, runtime(ended, "status_type", ended.label("status"))))
                .toList());
    gauges(
        "execution_latency_seconds",
        "Execution latency in seconds",
        of(Metric.ACCELERATOR_EXECUTION_LATENCY_SECONDS).stream()
            .filter(latency -> latency.has("stage", "total"))
            .map(latency ->
                cell(latency, runtime(latency, "percentile", latency.label("percentile"))))
            .toList());
  }

  private static String location(Placed used) {
    return used.has("location", "device") ? "neuron_device" : used.label("location");
  }

  private Map<String, String> runtime(Placed placed, String name, String value) {
    Map<String, String> own = new TreeMap<>();
    own.put("runtime_tag", placed.label("runtime"));
    own.put(name, value);
    return own;
  }

  private static Map<String, String> coreMemory(String tag, String core) {
    return Map.of("runtime_tag", tag, "neuroncore", core, "memory_location", "None");
  }

  /** What all cores' counters grew by; one that is gone takes nothing from it. */
  private List<Cell> statusesOfTheDriver() {
    List<Cell> statuses = new ArrayList<>();
    for (Map.Entry<String, List<String>> status : STATUSES) {
      List<Placed> ended =
          of(Metric.ACCELERATOR_CORE_EXECUTIONS_TOTAL).stream()
              .filter(core -> status.getValue().contains(core.label("status")))
              .toList();
      if (!ended.isEmpty()) {
        statuses.add(
            new Cell.Grown(
                labels(Map.of("runtime_tag", "", "status_type", status.getKey())),
                ended.stream().map(Placed::place).toList(),
                ended.stream().map(Placed::series).toList(),
                layout.tally("executions " + status.getKey(), before)));
      }
    }
    return statuses;
  }

  /** Of neuron-monitor where it says any, else of the driver. */
  private void ecc() {
    List<Placed> monitored = of(Metric.ACCELERATOR_RUNTIME_ECC_ERRORS_TOTAL);
    List<Cell> cells = new ArrayList<>();
    for (Placed errors : monitored) {
      cells.add(cell(errors, event(errors.label("device"), errors)));
    }
    if (monitored.isEmpty()) {
      for (Placed errors : of(Metric.ACCELERATOR_ECC_ERRORS_TOTAL)) {
        if (!errors.has("severity", "uncorrected_repairable")) {
          cells.add(cell(errors, event(errors.label("accelerator"), errors)));
        }
      }
    }
    add("hardware_ecc_events_total", "Hardware ecc events total", COUNTER, cells);
  }

  private static Map<String, String> event(String device, Placed errors) {
    String where = errors.has("location", "dram") ? "mem" : errors.label("location");
    return Map.of(
        "neuron_device_index", device, "event_type", where + "_ecc_" + errors.label("severity"));
  }

  private void host() {
    gauge(
        "system_memory_total_bytes",
        "System memory total_bytes bytes",
        Metric.NODE_MEMORY_SIZE_BYTES);
    List<Placed> size = of(Metric.NODE_MEMORY_SIZE_BYTES);
    List<Placed> available = of(Metric.NODE_MEMORY_AVAILABLE_BYTES);
    if (!size.isEmpty() && !available.isEmpty()) {
      PlacedSum used =
          new PlacedSum(
              List.of(term(1, size.getFirst(), false), term(-1, available.getFirst(), false)),
              List.of(size.getFirst().place(), available.getFirst().place()));
      gauges(
          "system_memory_used_bytes",
          "System memory used_bytes bytes",
          List.of(reckoned(used, Map.of())));
    }
    gauge(
        "system_swap_used_bytes",
        "System swap used_bytes bytes",
        Metric.NODE_MEMORY_SWAP_USED_BYTES);
    Optional<Placed> processors =
        of(Metric.NODE_CPUS).stream().filter(cpus -> cpus.has("state", "online")).findFirst();
    if (processors.isPresent()) {
      gauges("system_vcpu_count", "System vCPU count", List.of(cell(processors.get(), Map.of())));
      List<Cell> shares = new ArrayList<>();
      share("system", SYSTEM, processors.get()).ifPresent(shares::add);
      share("user", USER, processors.get()).ifPresent(shares::add);
      gauges("system_vcpu_usage_ratio", "System CPU utilization ratio", shares);
    }
  }

  private void gauge(String name, String help, Metric metric) {
    of(metric).stream()
        .findFirst()
        .ifPresent(placed -> gauges(name, help, List.of(cell(placed, Map.of()))));
  }

  private Optional<Cell> share(String usage, List<String> modes, Placed processors) {
    List<Placed> seconds =
        of(Metric.NODE_CPU_SECONDS_TOTAL).stream()
            .filter(mode -> modes.contains(mode.label("mode")))
            .toList();
    return seconds.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Cell.Share(
                labels(Map.of("usage_type", usage)),
                placedSum(seconds),
                processors.place(),
                layout.growth("cpu " + usage, before)));
  }

  private void identities() {
    gauges(
        "instance_info",
        "The machine; its identity is in the labels",
        List.of(new Cell.Fixed(labels(Map.of()), 1)));
    if (!identity.devices().isEmpty()) {
      Map<String, String> own =
          Map.of(
              "neuron_device_count", identity.devices(),
              "neuron_device_memory_size", identity.deviceMemoryBytes(),
              "neuroncore_per_device_count", identity.coresPerDevice());
      gauges(
          "neuron_hardware_info",
          "Neuron Hardware Information",
          List.of(new Cell.Fixed(labels(own), 1)));
    }
  }

  private void gauges(String name, String help, List<Cell> cells) {
    add(name, help, GAUGE, cells);
  }

  private void add(String name, String help, String kind, List<Cell> cells) {
    layout.add(name, help, kind, cells, NumberForm.SHORTEST, 1);
  }

  private Cell cell(Placed placed, Map<String, String> own) {
    return sum(List.of(placed), own);
  }

  private Cell sum(List<Placed> parts, Map<String, String> own) {
    return reckoned(placedSum(parts), own);
  }

  private Cell reckoned(PlacedSum sum, Map<String, String> own) {
    return new Cell.Reckoned(
        labels(own), sum, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Of those that there are. */
  private static PlacedSum placedSum(List<Placed> parts) {
    return new PlacedSum(
        parts.stream().map(part -> term(1, part, true)).toList(),
        parts.stream().map(Placed::place).toList());
  }

  private static Term term(double weight, Placed part, boolean optional) {
    return new Term(weight, part.series().metric().familyName(), Map.of(), optional);
  }

  /** From brace to brace and a blank: those of the machine and a family's own. */
  private byte[] labels(Map<String, String> own) {
    Map<String, String> labels = new TreeMap<>(own);
    labels.put("availability_zone", identity.zone());
    labels.put("instance_id", identity.instanceId());
    labels.put("instance_name", identity.instanceName());
    labels.put("instance_type", instanceType());
    labels.put("region", identity.region());
    labels.put("subnet_id", identity.subnet());
    StringBuilder text = new StringBuilder(256);
    char separator = '{';
    for (Map.Entry<String, String> label : labels.entrySet()) {
      Device.label(text, separator, label.getKey(), label.getValue());
      separator = ',';
    }
    return Layout.bytes(text.append("} ").toString());
  }

  /** The host's board is the instance type where the host is one of AWS. */
  private String instanceType() {
    return identity.instanceType().isEmpty()
        ? of(Metric.NODE_INFO).stream()
            .findFirst()
            .map(node -> node.label("board_model"))
            .orElse("")
        : identity.instanceType();
  }
}
