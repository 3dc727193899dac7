package io.millwright.simulator.neuron;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * One file that stands for one of sysfs: it is rewritten in place by one write at its beginning, so
 * that a reader with an open descriptor sees what is new. Where the text gets shorter, the rest is
 * cut off after that, and a reader in between finds old bytes behind the new line; sysfs has no
 * such moment.
 *
 * <p>What is rewritten often stays open, within the node's {@link Budget}.
 */
final class SysfsFile {
  private static final int OFTEN = 3;
  private static final Set<PosixFilePermission> WRITABLE =
      PosixFilePermissions.fromString("rw-------");

  private final Path path;
  private final Set<PosixFilePermission> mode;
  private final Budget budget;
  private Optional<FileChannel> channel = Optional.empty();
  private int length;
  private int rewrites;
  private boolean hangs;

  SysfsFile(Path path, int mode, Budget budget) {
    this.path = path;
    this.mode = permissions(mode);
    this.budget = budget;
  }

  /** How many files may stay open. */
  static final class Budget {
    private int left;

    Budget(int most) {
      this.left = most;
    }

    private boolean take() {
      if (left == 0) {
        return false;
      }
      left--;
      return true;
    }

    private void giveBack() {
      left++;
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder text = new StringBuilder("rwxrwxrwx");
    for (int bit = 0; bit < text.length(); bit++) {
      if ((mode >> (text.length() - 1 - bit) & 1) == 0) {
        text.setCharAt(bit, '-');
      }
    }
    return PosixFilePermissions.fromString(text.toString());
  }

  Path path() {
    return path;
  }

  /** Makes it, with its mode from the first moment on. */
  void create(String text) throws IOException {
    createAt(path, text);
  }

  /** Makes it in a directory that gets its own name later. */
  void createAt(Path path, String text) throws IOException {
    FileAttribute<?> attribute = PosixFilePermissions.asFileAttribute(mode);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    try (FileChannel made = FileChannel.open(path, options, attribute)) {
      length = made.write(bytes(text));
    }
  }

  /** Rewrites it in place; while it hangs nothing is written. */
  void rewrite(String text) throws IOException {
    if (hangs) {
      return;
    }
    rewrites++;
    if (channel.isPresent()) {
      write(channel.get(), text);
      return;
    }
    FileChannel opened = open();
    if (rewrites >= OFTEN && budget.take()) {
      channel = Optional.of(opened);
      write(opened, text);
      return;
    }
    try (opened) {
      write(opened, text);
    }
  }

  private void write(FileChannel to, String text) throws IOException {
    ByteBuffer bytes = bytes(text);
    int fresh = bytes.remaining();
    to.write(bytes, 0);
    if (fresh < length) {
      to.truncate(fresh);
    }
    length = fresh;
  }

  /** Also where its mode forbids it to its owner, as the kernel writes what nobody else may. */
  private FileChannel open() throws IOException {
    if (mode.contains(PosixFilePermission.OWNER_WRITE)) {
      return FileChannel.open(path, StandardOpenOption.WRITE);
    }
    Files.setPosixFilePermissions(path, WRITABLE);
    FileChannel opened = FileChannel.open(path, StandardOpenOption.WRITE);
    Files.setPosixFilePermissions(path, mode);
    return opened;
  }

  /** Goes away; who has it open reads an empty file from then on. */
  void vanish() throws IOException {
    if (hangs) {
      answer(""); // nobody is left waiting
    }
    rewrite("");
    close();
    Files.deleteIfExists(path);
  }

  /**
   * From now on whoever opens it waits: a FIFO that nobody writes to is in its place. Who has it
   * open reads an empty file.
   */
  void hang() throws IOException {
    if (hangs) {
      return;
    }
    rewrite("");
    close();
    Files.delete(path);
    makeFifo();
    hangs = true;
  }

  private void makeFifo() throws IOException {
    try {
      Process made = new ProcessBuilder("mkfifo", "-m", "644", path.toString()).start();
      if (made.waitFor() != 0) {
        throw new IOException("mkfifo " + path + " failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("mkfifo " + path + " was interrupted", e);
    }
  }

  /** Is a file again; readers that waited have this text, once each. */
  void answer(String text) throws IOException {
    if (!hangs) {
      return;
    }
    hangs = false;
    try (FileChannel waiting =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Files.delete(path);
      create(text);
      waiting.write(bytes(text)); // opened for both, it waits for nobody
    }
  }

  void close() throws IOException {
    if (channel.isPresent()) {
      channel.get().close();
      channel = Optional.empty();
      budget.giveBack();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
