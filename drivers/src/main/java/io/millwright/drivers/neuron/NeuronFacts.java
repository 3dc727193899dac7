package io.millwright.drivers.neuron;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millwright.drivers.CallWatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Short texts of one directory that are read when something is opened, and not again and again. */
record NeuronFacts(Path directory, CallWatch watch) {
  private static final int LONGEST = 4096;

  /** The text without blanks around it; empty where there is none. */
  Optional<String> text(String file) {
    return raw(file).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** The text as it stands there; empty where it cannot be read. */
  Optional<String> raw(String file) {
    Path path = directory.resolve(file);
    if (!Files.isReadable(path)) {
      return Optional.empty();
    }
    String call = "read " + file;
    watch.entered(call);
    Optional<String> text = attempt(path);
    watch.returned(call, text.isPresent() ? 0 : -1);
    return text;
  }

  private static Optional<String> attempt(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return Optional.of(new String(in.readNBytes(LONGEST), US_ASCII));
    } catch (IOException failure) {
      return Optional.empty();
    }
  }
}
