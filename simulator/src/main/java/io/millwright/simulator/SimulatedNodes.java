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
import java.util.Optional;
import java.util.Set;

/** Where the simulated nodes of this user are kept. */
final class SimulatedNodes {
  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");
  private static final String SIMULATED = "millwright-simulated";
  private static final Set<PosixFilePermission> OTHER_WRITERS =
      PosixFilePermissions.fromString("----w--w-");

  private SimulatedNodes() {}

  /** The directory of a node, short enough for its control socket. */
  static Path directory(String node) {
    return base().resolve(SIMULATED).resolve(checked(node));
  }

  /** The directory of a node that runs: the demo's where it has one of this name. */
  static Path running(String node) {
    Path ofDemo = demo().resolve(DemoPlace.NODES).resolve(checked(node));
    return SimulatedNode.at(ofDemo).answers() ? ofDemo : directory(node);
  }

  private static String checked(String node) {
    if (!node.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")) {
      throw new IllegalArgumentException(
          "node name '" + node + "': allowed are 1 to 32 letters, digits, '_', '.' and '-'");
    }
    return node;
  }

  /** Where a demo of this user keeps all that it has. */
  static Path demo() {
    return base().resolve("millwright-demo");
  }

  /** Set to nothing or to no absolute path it counts as not set, as its specification says. */
  private static Optional<Path> given() {
    return Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
        .map(Path::of)
        .filter(Path::isAbsolute);
  }

  /** Whether we made up where the base is, and so may delete it. */
  static boolean ownBase() {
    return given().isEmpty();
  }

  static Path base() {
    return given().orElse(Path.of("/tmp/millwright-" + System.getProperty("user.name")));
  }

  /**
   * The directory, made if it is not there, and this user's own from its base on: a library is
   * loaded from it.
   *
   * @throws IOException where it cannot be made, or somebody else could put a library there
   */
  static Path ownDirectory(String node) throws IOException {
    Path directory = directory(node);
    own(base());
    own(base().resolve(SIMULATED));
    return own(directory);
  }

  /** One directory, made if it is not there, and this user's own. */
  static Path own(Path level) throws IOException {
    try {
      Files.createDirectory(level, PosixFilePermissions.asFileAttribute(OWN));
    } catch (FileAlreadyExistsException there) {
      requireOwn(level);
    }
    return level;
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
    return built("libnvidia-ml.so.1");
  }

  /** What {@code native/build.sh} built, in the checkout that the launcher names. */
  static Path built(String name) {
    String home = Optional.ofNullable(System.getenv("MILLWRIGHT_HOME")).orElse(".");
    return Path.of(home, "simulator", "target", "native", name).toAbsolutePath();
  }
}
