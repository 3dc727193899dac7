package io.millwright.agent.evidence;

import io.millwright.protocol.bodies.BundleManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The bundles that the node keeps: so many and so many bytes, the oldest goes first, the newest
 * stays. They outlive the agent.
 *
 * <p><i>Threading:</i> one thread keeps, any reads. <i>Failure:</i> {@link IOException}.
 */
final class Shelf {
  private static final String SUFFIX = ".zip";
  private static final String WORK = ".work-";

  private final Path directory;
  private final int most;
  private final long mostBytes;

  Shelf(Path directory, int most, long mostBytes) {
    this.directory = directory;
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /** A piece of a bundle. */
  @SuppressWarnings("ArrayRecordComponent") // bytes that nobody compares
  record Piece(byte[] bytes, boolean ended) {}

  /**
   * Makes the directory, and deletes what an agent that was killed left half done, where it can.
   */
  void open() throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, WORK + "*")) {
      for (Path half : left) {
        Capture.cleanUp(half);
      }
    }
  }

  Path scratch(String id) {
    return directory.resolve(WORK + id);
  }

  /** Where a bundle is written before it is kept. */
  Path unfinished(String id) {
    return directory.resolve(WORK + id + SUFFIX);
  }

  /** Puts a bundle that is written among those that are kept, and lets the oldest go. */
  void keep(String id) throws IOException {
    Files.move(unfinished(id), file(id));
    try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
      self.force(true); // the name too
    }
    prune();
  }

  private Path file(String id) {
    return directory.resolve(id + SUFFIX);
  }

  private void prune() throws IOException {
    List<Path> newestFirst = new ArrayList<>(files());
    newestFirst.sort(Comparator.<Path, String>comparing(Path::toString).reversed());
    long bytes = 0;
    for (int i = 0; i < newestFirst.size(); i++) {
      bytes += Files.size(newestFirst.get(i));
      if (i > 0 && (i >= most || bytes > mostBytes)) {
        Files.delete(newestFirst.get(i));
      }
    }
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> kept = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : kept) {
        if (!file.getFileName().toString().startsWith(WORK)) {
          files.add(file);
        }
      }
    }
    return files;
  }

  /** The ids of those that are kept, the newest last. */
  List<String> ids() throws IOException {
    return files().stream()
        .map(file -> file.getFileName().toString())
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .sorted()
        .toList();
  }

  /** Bytes from an offset on; empty where no such bundle is kept. */
  Optional<Piece> read(String id, long offset, int most) throws IOException {
    if (!BundleManifest.isId(id)) {
      return Optional.empty();
    }
    try (FileChannel file = FileChannel.open(file(id), StandardOpenOption.READ)) {
      long left = Math.max(0, file.size() - offset);
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(left, most));
      while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) > 0) {}
      byte[] bytes = new byte[buffer.position()];
      buffer.flip().get(bytes);
      return Optional.of(new Piece(bytes, bytes.length == left));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }
}
