package io.millwright.drivers.neuron.monitor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Records of the test resources; PROVENANCE.md says what they are. */
final class Records {
  private Records() {}

  static String line(String file) {
    try (InputStream in =
        Objects.requireNonNull(Records.class.getResourceAsStream("/neuron/monitor/" + file))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  static MonitorRecord of(String file) {
    return read(line(file));
  }

  static MonitorRecord read(String line) {
    return switch (result(line)) {
      case ReadResult.Read(MonitorRecord record) -> record;
      case ReadResult.Malformed(String why) -> throw new AssertionError(why);
    };
  }

  static ReadResult result(String line) {
    try {
      return new RecordReader()
          .read(new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading bytes of memory", e);
    }
  }
}
