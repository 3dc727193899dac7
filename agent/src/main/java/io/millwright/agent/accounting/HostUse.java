package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.job.HostAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

/**
 * Follows the control group of a run for as long as it is there, and keeps what it said last. Files
 * of cgroup v2: {@code cpu.stat}, {@code memory.peak} or, on kernels before 5.19, {@code
 * memory.current}, and {@code io.stat}. One owner, the caller, which waits for the kernel.
 */
final class HostUse {
  private static final double MICROS = 1e6;

  private OptionalDouble cpuSeconds = OptionalDouble.empty();
  private OptionalDouble peakMemoryBytes = OptionalDouble.empty();
  private OptionalDouble readBytes = OptionalDouble.empty();
  private OptionalDouble writtenBytes = OptionalDouble.empty();

  /** Looks once; a group that is not there, or a file that it lacks, changes nothing. */
  void look(Path group) {
    text(group, "cpu.stat")
        .flatMap(text -> field(text, "usage_usec"))
        .ifPresent(micros -> cpuSeconds = OptionalDouble.of(micros / MICROS));
    text(group, "memory.peak")
        .or(() -> text(group, "memory.current"))
        .flatMap(HostUse::number)
        .ifPresent(bytes ->
            peakMemoryBytes = OptionalDouble.of(Math.max(bytes, peakMemoryBytes.orElse(0))));
    text(group, "io.stat")
        .ifPresent(text -> {
          readBytes = OptionalDouble.of((double) sum(text, line -> amount(line, "rbytes=")));
          writtenBytes = OptionalDouble.of((double) sum(text, line -> amount(line, "wbytes=")));
        });
  }

  HostAccount account() {
    return new HostAccount(cpuSeconds, peakMemoryBytes, readBytes, writtenBytes);
  }

  private static Optional<String> text(Path group, String file) {
    try {
      return Optional.of(Files.readString(group.resolve(file)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static Optional<Long> field(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .findFirst()
        .flatMap(line -> number(line.substring(name.length())));
  }

  private static long sum(String text, ToLongFunction<String> amount) {
    return text.lines().mapToLong(amount).sum();
  }

  /** {@code 259:0 rbytes=4096 wbytes=0 rios=1 …}. */
  private static long amount(String line, String name) {
    for (String word : line.split(" ")) {
      if (word.startsWith(name)) {
        return number(word.substring(name.length())).orElse(0L);
      }
    }
    return 0;
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException other) {
      return Optional.empty();
    }
  }
}
