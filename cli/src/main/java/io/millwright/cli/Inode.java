package io.millwright.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Map;

/** Whose a file is and who may do what with it. */
record Inode(int uid, int mode) {
  /** No file that we believe has more bytes. */
  static final int LARGEST = 4096;

  private static final int TYPE = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int PLAIN = 0100000;
  private static final int OTHERS = 0077;
  private static final int OTHERS_WRITE = 0022;

  static Inode of(Path file, LinkOption... links) throws IOException {
    Map<String, Object> found = Files.readAttributes(file, "unix:uid,mode", links);
    if (found.get("uid") instanceof Integer uid && found.get("mode") instanceof Integer mode) {
      return new Inode(uid, mode);
    }
    throw new IOException("its owner is not known");
  }

  /** The user of this process. */
  static int ownUid() throws IOException {
    return of(Path.of("/proc/self")).uid();
  }

  boolean directory() {
    return (mode & TYPE) == DIRECTORY;
  }

  boolean plain() {
    return (mode & TYPE) == PLAIN;
  }

  /** Whether group or others may do anything with it. */
  boolean open() {
    return (mode & OTHERS) != 0;
  }

  /** Whether group or others may write it. */
  boolean writable() {
    return (mode & OTHERS_WRITE) != 0;
  }

  /** All of a small file. */
  static byte[] read(Path file, OpenOption... options) throws IOException {
    try (InputStream in = Files.newInputStream(file, options)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new IOException("it has more than %d bytes".formatted(LARGEST));
      }
      return bytes;
    }
  }
}
