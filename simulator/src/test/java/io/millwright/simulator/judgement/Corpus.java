package io.millwright.simulator.judgement;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All traces, by the files they stand in. */
final class Corpus {
  static final Path DIRECTORY = Path.of("src", "test", "resources", "judgement");

  private Corpus() {}

  static List<Trace> traces() {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      List<Trace> traces = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".trace")).sorted().toList()) {
        traces.addAll(TraceFile.traces(Files.readString(file)));
      }
      return traces;
    } catch (IOException e) {
      throw new UncheckedIOException("reading the traces of " + DIRECTORY, e);
    }
  }

  /** Those of whole racks. */
  static List<RackTrace> racks() {
    Path file = DIRECTORY.resolve("racks.racks");
    try {
      return RackFile.traces(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }
}
