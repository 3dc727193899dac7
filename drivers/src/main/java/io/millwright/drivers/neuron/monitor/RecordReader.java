package io.millwright.drivers.neuron.monitor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.millwright.drivers.neuron.monitor.MonitorRecord.Hardware;
import io.millwright.drivers.neuron.monitor.MonitorRecord.Instance;
import io.millwright.drivers.neuron.monitor.MonitorRecord.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads a record from the stream of its line, without holding the line or what it does not need:
 * loaded models, the node's processors, pods.
 *
 * <p><i>Lifecycle:</i> one for all lines of a program. <i>Threading:</i> one owner thread.
 * <i>Failure:</i> what is no JSON object is {@link ReadResult.Malformed}; what the stream throws
 * goes through.
 */
public final class RecordReader {
  private static final int MOST_RUNTIMES = 128;
  private static final int MOST_DEVICES = 64;
  private static final int MOST_TROUBLES = 16;
  private static final int LONGEST_WORD = 256;
  private static final double PERCENT = 100;
  private static final Map<String, String> CATEGORIES =
      Map.of(
          "constants", "constants",
          "model_code", "model_code",
          "model_shared_scratchpad", "shared_scratchpad",
          "runtime_memory", "runtime",
          "tensors", "tensors");

  private final JsonFactory factory =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(32)
                  .maxNameLength(1024)
                  .maxStringLength(1 << 16)
                  .build())
          .build();

  /** What is done with the value of a key; one that is not looked at is passed over. */
  private interface Field {
    void read(String key) throws IOException;
  }

  /**
   * The record of a line. Its bytes are taken for UTF-8, whatever they look like; those that are
   * none stand as U+FFFD.
   *
   * @param line ends where the line does; it is not closed
   * @throws IOException what the stream throws
   */
  public ReadResult read(InputStream line) throws IOException {
    try (JsonParser json =
        factory.createParser(new InputStreamReader(line, StandardCharsets.UTF_8))) {
      json.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return new ReadResult.Malformed("it does not begin with an object");
      }
      MonitorRecord record = new Reading(json).record();
      return json.nextToken() == null
          ? new ReadResult.Read(record)
          : new ReadResult.Malformed("something stands behind its object");
    } catch (JsonProcessingException e) {
      long column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      return new ReadResult.Malformed("it is no JSON at column " + column);
    }
  }

  /** One record while it is read. */
  private static final class Reading {
    private final JsonParser json;
    private final List<RuntimeReport> runtimes = new ArrayList<>();
    private final CoreTally cores = new CoreTally();
    private final Map<Integer, DeviceEcc> devices = new TreeMap<>();
    private final Set<Trouble> troubles = new LinkedHashSet<>();
    private final Map<String, String> instance = new HashMap<>();
    private final Map<String, String> hardware = new HashMap<>();

    Reading(JsonParser json) {
      this.json = json;
    }

    MonitorRecord record() throws IOException {
      each(key -> {
        switch (key) {
          case "neuron_runtime_data" -> elements(this::runtime);
          case "system_data" -> each(this::system);
          case "instance_info" -> words(key, instance);
          case "neuron_hardware_info" -> words(key, hardware);
          default -> {}
        }
      });
      return new MonitorRecord(
          runtimes,
          cores.cores(),
          List.copyOf(devices.values()),
          new Instance(
              word(instance, "instance_name"),
              word(instance, "instance_id"),
              word(instance, "instance_type"),
              word(instance, "instance_availability_zone"),
              word(instance, "instance_region"),
              word(instance, "subnet_id")),
          new Hardware(
              word(hardware, "neuron_device_count"),
              word(hardware, "neuron_device_memory_size"),
              word(hardware, "neuroncore_per_device_count")),
          List.copyOf(troubles));
    }

    private static String word(Map<String, String> words, String key) {
      return words.getOrDefault(key, "");
    }

    private void runtime() throws IOException {
      Draft runtime = new Draft();
      each(key -> {
        switch (key) {
          case "pid" -> runtime.pid = whole().orElse(0L);
          case "neuron_runtime_tag" -> runtime.tag = text();
          case "report" -> each(group -> group(group, runtime));
          case "error" -> trouble("runtime", text());
          default -> {}
        }
      });
      String tag = runtime.tag.isEmpty() ? Long.toString(runtime.pid) : runtime.tag;
      cores.endOfRuntime(tag);
      if (runtimes.size() < MOST_RUNTIMES) {
        runtimes.add(runtime.report(tag));
      } else {
        trouble("neuron_runtime_data", "more than " + MOST_RUNTIMES + " runtimes");
      }
    }

    private void group(String name, Draft runtime) throws IOException {
      switch (name) {
        case "execution_stats" -> {
          runtime.executionError = group(name, key -> execution(key, runtime));
          if (runtime.executionError.isPresent()) {
            runtime.forgetExecutions();
          }
        }
        case "memory_used" -> {
          runtime.memoryError =
              group(
                  name,
                  key -> {
                    if (key.equals("neuron_runtime_used_bytes")) {
                      each(location -> memory(location, runtime));
                    }
                  });
          if (runtime.memoryError.isPresent()) {
            runtime.memoryBytes.clear();
            cores.forgetMemory();
          }
        }
        case "neuron_runtime_vcpu_usage" -> {
          runtime.cpuError =
              group(
                  name,
                  key -> {
                    if (key.equals("vcpu_usage")) {
                      each(mode -> ratio(RuntimeReport.MODES, mode, runtime.cpuRatios));
                    }
                  });
          if (runtime.cpuError.isPresent()) {
            runtime.cpuRatios.clear();
          }
        }
        case "neuroncore_counters" -> {
          Optional<String> error =
              group(
                  name,
                  key -> {
                    if (key.equals("neuroncores_in_use")) {
                      each(this::utilization);
                    }
                  });
          if (error.isPresent()) {
            cores.forgetUtilization();
          }
        }
        default -> {}
      }
    }

    /** The group's error, with which its values are none; an empty word is none. */
    private Optional<String> group(String name, Field field) throws IOException {
      String[] error = {""};
      each(key -> {
        if (key.equals("error")) {
          error[0] = text();
        } else {
          field.read(key);
        }
      });
      trouble(name, error[0]);
      return error[0].isEmpty() ? Optional.empty() : Optional.of(error[0]);
    }

    private void execution(String key, Draft runtime) throws IOException {
      switch (key) {
        case "execution_summary" ->
            each(status -> count(RuntimeReport.STATUSES, status, runtime.executions));
        case "error_summary" -> each(type -> count(RuntimeReport.ERRORS, type, runtime.errors));
        case "latency_stats" -> each(latency -> latency(latency, runtime));
        default -> {}
      }
    }

    private void latency(String key, Draft runtime) throws IOException {
      String stage = key.replace("_latency", "");
      if (!RuntimeReport.STAGES.contains(stage)) {
        return;
      }
      Map<String, Double> seconds = new HashMap<>();
      each(percentile -> number(RuntimeReport.PERCENTILES, percentile, 1, seconds));
      if (!seconds.isEmpty()) {
        runtime.latencies.put(stage, seconds);
      }
    }

    private void memory(String key, Draft runtime) throws IOException {
      switch (key) {
        case "host" -> whole().ifPresent(bytes -> runtime.memoryBytes.put("host", bytes));
        case "neuron_device" ->
            whole().ifPresent(bytes -> runtime.memoryBytes.put("device", bytes));
        case "usage_breakdown" ->
            each(part -> {
              if (part.equals("neuroncore_memory_usage")) {
                each(core -> {
                  bounded("memory_used", core);
                  each(category -> coreMemory(core, category));
                });
              }
            });
        default -> {}
      }
    }

    private void coreMemory(String core, String key) throws IOException {
      String category = CATEGORIES.get(key);
      if (category != null) {
        whole().ifPresent(bytes -> cores.memory(core, category, bytes));
      }
    }

    /**
     * The flops, and the physical cores beneath on Trn2 ({@code v3d}), are not taken; a core that
     * is said to do more than it can does all it can.
     */
    private void utilization(String core) throws IOException {
      bounded("neuroncore_counters", core);
      Map<String, Double> ratios = new HashMap<>();
      each(key -> ratio(List.of("neuroncore_utilization"), key, ratios));
      ratios.values().forEach(ratio -> cores.utilization(core, Math.min(ratio, 1)));
    }

    private void bounded(String group, String core) {
      if (CoreTally.isBeyond(core)) {
        trouble(group, "more than " + CoreTally.MOST_CORES + " cores");
      }
    }

    private void system(String key) throws IOException {
      if (key.equals("neuron_hw_counters")) {
        Optional<String> error =
            group(
                key,
                inner -> {
                  if (inner.equals("neuron_devices")) {
                    elements(this::device);
                  }
                });
        if (error.isPresent()) {
          devices.clear();
        }
      }
    }

    private void device() throws IOException {
      Map<String, Long> counts = new HashMap<>();
      long[] index = {-1};
      each(key -> {
        if (key.equals("neuron_device_index")) {
          index[0] = whole().orElse(-1L);
        } else {
          count(DeviceEcc.KINDS, key, counts);
        }
      });
      if (index[0] >= MOST_DEVICES) {
        trouble("neuron_hw_counters", "more than " + MOST_DEVICES + " devices");
      } else if (index[0] >= 0) {
        int number = (int) index[0];
        if (devices.putIfAbsent(number, new DeviceEcc(number, counts)) != null) {
          trouble("neuron_hw_counters", "a device is there twice; the first is taken");
        }
      }
    }

    /** No metadata service answers on site: that error is no trouble. */
    private void words(String group, Map<String, String> words) throws IOException {
      each(key -> {
        if (key.equals("error")) {
          trouble(group, group.equals("instance_info") ? "" : text());
        } else if (json.currentToken().isScalarValue()) {
          words.put(key, text());
        }
      });
    }

    private void trouble(String group, String error) {
      if (!error.isEmpty() && troubles.size() < MOST_TROUBLES) {
        troubles.add(new Trouble(group, error));
      }
    }

    private void count(List<String> known, String key, Map<String, Long> counts)
        throws IOException {
      if (known.contains(key)) {
        whole().ifPresent(count -> counts.put(key, count));
      }
    }

    private void ratio(List<String> known, String key, Map<String, Double> ratios)
        throws IOException {
      number(known, key, PERCENT, ratios);
    }

    private void number(List<String> known, String key, double over, Map<String, Double> numbers)
        throws IOException {
      if (known.contains(key) && json.currentToken().isNumeric()) {
        double value = json.getDoubleValue() / over;
        if (Double.isFinite(value) && value >= 0) {
          numbers.put(key, value);
        }
      }
    }

    /** Not negative; a number with a fraction is none. */
    private Optional<Long> whole() throws IOException {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
          || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        return Optional.empty();
      }
      long value = json.getLongValue();
      return value < 0 ? Optional.empty() : Optional.of(value);
    }

    /** Bounded and without control characters, as a label has it; empty for null. */
    private String text() throws IOException {
      if (json.currentToken() == JsonToken.VALUE_NULL || !json.currentToken().isScalarValue()) {
        return "";
      }
      String text = json.getText().replaceAll("\\p{Cc}", "?");
      return text.length() <= LONGEST_WORD ? text : text.substring(0, LONGEST_WORD);
    }

    /** The keys of the object that begins here; anything else, as null, has none. */
    private void each(Field field) throws IOException {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        return;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        field.read(key);
        json.skipChildren();
      }
    }

    private interface Element {
      void read() throws IOException;
    }

    /** The objects of the array that begins here; anything else has none. */
    private void elements(Element element) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        return;
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() == JsonToken.START_OBJECT) {
          element.read();
        }
        json.skipChildren();
      }
    }
  }

  /** One runtime while it is read. */
  private static final class Draft {
    private long pid;
    private String tag = "";
    private final Map<String, Long> executions = new HashMap<>();
    private final Map<String, Long> errors = new HashMap<>();
    private final Map<String, Map<String, Double>> latencies = new HashMap<>();
    private final Map<String, Long> memoryBytes = new HashMap<>();
    private final Map<String, Double> cpuRatios = new HashMap<>();
    private Optional<String> executionError = Optional.empty();
    private Optional<String> memoryError = Optional.empty();
    private Optional<String> cpuError = Optional.empty();

    void forgetExecutions() {
      executions.clear();
      errors.clear();
      latencies.clear();
    }

    RuntimeReport report(String shown) {
      return new RuntimeReport(
          pid,
          shown,
          executions,
          errors,
          latencies,
          memoryBytes,
          cpuRatios,
          executionError,
          memoryError,
          cpuError);
    }
  }
}
