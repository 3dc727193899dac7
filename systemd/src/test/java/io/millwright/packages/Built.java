package io.millwright.packages;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Both packages as {@code ./millwright package} builds them, once for all tests of a run. */
record Built(Path directory, Path agent, Path collector) {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  private static final class Once {
    private static final Built BUILT = build(Path.of("target/packages").toAbsolutePath());
  }

  static Built packages() {
    return Once.BUILT;
  }

  /** The checkout. */
  static Path home() {
    return HOME;
  }

  /** Builds into a directory, one process at a time; what is there from the same input is kept. */
  static Built build(Path directory, String... words) {
    Path lock = directory.resolveSibling(directory.getFileName() + ".lock");
    try (FileChannel only = FileChannel.open(lock, CREATE, WRITE);
        FileLock _ = only.lock()) {
      return alone(directory, words);
    } catch (IOException broken) {
      throw new UncheckedIOException("locking " + lock, broken);
    }
  }

  private static Built alone(Path directory, String... words) {
    List<String> command =
        Stream.concat(
                Stream.of(
                    "sh",
                    HOME.resolve("systemd/package/build.sh").toString(),
                    directory.toString()),
                Stream.of(words))
            .toList();
    System.out.print(
        Shell.run(
                Duration.ofMinutes(10),
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                command)
            .good());
    return new Built(
        directory, one(directory, "millwright-agent"), one(directory, "millwright-collector"));
  }

  List<Path> both() {
    return List.of(agent, collector);
  }

  private static Path one(Path directory, String name) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(name + "_"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + name + " in " + directory));
    } catch (IOException broken) {
      throw new UncheckedIOException("looking into " + directory, broken);
    }
  }
}
