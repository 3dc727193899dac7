package io.millwright.protocol.vocabulary.job;

import java.util.OptionalDouble;

/**
 * What a run used of its host, as the kernel accounts its control group. What was not read is
 * absent.
 *
 * @param cpuSeconds of all processors
 * @param peakMemoryBytes most memory that the group had
 * @param readBytes from block devices
 * @param writtenBytes to block devices
 */
public record HostAccount(
    OptionalDouble cpuSeconds,
    OptionalDouble peakMemoryBytes,
    OptionalDouble readBytes,
    OptionalDouble writtenBytes) {
  /** Of a run whose group nobody could read. */
  public static final HostAccount UNKNOWN =
      new HostAccount(
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());

  public HostAccount {
    cpuSeconds.ifPresent(given -> Wording.amount("cpu_seconds", given));
    peakMemoryBytes.ifPresent(given -> Wording.amount("peak_memory_bytes", given));
    readBytes.ifPresent(given -> Wording.amount("read_bytes", given));
    writtenBytes.ifPresent(given -> Wording.amount("written_bytes", given));
  }
}
