package io.millwright.agent.evidence;

import io.millwright.protocol.bodies.BundleManifest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a bundle: a ZIP whose first entry is the manifest. Nothing is held in memory. */
final class Archive {
  private static final String MANIFEST = "manifest.json";

  private Archive() {}

  /** A part that lies in a file. */
  record Piece(String name, Path file, boolean simulated) {
    BundleManifest.Part part() throws IOException {
      return new BundleManifest.Part(name, Files.size(file), sha256(file), simulated);
    }
  }

  /** Whole and durable when it returns; the file must not be there before. */
  static void write(BundleManifest manifest, List<Piece> pieces, Path file) throws IOException {
    try (FileChannel out =
            FileChannel.open(
                file,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-r-----")));
        ZipOutputStream zip =
            new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(out)))) {
      zip.putNextEntry(entry(MANIFEST, manifest));
      zip.write(manifest.json());
      for (Piece piece : pieces) {
        zip.putNextEntry(entry(piece.name(), manifest));
        Files.copy(piece.file(), zip);
      }
      zip.closeEntry();
      zip.finish();
      zip.flush();
      out.force(true);
    }
  }

  private static ZipEntry entry(String name, BundleManifest manifest) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(manifest.atMs());
    return entry;
  }

  static String sha256(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
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
}
