package io.millwright.simulator;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a demo, one at a time for a user: all that it keeps lies in it, and all of it is
 * deleted at the end.
 *
 * <p>Jobs of a demo of root's run as nobody, who cannot enter it (and {@code /run/user/0} even
 * less), and need the sample program and the control sockets of the nodes. So these lie in {@code
 * open}: for root a link to a directory of {@code /tmp} with just the rights to pass through.
 *
 * <p><i>Lifecycle:</i> {@link #claim}, {@link #close} once, which deletes. <i>Failure:</i> one
 * sentence as an {@link IOException}.
 */
final class DemoPlace implements AutoCloseable {
  static final String NODES = "open/nodes";
  private static final String LOCK = "lock";
  private static final String BOOT = "boot";
  private static final int BOOT_LENGTH = 36;
  private static final String OPEN = "open";
  private static final String OPEN_PREFIX = "millwright-demo-";
  private static final Path TMP = Path.of("/tmp");
  private static final int TRIES = 20;
  private static final int RANDOM_BYTES = 8;
  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> PASSED =
      PosixFilePermissions.fromString("rwx--x--x");
  private static final Set<PosixFilePermission> LISTED =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path directory;
  private final FileChannel lock;
  private final boolean root;

  private DemoPlace(Path directory, FileChannel lock, boolean root) {
    this.directory = directory;
    this.lock = lock;
    this.root = root;
  }

  /** Another demo has it. */
  static final class Taken extends IOException {
    private static final long serialVersionUID = 1;

    Taken(Path directory) {
      super(
          "a demo of yours is running already, in %s: look at it there, or end it with Ctrl-C first"
              .formatted(directory));
    }
  }

  /** Takes the directory; what a killed demo left in it is ended and deleted first. */
  static DemoPlace claim(Clock clock) throws IOException {
    boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    IOException why =
        new IOException(SimulatedNodes.demo() + " cannot be locked: others come and go there");
    for (int i = 0; i < TRIES; i++) {
      try {
        SimulatedNodes.own(SimulatedNodes.base());
        Path directory = SimulatedNodes.own(SimulatedNodes.demo()).toRealPath();
        boolean there = Files.exists(directory.resolve(LOCK), LinkOption.NOFOLLOW_LINKS);
        Optional<FileChannel> lock = lock(directory);
        if (lock.isPresent()) {
          return new DemoPlace(directory, lock.get(), root).prepared(there, clock);
        }
      } catch (NoSuchFileException gone) {
        why = gone; // deleted by an ending demo in between, unless it stays so
      }
    }
    throw why;
  }

  private DemoPlace prepared(boolean lockWasThere, Clock clock) throws IOException {
    try {
      requireDemos(lockWasThere);
      new Leftovers(directory, clock).end();
      clear();
      furnish();
      return this;
    } catch (IOException e) {
      lock.close(); // not in our way at the next try
      throw e;
    }
  }

  /**
   * What is in there was made by a demo: each writes down the boot before all else, and deletes
   * that last.
   */
  private void requireDemos(boolean lockWasThere) throws IOException {
    if (holdsBoot()) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (!entry.getFileName().toString().equals(LOCK)) {
          if (!lockWasThere) {
            Files.deleteIfExists(directory.resolve(LOCK));
          }
          throw new IOException(
              directory + " has files that are no demo's: move them elsewhere, a demo deletes all");
        }
      }
    }
  }

  /** A demo that was killed at its very start can have left it empty. */
  private boolean holdsBoot() throws IOException {
    Path boot = directory.resolve(BOOT);
    return Files.isRegularFile(boot, LinkOption.NOFOLLOW_LINKS)
        && Files.size(boot) <= BOOT_LENGTH
        && Files.readString(boot, StandardCharsets.ISO_8859_1).matches("([0-9a-f-]{36})?");
  }

  /** Empty where an ending demo deleted the file in between. */
  private static Optional<FileChannel> lock(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              directory.resolve(LOCK),
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              mode("rw-------"));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
    if (!locked(channel)) {
      channel.close();
      throw new Taken(directory);
    }
    if (!opened(directory.resolve(LOCK))) {
      channel.close();
      return Optional.empty();
    }
    return Optional.of(channel);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException ourselves) {
      return false;
    }
  }

  /**
   * Whether the file that we have open is the one of this name still. Opening it once more to
   * compare would lose the lock with the second closing (POSIX).
   */
  private static boolean opened(Path file) throws IOException {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        if (leadsTo(descriptor, file)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean leadsTo(Path descriptor, Path file) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).equals(file);
    } catch (NoSuchFileException closed) {
      return false;
    }
  }

  private void furnish() throws IOException {
    Files.writeString(directory.resolve(BOOT), ProcessRow.bootId());
    if (root) {
      Path open = TMP.resolve(OPEN_PREFIX + random());
      Files.createSymbolicLink(directory.resolve(OPEN), open); // first: never lost
      Files.createDirectory(open);
      Files.setPosixFilePermissions(open, PASSED);
    } else {
      Files.createDirectory(directory.resolve(OPEN));
    }
    Files.createDirectory(nodes());
    Files.setPosixFilePermissions(nodes(), root ? LISTED : OWN);
    for (String name : new String[] {"logs", "jobs"}) {
      Files.createDirectory(directory.resolve(name));
    }
  }

  private static String random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A file that only its owner may read, there at once with all that is in it. */
  void secret(String name, String text) throws IOException {
    Path draft = directory.resolve(name + ".new");
    Files.createFile(draft, mode("rw-------"));
    Files.writeString(draft, text);
    Files.move(draft, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The directory of a simulated node; a job passes through it to the control socket. */
  Path node(String name) throws IOException {
    Path made = Files.createDirectory(nodes().resolve(name));
    Files.setPosixFilePermissions(made, root ? PASSED : OWN);
    return made;
  }

  /** Puts the sample program where jobs find it. */
  Path program(Path built) throws IOException {
    Path program = open().resolve(built.getFileName());
    Files.copy(built, program);
    Files.setPosixFilePermissions(program, LISTED);
    return program;
  }

  /** Whether jobs run as somebody else. */
  boolean root() {
    return root;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  Path nodes() throws IOException {
    return open().resolve("nodes");
  }

  /** By its real name, as policies and unix sockets want it. */
  Path open() throws IOException {
    return directory.resolve(OPEN).toRealPath();
  }

  /** All but the lock; last what says that it is a demo's. */
  private void clear() throws IOException {
    Path open = directory.resolve(OPEN);
    if (Files.isSymbolicLink(open)) {
      clearOpen(Files.readSymbolicLink(open));
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (!Set.of(LOCK, BOOT).contains(entry.getFileName().toString())) {
          delete(entry);
        }
      }
    }
    Files.deleteIfExists(directory.resolve(BOOT));
  }

  /** Only what a demo can have made. */
  private static void clearOpen(Path open) throws IOException {
    boolean ours =
        TMP.equals(open.getParent())
            && open.getFileName().toString().startsWith(OPEN_PREFIX)
            && Files.isDirectory(open, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(open, LinkOption.NOFOLLOW_LINKS)
                .getName()
                .equals(System.getProperty("user.name"));
    if (ours) {
      delete(open);
    }
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      clear();
      Files.deleteIfExists(directory.resolve(LOCK));
      deleteEmpty(directory);
      if (SimulatedNodes.ownBase()) {
        deleteEmpty(SimulatedNodes.base()); // ours, in /tmp
      }
    }
  }

  private static void deleteEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException usedAgain) {
      return;
    }
  }

  /** Follows no link; what goes by itself meanwhile is no trouble. */
  private static void delete(Path what) throws IOException {
    Files.walkFileTree(what, new Deletion());
  }

  private static FileAttribute<?> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
