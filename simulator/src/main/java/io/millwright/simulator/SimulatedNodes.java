package io.millwright.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** Where the simulated nodes of this user are kept. */
final class SimulatedNodes {
  private SimulatedNodes() {}

  /** The directory of a node, short enough for its control socket. */
  static Path directory(String node) {
    if (!node.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")) {
      throw new IllegalArgumentException(
          "node name '" + node + "': allowed are 1 to 32 letters, digits, '_', '.' and '-'");
    }
    String base =
        Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
            .orElse("/tmp/millwright-" + System.getProperty("user.name"));
    return Path.of(base, "millwright-simulated", node);
  }

  /**
   * The directory, made if it is not there, and this user's own: a library is loaded from it.
   *
   * @throws IOException where it cannot be made or belongs to somebody else
   */
  static Path ownDirectory(String node) throws IOException {
    Path directory = directory(node);
    Files.createDirectories(directory);
    for (Path level : List.of(directory, directory.getParent())) {
      if (!Files.getOwner(level).getName().equals(System.getProperty("user.name"))) {
        throw new IOException(
            level + " belongs to somebody else: remove it or set XDG_RUNTIME_DIR");
      }
      Files.setPosixFilePermissions(level, PosixFilePermissions.fromString("rwx------"));
    }
    return directory;
  }

  /** The built library, in the checkout that the launcher names. */
  static Path library() {
    String home = Optional.ofNullable(System.getenv("MILLWRIGHT_HOME")).orElse(".");
    return Path.of(home, "simulator", "target", "native", "libnvidia-ml.so.1").toAbsolutePath();
  }
}
