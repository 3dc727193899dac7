package io.millwright.installed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The files of this checkout and of this build. The tests of a module run in its directory. */
final class Checkout {
  static final Path SYSTEMD = Path.of("").toAbsolutePath();
  static final Path UNITS = SYSTEMD.resolve("units");
  static final Path TARGET = SYSTEMD.resolve("target");
  static final Path SIMULATED_LIBRARY =
      SYSTEMD.resolveSibling("simulator").resolve("target/native/libnvidia-ml.so.1");

  private Checkout() {}

  /** All files beneath a directory, in order. */
  static List<Path> files(Path directory) {
    try (Stream<Path> found = Files.walk(directory)) {
      return found.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("listing " + directory, e);
    }
  }

  static void copy(Path from, Path to) {
    try {
      for (Path file : Files.isDirectory(from) ? files(from) : List.of(from)) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(
            file, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("copying " + from + " to " + to, e);
    }
  }

  static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }
}
