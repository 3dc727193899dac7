package io.millwright.simulator.neuron;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The node's kernel log: records in the form of {@code /dev/kmsg}. Sequence numbers rise with the
 * file, so that they go on where an earlier process stopped; a file that is too long takes no more.
 */
final class KernelLog {
  private static final long LONGEST = 4L << 20;
  private static final long NANOS_PER_MICRO = 1000;

  private final Path file;
  private final Clock clock;

  KernelLog(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /** Makes the file; a kernel has one before any driver. */
  void create() throws IOException {
    append("");
  }

  /** One line, as a warning. */
  void write(String text) {
    try {
      long size = Files.size(file);
      if (size < LONGEST) {
        append("4,%d,%d,-;%s\n".formatted(size, clock.nanos() / NANOS_PER_MICRO, text));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  private void append(String line) throws IOException {
    Files.writeString(
        file, line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
