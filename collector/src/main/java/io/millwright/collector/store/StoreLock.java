package io.millwright.collector.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps a second process away from a store.
 *
 * <p>A file of its own beside the store: SQLite's locks end with each transaction, and a lock of
 * the process on the store itself would be lost when anything in it closed that file. The kernel
 * drops it with the process, however that ends; the file stays and does no harm.
 */
public final class StoreLock implements AutoCloseable {
  private static final int LONGEST_PID = 20;

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of this store, or throws the sentence that says who has it.
   *
   * @param store whether or not it is there; its directory is
   */
  public static StoreLock take(Path store) throws IOException {
    FileChannel channel = FileChannel.open(beside(store), options(), ownerOnly());
    try {
      if (lock(channel).isEmpty()) {
        throw new StoreException(
            "store %s: process %s has it open; stop that collector first, or give this one a store of its own"
                .formatted(store, holder(channel)));
      }
      sign(channel);
      return new StoreLock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Path beside(Path store) {
    return store.resolveSibling(store.getFileName() + ".lock");
  }

  private static Set<StandardOpenOption> options() {
    return Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
  }

  static java.nio.file.attribute.FileAttribute<?> ownerOnly() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  }

  private static Optional<FileLock> lock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      return Optional.empty(); // this very process has it
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST_PID);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("[0-9]+") ? pid : "of another collector";
  }

  private static void sign(FileChannel channel) throws IOException {
    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(pid), 0);
  }

  /** Makes the store's file, empty and for its owner alone; SQLite gives its log the same mode. */
  static void makeFile(Path store) throws IOException {
    if (!Files.exists(store)) {
      Files.createFile(store, ownerOnly());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
