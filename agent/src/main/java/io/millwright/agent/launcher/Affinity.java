package io.millwright.agent.launcher;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether a run with accelerators is kept near them. */
public enum Affinity {
  /** It has all processors and all memory. */
  NONE,
  /** It has the processors of its devices' NUMA nodes. */
  CPUS,
  /** It has their memory alone, too: what it wants beyond that is out of memory. */
  MEMORY;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Affinity> ofWord(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
  }

  /** All words, for a sentence. */
  static String words() {
    return Arrays.stream(values()).map(Affinity::word).collect(Collectors.joining(", "));
  }
}
