package io.millwright.simulator;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where the simulated nodes of this user are kept. */
final class SimulatedNodes {
  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OTHER_WRITERS =
      PosixFilePermissions.fromString("----w--w-");

  private SimulatedNodes() {}

  /** The directory of a node, short enough for its control socket. */
  static Path directory(String node) {
    if (!node.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")) {
      throw new IllegalArgumentException(
          "node name '" + node + "': allowed are 1 to 32 letters, digits, '_', '.' and '-'");
    }
    return base().resolve("millwright-simulated").resolve(node);
  }

  private static Path base() {
    return Path.of(
        Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
            .orElse("/tmp/millwright-" + System.getProperty("user.name")));
  }

  /**
   * The directory, made if it is not there, and this user's own from its base on: a library is
   * loaded from it.
   *
   * @throws IOException where it cannot be made, or somebody else could put a library there
   */
  static Path ownDirectory(String node) throws IOException {
    Path directory = directory(node);
    for (Path level : List.of(base(), directory.getParent(), directory)) {
      try {
        Files.createDirectory(level, PosixFilePermissions.asFileAttribute(OWN));
      } catch (FileAlreadyExistsException there) {
        requireOwn(level);
      }
    }
    return directory;
  }

  private static void requireOwn(Path level) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(level, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    Set<PosixFilePermission> writers = new HashSet<>(attributes.permissions());
    writers.retainAll(OTHER_WRITERS);
    if (!attributes.isDirectory()
        || !writers.isEmpty()
        || !attributes.owner().getName().equals(System.getProperty("user.name"))) {
      throw new IOException(
          level
              + " is not a directory that only you can write to: remove it, or set XDG_RUNTIME_DIR"
              + " to one that is");
    }
  }

  /** The built library, in the checkout that the launcher names. */
  static Path library() {
    String home = Optional.ofNullable(System.getenv("MILLWRIGHT_HOME")).orElse(".");
    return Path.of(home, "simulator", "target", "native", "libnvidia-ml.so.1").toAbsolutePath();
  }
}
