package io.millwright.simulator.neuron;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.neuron.NeuronProfile.Chip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one reader of {@code neuron-monitor}'s records is told: counts are those since its last
 * record. Every runtime lists every core, those of others with 0, as the real tool does.
 *
 * <p>Cores are the logical ones; logical core {@code i} of a device is made of the physical ones
 * {@code 2i} and {@code 2i+1} where two make one. The real order of Trainium2 and 3 is the driver's
 * and is not simulated. Names of Trainium3 ({@code trainium3}, {@code v4d}, {@code nc_v4.N}) are
 * inferred from Trainium2's.
 *
 * <p><i>Threading:</i> the model's owner.
 */
final class MonitorSession {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final double NANOS = 1e9;
  private static final double PICOS = 1e12;
  private static final int PERCENT = 100;
  private static final double VCPU_USER_PERCENT = 40;
  private static final double VCPU_SYSTEM_PERCENT = 12;
  private static final long APPLICATION_BYTES = 1L << 30;

  /** Groups of a runtime, and of the system, by the names of the tool's configuration. */
  static final List<String> GROUPS =
      List.of(
          "neuroncore_counters",
          "memory_used",
          "neuron_runtime_vcpu_usage",
          "execution_stats",
          "vcpu_usage",
          "memory_info",
          "neuron_hw_counters");

  /** Percentiles and how they lie to the median. */
  private static final Map<String, Double> LATENCIES =
      new TreeMap<>(
          Map.of(
              "p0", 0.97, "p1", 0.98, "p25", 0.99, "p50", 1.0, "p75", 1.01, "p99", 1.05, "p100",
              1.1));

  private static final double ON_DEVICE = 0.96;

  private final NeuronModel model;
  private final Clock clock;
  private final HostGroups host = new HostGroups();
  private final Map<Counter, Long> before = new HashMap<>();
  private long lastNanos;

  MonitorSession(NeuronModel model, Clock clock) {
    this.model = model;
    this.clock = clock;
    this.lastNanos = clock.nanos();
  }

  /**
   * The next record, one line.
   *
   * @param groups which it has; all where none is named
   */
  String record(List<String> groups) {
    for (String group : groups) {
      if (!GROUPS.contains(group)) {
        throw new IllegalArgumentException(
            "group: " + group + ", allowed: " + String.join(", ", GROUPS));
      }
    }
    long now = clock.nanos();
    double seconds = (now - lastNanos) / NANOS;
    lastNanos = now;
    return record(groups.isEmpty() ? GROUPS : groups, Math.max(seconds, 1 / NANOS)).toString();
  }

  private ObjectNode record(List<String> groups, double seconds) {
    ObjectNode record = JSON.objectNode();
    var runtimes = record.putArray("neuron_runtime_data");
    Work work = work(seconds);
    runtimes().forEach((pid, devices) -> runtimes.add(runtime(groups, pid, devices, work)));
    ObjectNode system = record.putObject("system_data");
    if (groups.contains("neuron_hw_counters")) {
      system.set("neuron_hw_counters", hardware(seconds));
    }
    if (groups.contains("vcpu_usage")) {
      system.set("vcpu_usage", host.processors(seconds));
    }
    if (groups.contains("memory_info")) {
      system.set("memory_info", host.memory(seconds));
    }
    record.set("instance_info", instance());
    record.set("neuron_hardware_info", devices());
    return record;
  }

  // ---- counts of this period

  /** What each physical core did since the last record. */
  private record Work(double seconds, Map<CoreModel, Map<String, Long>> counts) {
    long count(CoreModel core, String name) {
      return counts.getOrDefault(core, Map.of()).getOrDefault(name, 0L);
    }

    double utilization(CoreModel core) {
      return Math.min(1, count(core, "time") / PICOS / seconds) * PERCENT;
    }
  }

  private Work work(double seconds) {
    Map<CoreModel, Map<String, Long>> counts = new HashMap<>();
    for (DeviceModel device : model.devices()) {
      for (CoreModel core : device.cores) {
        Map<String, Long> ofCore = new TreeMap<>();
        ofCore.put("time", since(core.timePicos));
        ofCore.put("flops", since(core.flops));
        for (String status : STATUSES) {
          ofCore.put(status, since(core.counters.of("status/" + status)));
        }
        counts.put(core, ofCore);
      }
    }
    return new Work(seconds, counts);
  }

  private static final List<String> STATUSES =
      List.of(
          "success",
          "execute_completed_with_error",
          "execute_completed_with_num_error",
          "timeout",
          "exec_bad_input",
          "execute_failed_to_queue",
          "generic_error",
          "unsupported_neff_version",
          "resource_error",
          "hw_error",
          "hw_hbm_ue_error",
          "hw_nc_ue_error",
          "hw_dma_abort_error",
          "hw_collectives_error");

  /** Nothing at the first record: the tool tells of its own time. */
  private long since(Counter counter) {
    Long last = before.put(counter, counter.ever());
    return last == null ? 0 : counter.ever() - last;
  }

  // ---- runtimes

  private SortedMap<Long, List<DeviceModel>> runtimes() {
    SortedMap<Long, List<DeviceModel>> runtimes = new TreeMap<>();
    for (DeviceModel device : model.devices()) {
      device
          .owner()
          .ifPresent(
              owner -> runtimes.computeIfAbsent(owner.pid(), p -> new ArrayList<>()).add(device));
    }
    return runtimes;
  }

  private ObjectNode runtime(List<String> groups, long pid, List<DeviceModel> devices, Work work) {
    ObjectNode runtime = JSON.objectNode();
    runtime.put("pid", pid).put("neuron_runtime_tag", Long.toString(pid)).put("error", "");
    ObjectNode report = runtime.putObject("report");
    List<CoreModel> cores = devices.stream().flatMap(device -> device.cores.stream()).toList();
    if (groups.contains("execution_stats")) {
      report.set("execution_stats", executions(cores, work));
    }
    if (groups.contains("memory_used")) {
      report.set("memory_used", memory(devices, work));
    }
    if (groups.contains("neuron_runtime_vcpu_usage")) {
      double load = devices.stream().mapToDouble(DeviceModel::load).average().orElse(0);
      ObjectNode usage = group(report, "neuron_runtime_vcpu_usage", work.seconds());
      usage
          .putObject("vcpu_usage")
          .put("user", load * VCPU_USER_PERCENT)
          .put("system", load * VCPU_SYSTEM_PERCENT);
      usage.put("error", "");
    }
    if (groups.contains("neuroncore_counters")) {
      report.set("neuroncore_counters", cores(devices, work));
    }
    return runtime;
  }

  private static ObjectNode group(ObjectNode above, String name, double seconds) {
    ObjectNode group = above.putObject(name);
    group.put("period", seconds);
    return group;
  }

  private static ObjectNode executions(List<CoreModel> cores, Work work) {
    ObjectNode stats = JSON.objectNode().put("period", work.seconds());
    stats
        .putObject("error_summary")
        .put("generic", sum(cores, work, "generic_error"))
        .put("numerical", sum(cores, work, "execute_completed_with_num_error"))
        .put("transient", 0)
        .put("model", sum(cores, work, "unsupported_neff_version"))
        .put("runtime", sum(cores, work, "resource_error"))
        .put(
            "hardware",
            sum(cores, work, "hw_error")
                + sum(cores, work, "hw_hbm_ue_error")
                + sum(cores, work, "hw_nc_ue_error")
                + sum(cores, work, "hw_dma_abort_error")
                + sum(cores, work, "hw_collectives_error"));
    stats
        .putObject("execution_summary")
        .put("completed", sum(cores, work, "success"))
        .put("completed_with_err", sum(cores, work, "execute_completed_with_error"))
        .put("completed_with_num_err", sum(cores, work, "execute_completed_with_num_error"))
        .put("timed_out", sum(cores, work, "timeout"))
        .put("incorrect_input", sum(cores, work, "exec_bad_input"))
        .put("failed_to_queue", sum(cores, work, "execute_failed_to_queue"));
    ObjectNode latency = stats.putObject("latency_stats");
    if (sum(cores, work, "success") == 0) {
      latency.putNull("total_latency").putNull("device_latency");
    } else {
      latencies(latency.putObject("total_latency"), 1);
      latencies(latency.putObject("device_latency"), ON_DEVICE);
    }
    return stats.put("error", "");
  }

  private static void latencies(ObjectNode node, double factor) {
    LATENCIES.forEach(
        (name, share) -> node.put(name, CoreModel.EXECUTION_SECONDS * share * factor));
  }

  private static long sum(List<CoreModel> cores, Work work, String status) {
    long sum = 0;
    for (CoreModel core : cores) {
      sum += work.count(core, status);
    }
    return sum;
  }

  private ObjectNode memory(List<DeviceModel> mine, Work work) {
    ObjectNode memory = JSON.objectNode().put("period", work.seconds());
    ObjectNode used = memory.putObject("neuron_runtime_used_bytes");
    long host = 0;
    long onDevices = 0;
    for (DeviceModel device : mine) {
      host += device.counters.of("host_mem/tensors").total();
      host += device.counters.of("host_mem/dma_rings").total();
      for (CoreModel core : device.cores) {
        onDevices += core.counters.of("device_mem").total();
      }
    }
    used.put("host", host + APPLICATION_BYTES).put("neuron_device", onDevices);
    ObjectNode breakdown = used.putObject("usage_breakdown");
    breakdown
        .putObject("host")
        .put("application_memory", APPLICATION_BYTES)
        .put("constants", 0)
        .put("dma_buffers", 0)
        .put("tensors", host);
    ObjectNode byCore = breakdown.putObject("neuroncore_memory_usage");
    eachLogical((index, device, cores) -> {
      ObjectNode core = byCore.putObject(Integer.toString(index));
      for (String category :
          List.of(
              "constants", "model_code", "model_shared_scratchpad", "runtime_memory", "tensors")) {
        long bytes = 0;
        for (CoreModel physical : cores) {
          bytes += physical.memory(category).total();
        }
        core.put(category, mine.contains(device) ? bytes : 0);
      }
    });
    memory.putArray("loaded_models");
    return memory.put("error", "");
  }

  private ObjectNode cores(List<DeviceModel> mine, Work work) {
    ObjectNode counters = JSON.objectNode().put("period", work.seconds());
    ObjectNode inUse = counters.putObject("neuroncores_in_use");
    Chip chip = model.profile().chip();
    eachLogical((index, device, cores) -> {
      boolean own = mine.contains(device);
      double utilization = 0;
      long flops = 0;
      for (CoreModel physical : cores) {
        utilization += work.utilization(physical) / cores.size();
        flops += work.count(physical, "flops");
      }
      ObjectNode core = inUse.putObject(Integer.toString(index));
      core.put("neuroncore_utilization", own ? utilization : 0);
      core.put("flops", own ? Math.round(flops / work.seconds()) : 0);
      if (cores.size() > 1) {
        ObjectNode parts = core.putObject(chip.monitorCoreVersion);
        for (int i = 0; i < cores.size(); i++) {
          parts
              .putObject("nc_v" + chip.generation + "." + (index * cores.size() + i))
              .put("neuroncore_utilization", own ? work.utilization(cores.get(i)) : 0);
        }
      }
    });
    return counters.put("error", "");
  }

  private interface Logical {
    void accept(int index, DeviceModel device, List<CoreModel> cores);
  }

  private void eachLogical(Logical what) {
    int width = model.profile().chip().coresPerLogical;
    int index = 0;
    for (DeviceModel device : model.devices()) {
      for (int first = 0; first < device.cores.size(); first += width) {
        what.accept(index++, device, device.cores.subList(first, first + width));
      }
    }
  }

  // ---- system and node

  private ObjectNode hardware(double seconds) {
    ObjectNode hardware = JSON.objectNode().put("period", seconds);
    var devices = hardware.putArray("neuron_devices");
    for (DeviceModel device : model.devices()) {
      if (!device.gone()) {
        ObjectNode errors = devices.addObject().put("neuron_device_index", device.index());
        for (String counter :
            List.of(
                "mem_ecc_corrected",
                "mem_ecc_uncorrected",
                "sram_ecc_uncorrected",
                "sram_ecc_corrected")) {
          errors.put(counter, device.counters.of(counter).total());
        }
      }
    }
    return hardware.put("error", "");
  }

  private ObjectNode instance() {
    return JSON.objectNode()
        .put("instance_name", "millwright-simulated")
        .put("instance_id", "")
        .put("instance_type", model.profile().instanceType())
        .put("instance_availability_zone", "")
        .put("instance_availability_zone_id", "")
        .put("instance_region", "")
        .put("ami_id", "")
        .put("subnet_id", "")
        .put("error", "simulated: there is no instance metadata");
  }

  private ObjectNode devices() {
    Chip chip = model.profile().chip();
    long there = model.devices().stream().filter(device -> !device.gone()).count();
    return JSON.objectNode()
        .put("neuron_device_type", chip.monitorType)
        .put("neuron_device_version", chip.monitorDeviceVersion)
        .put("neuroncore_version", chip.monitorCoreVersion)
        .put("neuron_device_count", model.loaded() ? there : 0)
        .put("neuron_device_memory_size", chip.memoryBytes)
        .put("neuroncore_per_device_count", chip.cores / chip.coresPerLogical)
        .put("logical_neuroncore_config", chip.coresPerLogical)
        .put("error", "");
  }
}
