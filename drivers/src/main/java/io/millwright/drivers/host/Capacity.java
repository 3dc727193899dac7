package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Fault;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What statvfs(3) says of a mounted file system. */
sealed interface Capacity {

  /** The file system answered. */
  record Known(long sizeBytes, long availableBytes) implements Capacity {}

  /** It did not, or not to us. */
  record Unknown(Fault fault) implements Capacity {}

  /**
   * Asks the file system, and may not return. {@link File} asks it at once but says 0 where it
   * failed; what says 0 is asked again by way of {@link FileStore}, which gives the reason and
   * looks through the mount table each time.
   *
   * @param mountPoint an absolute path, not decoded further
   */
  static Capacity of(String mountPoint) {
    File file = new File(mountPoint);
    long size = file.getTotalSpace();
    long available = size == 0 ? 0 : file.getUsableSpace();
    return available > 0 ? new Known(size, available) : reasoned(mountPoint);
  }

  private static Capacity reasoned(String mountPoint) {
    try {
      FileStore store = Files.getFileStore(Path.of(mountPoint));
      return new Known(store.getTotalSpace(), store.getUsableSpace());
    } catch (IOException failure) {
      return new Unknown(Faults.of(failure));
    } catch (InvalidPathException unspeakable) {
      return new Unknown(Fault.OTHER); // not a name in this process's character encoding
    }
  }
}
