package io.millwright.drivers.neuron.monitor;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a record says of one process. An empty map is a group that the record does not have, or one
 * with an error, whose values are none.
 *
 * @param tag {@code NEURON_PROCESS_TAG} of the process, which the driver cuts to 31 characters, or
 *     its process id
 * @param executions how many ended in this period, by {@link #STATUSES}
 * @param errors how many there were in this period, by {@link #ERRORS}
 * @param latencies seconds by {@link #PERCENTILES}, by {@link #STAGES}
 * @param memoryBytes in use, by {@link #LOCATIONS}
 * @param cpuRatios parts of a processor's time, by {@link #MODES}
 * @param executionError what the group of executions and latencies says went wrong
 * @param memoryError likewise of memory
 * @param cpuError likewise of processor time
 */
public record RuntimeReport(
    long pid,
    String tag,
    Map<String, Long> executions,
    Map<String, Long> errors,
    Map<String, Map<String, Double>> latencies,
    Map<String, Long> memoryBytes,
    Map<String, Double> cpuRatios,
    Optional<String> executionError,
    Optional<String> memoryError,
    Optional<String> cpuError) {
  /** How an execution ends. */
  public static final List<String> STATUSES =
      List.of(
          "completed",
          "completed_with_err",
          "completed_with_num_err",
          "timed_out",
          "incorrect_input",
          "failed_to_queue");

  /** Kinds of errors. */
  public static final List<String> ERRORS =
      List.of("generic", "numerical", "transient", "model", "runtime", "hardware");

  /** What a latency is of: the whole execution, or the device alone. */
  public static final List<String> STAGES = List.of("total", "device");

  /** Of a hundred executions sorted by their latency. */
  public static final List<String> PERCENTILES =
      List.of("p0", "p1", "p25", "p50", "p75", "p99", "p100");

  /** Where memory is. */
  public static final List<String> LOCATIONS = List.of("host", "device");

  /** What processor time is spent in. */
  public static final List<String> MODES = List.of("user", "system");

  public RuntimeReport {
    executions = Map.copyOf(executions);
    errors = Map.copyOf(errors);
    latencies = Map.copyOf(latencies);
    memoryBytes = Map.copyOf(memoryBytes);
    cpuRatios = Map.copyOf(cpuRatios);
  }

  /** Seconds; empty where the record has none, as while nothing is executed. */
  OptionalDouble latency(String stage, String percentile) {
    Double seconds = latencies.getOrDefault(stage, Map.of()).get(percentile);
    return seconds == null ? OptionalDouble.empty() : OptionalDouble.of(seconds);
  }
}
