package io.millwright.agent.self;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much memory a process uses, as the kernel counts it. Where {@code smaps_rollup} cannot be
 * read (Linux before 4.14, a hardened /proc) the resident set is that of {@code status}; {@code
 * statm} counts pages, whose size differs between machines (64 KiB on some Arm servers) and is not
 * told there.
 */
final class OwnMemory {
  private static final long KIBIBYTE = 1024;

  private final Path process;

  OwnMemory(Path process) {
    this.process = process;
  }

  /**
   * @param rssBytes resident, shared pages included
   * @param privateBytes resident and of this process alone; empty where the kernel does not say
   */
  record Usage(long rssBytes, OptionalLong privateBytes) {}

  /** Reads what can be read; empty where nothing can. */
  Optional<Usage> read() {
    Optional<String> rollup = text("smaps_rollup");
    OptionalLong rss = rollup.map(t -> bytes(t, "Rss:")).orElseGet(OptionalLong::empty);
    if (rollup.isPresent() && rss.isPresent()) {
      return Optional.of(new Usage(rss.getAsLong(), privateBytes(rollup.get())));
    }
    OptionalLong resident =
        text("status").map(t -> bytes(t, "VmRSS:")).orElseGet(OptionalLong::empty);
    return resident.isPresent()
        ? Optional.of(new Usage(resident.getAsLong(), OptionalLong.empty()))
        : Optional.empty();
  }

  private static OptionalLong privateBytes(String rollup) {
    OptionalLong clean = bytes(rollup, "Private_Clean:");
    OptionalLong dirty = bytes(rollup, "Private_Dirty:");
    return clean.isPresent() && dirty.isPresent()
        ? OptionalLong.of(clean.getAsLong() + dirty.getAsLong())
        : OptionalLong.empty();
  }

  private Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(process.resolve(file), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty(); // no such file, or not for us: the fallback's turn
    }
  }

  /** The value of a line as in {@code Rss: 1234 kB}. */
  private static OptionalLong bytes(String text, String key) {
    return text.lines()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(key.length()).replace("kB", "").strip())
        .filter(number -> number.matches("[0-9]{1,15}"))
        .mapToLong(number -> Long.parseLong(number) * KIBIBYTE)
        .findFirst();
  }
}
