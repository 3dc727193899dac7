package io.millwright.drivers.nvml;

import java.util.List;
import java.util.OptionalInt;

/** The workload power profiles by their numbers: {@code nvmlPowerProfileType_t}. */
public final class PowerProfile {
  /** In the order of {@code NVML_POWER_PROFILE_*}. */
  private static final List<String> WORDS =
      List.of(
          "max_p",
          "max_q",
          "compute",
          "memory_bound",
          "network",
          "balanced",
          "llm_inference",
          "llm_training",
          "rbm",
          "dcpcie",
          "hmma_sparse",
          "hmma_dense",
          "sync_balanced",
          "hpc",
          "mig");

  private PowerProfile() {}

  /** NVIDIA's word for a profile, {@code unknown(n)} for one that came later. */
  public static String word(int profile) {
    return profile < WORDS.size() ? WORDS.get(profile) : "unknown(" + profile + ")";
  }

  /** The words of all that are known, in the order of their numbers. */
  public static List<String> words() {
    return WORDS;
  }

  /** The number of a word; empty for one that is none. */
  public static OptionalInt number(String word) {
    int number = WORDS.indexOf(word);
    return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
  }
}
