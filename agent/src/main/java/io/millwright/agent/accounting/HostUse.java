package io.millwright.agent.accounting;

import io.millwright.protocol.vocabulary.job.HostAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

/**
 * Follows the control group of a run for as long as it is there, and keeps what it said last. Files
 * of cgroup v2: {@code cpu.stat}, {@code memory.peak} or, on kernels before 5.19, {@code
 * memory.current}, {@code memory.events} and {@code io.stat}. One owner, the caller, which waits
 * for the kernel.
 */
final class HostUse {
  private static final double MICROS = 1e6;

  private OptionalDouble cpuSeconds = OptionalDouble.empty();
  private OptionalDouble peakMemoryBytes = OptionalDouble.empty();
  private OptionalDouble readBytes = OptionalDouble.empty();
  private OptionalDouble writtenBytes = OptionalDouble.empty();
  private OptionalDouble memoryBytes = OptionalDouble.empty();
  private OptionalDouble userSeconds = OptionalDouble.empty();
  private OptionalDouble systemSeconds = OptionalDouble.empty();
  private OptionalDouble oomKills = OptionalDouble.empty();

  /** Looks once; a group that is not there, or a file that it lacks, changes nothing. */
  void look(Path group) {
    String cpu = text(group, "cpu.stat").orElse("");
    field(cpu, "usage_usec").ifPresent(micros -> cpuSeconds = OptionalDouble.of(micros / MICROS));
    userSeconds = seconds(cpu, "user_usec");
    systemSeconds = seconds(cpu, "system_usec");
    Optional<Long> current = text(group, "memory.current").flatMap(HostUse::number);
    memoryBytes = known(current);
    text(group, "memory.peak")
        .flatMap(HostUse::number)
        .or(() -> current)
        .ifPresent(bytes ->
            peakMemoryBytes = OptionalDouble.of(Math.max(bytes, peakMemoryBytes.orElse(0))));
    oomKills = known(text(group, "memory.events").flatMap(text -> field(text, "oom_kill")));
    text(group, "io.stat")
        .ifPresent(text -> {
          readBytes = OptionalDouble.of((double) sum(text, line -> amount(line, "rbytes=")));
          writtenBytes = OptionalDouble.of((double) sum(text, line -> amount(line, "wbytes=")));
        });
  }

  /** What is so now is not known without the group. */
  void unseen() {
    memoryBytes = OptionalDouble.empty();
    userSeconds = OptionalDouble.empty();
    systemSeconds = OptionalDouble.empty();
    oomKills = OptionalDouble.empty();
  }

  /** As of the last look. */
  RunUse use(RunId run) {
    return new RunUse(run, memoryBytes, userSeconds, systemSeconds, oomKills);
  }

  private static OptionalDouble seconds(String cpu, String name) {
    Optional<Long> micros = field(cpu, name);
    return micros.isPresent() ? OptionalDouble.of(micros.get() / MICROS) : OptionalDouble.empty();
  }

  private static OptionalDouble known(Optional<Long> number) {
    return number.isPresent()
        ? OptionalDouble.of(number.get().doubleValue())
        : OptionalDouble.empty();
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
