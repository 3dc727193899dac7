package io.millwright.protocol.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files that hold keys: written as a whole or not at all, on the disk before they have their name,
 * and readable by nobody else (files 0600, directories 0700).
 *
 * <p><i>Failure:</i> a {@link TlsException} with the path and the remedy.
 */
public final class SecretFiles {
  private static final FileAttribute<Set<PosixFilePermission>> FILE = mode("rw-------");
  private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY = mode("rwx------");
  private static final int LARGEST_BYTES = 64 * 1024;
  private static final String PARTIAL = ".partial";

  private SecretFiles() {}

  /**
   * Makes a directory with these files, or nothing; an empty one may be there.
   *
   * @param files content by path relative to the directory
   */
  public static void createDirectory(Path directory, Map<String, String> files) {
    Path target = directory.toAbsolutePath().normalize();
    requireRoom(target);
    Path partial = partialOf(target);
    try {
      Files.createDirectory(partial, DIRECTORY);
    } catch (FileAlreadyExistsException interrupted) {
      throw interrupted(partial);
    } catch (IOException failure) {
      throw new TlsException("making the directory " + partial, failure);
    }
    fill(partial, target, files);
  }

  /** Throws where such a directory could not be made for what is there already. */
  public static void requireRoom(Path directory) {
    Path target = directory.toAbsolutePath().normalize();
    refuseFull(target);
    ensureDirectory(parentOf(target));
    if (Files.exists(partialOf(target))) {
      throw interrupted(partialOf(target));
    }
    if (!Files.isWritable(parentOf(target))) {
      throw new TlsException(
          "the directory %s may not be written to: name another place, or become its owner"
              .formatted(parentOf(target)));
    }
  }

  private static TlsException interrupted(Path partial) {
    return new TlsException(
        "%s is left of an attempt that was interrupted, or another is at work: remove it and try again"
            .formatted(partial));
  }

  /** Where a directory stands until it is complete. */
  public static Path partialOf(Path directory) {
    Path target = directory.toAbsolutePath().normalize();
    return target.resolveSibling(target.getFileName() + PARTIAL);
  }

  /** Makes a directory that may be there already. */
  public static void ensureDirectory(Path directory) {
    try {
      Files.createDirectories(directory, DIRECTORY);
    } catch (IOException failure) {
      throw new TlsException("making the directory " + directory, failure);
    }
  }

  /** Writes a file that is not there yet. */
  public static void createFile(Path file, String text) {
    if (!claim(file, text)) {
      throw new TlsException(file + " is there already: remove it, or name another file");
    }
  }

  /**
   * Writes a file unless it is there: of all threads and processes that try, one wins.
   *
   * @return whether it was written now
   */
  public static boolean claim(Path file, String text) {
    Path target = file.toAbsolutePath();
    try {
      write(target, text);
      sync(parentOf(target));
      return true;
    } catch (FileAlreadyExistsException there) {
      return false;
    } catch (IOException failure) {
      throw new TlsException("writing " + file, failure);
    }
  }

  /** Puts another content in the place of a file's, in one step. */
  public static void replaceFile(Path file, String text) {
    Path target = file.toAbsolutePath();
    Path partial = target.resolveSibling(target.getFileName() + PARTIAL);
    try {
      Files.deleteIfExists(partial);
      write(partial, text);
      rename(partial, target);
    } catch (IOException failure) {
      throw new TlsException("writing " + file, failure);
    }
  }

  /** Puts a file in the place of another in the same directory, in one step. */
  public static void renameFile(Path file, Path place) {
    try {
      rename(file.toAbsolutePath(), place.toAbsolutePath());
    } catch (IOException failure) {
      throw new TlsException("putting %s in the place of %s".formatted(file, place), failure);
    }
  }

  private static void rename(Path file, Path target) throws IOException {
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    sync(parentOf(target));
  }

  /** The text of a file that others may neither read nor write. */
  public static String read(Path file) {
    refuseOpen(file);
    return readPublic(file);
  }

  /** The text of a file that anybody may read. */
  public static String readPublic(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw new TlsException(file + " is larger than 64 KiB, which is the most that is allowed");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException absent) {
      throw new TlsException(file + " is not there");
    } catch (IOException failure) {
      throw new TlsException("reading " + file, failure);
    }
  }

  private static void refuseFull(Path target) {
    if (!Files.exists(target)) {
      return;
    }
    try (Stream<Path> content = Files.list(target)) {
      if (content.findAny().isPresent()) {
        throw new TlsException(
            target + " is there already and is not empty: name another directory, or remove it");
      }
    } catch (IOException failure) {
      throw new TlsException("looking into the directory " + target, failure);
    }
  }

  private static void fill(Path partial, Path target, Map<String, String> files) {
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = partial.resolve(file.getKey());
        Path parent = parentOf(path);
        Files.createDirectories(parent, DIRECTORY);
        write(path, file.getValue());
        sync(parent);
      }
      sync(partial);
      rename(partial, target);
    } catch (IOException failure) {
      TlsException failed = new TlsException("writing the directory " + target, failure);
      remove(partial, failed);
      throw failed;
    }
  }

  /** Only what this attempt made: the directory is its own. */
  private static void remove(Path partial, TlsException because) {
    if (!Files.exists(partial)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(partial)) {
      for (Path path : tree.toList().reversed()) {
        Files.delete(path);
      }
    } catch (IOException left) {
      because.addSuppressed(left);
    }
  }

  private static void write(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** Of an absolute path; that of the root is itself. */
  private static Path parentOf(Path path) {
    return Optional.ofNullable(path.getParent()).orElse(path);
  }

  /** A name is on the disk only when its directory is. */
  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** The group may read: systemd shows the access list of a credential as the group's rights. */
  private static void refuseOpen(Path file) {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      boolean open =
          mode.contains(PosixFilePermission.OTHERS_READ)
              || mode.contains(PosixFilePermission.OTHERS_WRITE)
              || mode.contains(PosixFilePermission.GROUP_WRITE);
      if (open && Files.isRegularFile(file)) {
        throw new TlsException(
            "%s has the mode %s, allowed is that nobody else reads it: chmod 600 %s"
                .formatted(file, PosixFilePermissions.toString(mode), file));
      }
    } catch (NoSuchFileException absent) {
      throw new TlsException(file + " is not there");
    } catch (IOException failure) {
      throw new TlsException("looking at the mode of " + file, failure);
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }
}
