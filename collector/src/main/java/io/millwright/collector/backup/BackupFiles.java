package io.millwright.collector.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What a backup does with files: for their owner alone, and on the disk. */
final class BackupFiles {
  private BackupFiles() {}

  /** An empty directory beside the one that is to be made. */
  static Path temporary(Path directory) throws IOException {
    return Files.createTempDirectory(
        parent(directory),
        "." + directory.getFileName() + ".",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  static Path parent(Path file) throws IOException {
    return Optional.ofNullable(file.getParent())
        .orElseThrow(() -> new IOException(file + " has no parent"));
  }

  private static FileAttribute<?> ownerOnly() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  }

  static void write(Path file, byte[] bytes) throws IOException {
    Files.createFile(file, ownerOnly());
    Files.write(file, bytes);
    force(file);
  }

  /** To the disk: a file's bytes, or the names in a directory. */
  static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static String sha256(Path file) throws IOException {
    return copy(file, OutputStream.nullOutputStream());
  }

  /** Copies a file to one that is not there yet, and tells the sum of what it copied. */
  static String copy(Path from, Path to) throws IOException {
    Files.createFile(to, ownerOnly());
    try (OutputStream out = Files.newOutputStream(to)) {
      return copy(from, out);
    }
  }

  private static String copy(Path from, OutputStream to) throws IOException {
    MessageDigest digest = digest();
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = new DigestOutputStream(to, digest)) {
      in.transferTo(out);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A directory of files, and what is in it. */
  static void remove(Path directory) throws IOException {
    List<Path> files;
    try (var found = Files.list(directory)) {
      files = found.toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(directory);
  }

  /** Why, without the path that the sentence has already where the system says it. */
  static String words(IOException failure) {
    return failure instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
