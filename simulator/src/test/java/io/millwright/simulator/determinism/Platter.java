package io.millwright.simulator.determinism;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What processes of a node wrote and did not synchronise before they died. It is there for the next
 * process to read, and goes with the machine's power unless somebody synchronises it.
 */
final class Platter {
  private final Path files;
  private final Random random;
  private final Map<Path, Long> safe = new TreeMap<>();

  /**
   * @param files of the node
   */
  Platter(Path files, Random random) {
    this.files = files;
    this.random = random;
  }

  /** Its writer is gone: what is behind this place was not synchronised. */
  void left(FileChannel file, long from) throws IOException {
    if (file.isOpen() && file.size() > from) {
      safe.merge(fileOf(file), from, Math::min);
    }
  }

  /** All of it, also what others have written. */
  void synchronised(FileChannel file) throws IOException {
    if (!safe.isEmpty()) {
      safe.remove(fileOf(file));
    }
  }

  /** Whether a power cut would take anything now. */
  boolean holdsUnsafe() {
    return !safe.isEmpty();
  }

  @Override
  public String toString() {
    return safe.toString();
  }

  /** The power goes, with all that was not synchronised, or with a part of that. */
  void losePower() throws IOException {
    for (Map.Entry<Path, Long> file : safe.entrySet()) {
      if (Files.exists(file.getKey()) && Files.size(file.getKey()) > file.getValue()) {
        try (FileChannel channel = FileChannel.open(file.getKey(), StandardOpenOption.WRITE)) {
          long lost = channel.size() - file.getValue();
          channel.truncate(file.getValue() + random.nextInt((int) lost));
        }
      }
    }
    safe.clear();
  }

  /** Somebody has deleted files; others of their names are others. */
  void forgetGone() {
    safe.keySet().removeIf(path -> !Files.exists(path));
  }

  /** A channel does not tell its file: it is the one that grows with it. */
  private Path fileOf(FileChannel channel) throws IOException {
    Map<Path, Long> before = new HashMap<>();
    for (Path path : all()) {
      before.put(path, Files.size(path));
    }
    long size = channel.size();
    channel.write(ByteBuffer.allocate(1), size);
    try {
      for (Map.Entry<Path, Long> file : before.entrySet()) {
        if (Files.size(file.getKey()) != file.getValue()) {
          return file.getKey();
        }
      }
    } finally {
      channel.truncate(size);
    }
    throw new IllegalStateException("a file of the node that nobody finds: " + files);
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> all = Files.walk(files)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
