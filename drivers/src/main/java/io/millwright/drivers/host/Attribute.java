package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One sysfs file with one value. A driver may take its time to answer, so each reading is told to
 * the watch.
 */
final class Attribute {
  private static final int LONGEST = 4096;

  private final Path path;
  private final String call;
  private final CallWatch watch;
  private Fault fault = Fault.NOT_FOUND;

  Attribute(Path path, CallWatch watch) {
    this.path = path;
    this.call = "read " + path;
    this.watch = watch;
  }

  boolean exists() {
    return Files.exists(path);
  }

  /** The value without blanks around it; where there is none, {@link #fault()} says why. */
  Optional<String> text() {
    watch.entered(call);
    Optional<String> text = attempt();
    watch.returned(call, text.isPresent() ? 0 : -1);
    return text;
  }

  private Optional<String> attempt() {
    try (InputStream in = Files.newInputStream(path)) {
      return Optional.of(new String(in.readNBytes(LONGEST), UTF_8).strip());
    } catch (IOException failure) {
      fault = Faults.of(failure);
      return Optional.empty();
    }
  }

  /** The value as a signed decimal number; where there is none, {@link #fault()} says why. */
  OptionalLong number() {
    Optional<String> text = text();
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text.get()));
    } catch (NumberFormatException garbage) {
      fault = Fault.PARSE;
      return OptionalLong.empty();
    }
  }

  /** Why there was no value the last time. */
  Fault fault() {
    return fault;
  }
}
