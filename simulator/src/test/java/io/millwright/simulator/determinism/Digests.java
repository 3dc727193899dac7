package io.millwright.simulator.determinism;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What some seeds come to, frame by frame. */
final class Digests {
  private Digests() {}

  /** A digest of all that happens in each of these histories. */
  static List<String> of(long first, int count, Path directory) throws IOException {
    PrintStream log = System.err;
    Hush hush = new Hush(log, false);
    System.setErr(hush);
    List<String> digests = new ArrayList<>();
    try (Ground ground = new Ground(new Trust(directory.resolve("trust"), Trust.NODES))) {
      for (long seed = first; seed < first + count; seed++) {
        Trace trace = new Trace(true);
        try (History history = new History(seed, ground, hush, trace)) {
          history.run();
        }
        digests.add(seed + " " + trace.digest());
        dump(seed, trace);
      }
    } finally {
      System.setErr(log);
    }
    return digests;
  }

  /** For whoever looks for the difference of two runs: {@code -Dtraces=DIRECTORY}. */
  private static void dump(long seed, Trace trace) throws IOException {
    String into = System.getProperty("traces", "");
    if (!into.isEmpty()) {
      Files.write(
          Files.createDirectories(Path.of(into)).resolve("seed-" + seed), trace.comparable());
    }
  }

  /**
   * In a process of its own, whose hashes are others.
   *
   * @param words the first seed, how many, and a directory to use
   */
  public static void main(String... words) throws IOException {
    of(Long.parseLong(words[0]), Integer.parseInt(words[1]), Path.of(words[2]))
        .forEach(System.out::println);
  }
}
