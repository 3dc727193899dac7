package io.millwright.simulator;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Directories that are gone when the JVM is. */
final class Scratch {
  private static final Path MEMORY = Path.of("/dev/shm");

  private Scratch() {}

  static Path directory(String prefix) throws IOException {
    return kept(Files.createTempDirectory(prefix));
  }

  /**
   * For what the kernel shows and keeps on no disk: in memory where this machine lets us, because a
   * disk that is busy takes seconds for what a kernel does at once.
   */
  static Path inMemory(String prefix) throws IOException {
    return Files.isWritable(MEMORY)
        ? kept(Files.createTempDirectory(MEMORY, prefix))
        : directory(prefix);
  }

  private static Path kept(Path made) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made), "scratch"));
    return made;
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + directory, e);
    }
  }
}
