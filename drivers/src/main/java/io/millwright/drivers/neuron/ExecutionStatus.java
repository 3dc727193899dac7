package io.millwright.drivers.neuron;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The outcomes of executions, from the names of {@code stats/status} to the words of the catalogue.
 * Names as in the driver's source 2.24 to 2.29, and the three of the user guide that are older. A
 * name that nobody knows is {@code other}; several names of one word are summed.
 */
final class ExecutionStatus {
  private static final String OTHER = "other";

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("success", "success"),
          Map.entry("timeout", "timeout"),
          Map.entry("exec_bad_input", "bad_input"),
          Map.entry("hw_error", "hw_error"),
          Map.entry("hw_collectives_error", "collectives_error"),
          Map.entry("hw_hbm_ue_error", "hbm_ue"),
          Map.entry("hw_repairable_hbm_ue_error", "hbm_ue"),
          Map.entry("hw_nc_ue_error", "nc_ue"),
          Map.entry("hw_dma_abort_error", "dma_abort"),
          Map.entry("execute_completed_with_num_error", "numerical_error"),
          Map.entry("infer_completed_with_num_error", "numerical_error"),
          Map.entry("execute_completed_with_error", "completed_with_error"),
          Map.entry("infer_completed_with_error", "completed_with_error"),
          Map.entry("execute_failed_to_queue", "failed_to_queue"),
          Map.entry("infer_failed_to_queue", "failed_to_queue"),
          Map.entry("resource_error", "resource_error"),
          Map.entry("resource_nc_error", "resource_error"),
          Map.entry("oob_error", "oob_error"));

  private ExecutionStatus() {}

  /** The names that each word stands for, of those that are there. */
  static Map<String, List<String>> byWord(List<String> names) {
    Map<String, List<String>> byWord = new TreeMap<>();
    for (String name : names) {
      byWord.computeIfAbsent(WORDS.getOrDefault(name, OTHER), word -> new ArrayList<>()).add(name);
    }
    return byWord;
  }
}
