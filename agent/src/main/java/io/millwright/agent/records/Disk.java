package io.millwright.agent.records;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a disk can fail at; tests put one in that does. */
public interface Disk {
  /** Writes all of it where the channel stands. */
  default void write(FileChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** Makes sure that it is on the disk. */
  default void force(FileChannel file) throws IOException {
    file.force(false);
  }

  /** Bytes left for this user. */
  default long usable(Path path) throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  static Disk real() {
    return new Disk() {};
  }
}
