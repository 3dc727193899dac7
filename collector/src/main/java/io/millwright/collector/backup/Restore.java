package io.millwright.collector.backup;

import io.millwright.collector.store.Op;
import io.millwright.collector.store.StoreCopy;
import io.millwright.collector.store.StoreLock;
import io.millwright.protocol.bodies.JsonMistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Makes a collector's directory of a backup: the store of a new generation, which knows that it was
 * restored.
 *
 * <p>The store is put in its place last, so that a restore that was interrupted leaves no store.
 *
 * <p><i>Failure:</i> {@link BackupException}, {@code StoreException}; the directory is then as it
 * was.
 */
public final class Restore {
  /** Agents take no generation that is further away: {@code docs/protocol.md}. */
  private static final long FARTHEST = 1L << 20;

  private static final String PART = ".restoring";

  private final Path backup;
  private final Path data;
  private final OptionalLong wanted;

  /**
   * @param data the collector's directory; made where it is not there
   * @param wanted generation; the backup's next otherwise
   */
  public Restore(Path backup, Path data, OptionalLong wanted) {
    this.backup = backup.toAbsolutePath().normalize();
    this.data = data.toAbsolutePath().normalize();
    this.wanted = wanted;
  }

  /** What was restored, and under which generation. */
  public record Restored(BackupManifest backup, long generation) {}

  /**
   * Restores; on the disk when this returns.
   *
   * @param note what the store is to hold besides, of what is restored
   */
  public Restored run(Function<Restored, Op.Put> note) {
    BackupManifest manifest = manifest();
    Restored restored = new Restored(manifest, generation(manifest));
    try {
      if (!Files.isDirectory(data)) {
        Files.createDirectories(
            data,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      try (StoreLock _ = StoreLock.take(place(StoreCopy.Kind.STORE))) {
        refuseOccupied();
        put(restored, note.apply(restored));
      }
      return restored;
    } catch (IOException e) {
      throw new BackupException(
          "restore into %s: it cannot be written (%s); see that there is room and that you may write there"
              .formatted(data, BackupFiles.words(e)),
          e);
    }
  }

  private BackupManifest manifest() {
    Path file = backup.resolve(BackupManifest.FILE);
    try {
      return BackupManifest.of(Files.readAllBytes(file));
    } catch (JsonMistake e) {
      throw new BackupException("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new BackupException(
          "%s: it cannot be read (%s); name a directory that 'millwright collector backup' made"
              .formatted(file, BackupFiles.words(e)),
          e);
    }
  }

  private long generation(BackupManifest manifest) {
    long had = manifest.store().generation();
    long next = wanted.orElse(had + 1);
    if (next <= had || next > FARTHEST) {
      throw new BackupException(
          "--generation: '%d' is refused; allowed is from %d, the one behind the backup's, to %d"
              .formatted(next, had + 1, FARTHEST));
    }
    return next;
  }

  private Path place(StoreCopy.Kind kind) {
    return data.resolve(kind.fileName());
  }

  private void refuseOccupied() {
    for (StoreCopy.Kind kind : StoreCopy.Kind.values()) {
      for (String suffix : List.of("", "-wal", "-journal")) {
        Path there = data.resolve(kind.fileName() + suffix);
        if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
          throw new BackupException(
              "restore into %s: %s is there and is not written over; move it aside, or name another directory"
                  .formatted(data, there.getFileName()));
        }
      }
    }
  }

  private void put(Restored restored, Op.Put note) throws IOException {
    List<BackupManifest.Copied> files = restored.backup().files();
    try {
      for (BackupManifest.Copied file : files) {
        copied(file);
      }
      new StoreCopy(StoreCopy.Kind.STORE, part(StoreCopy.Kind.STORE))
          .renew(restored.generation(), List.of(note));
      for (BackupManifest.Copied file : files.reversed()) {
        BackupFiles.force(part(file.kind()));
        Files.move(part(file.kind()), place(file.kind()), StandardCopyOption.ATOMIC_MOVE);
        BackupFiles.force(data);
      }
    } catch (IOException | RuntimeException e) {
      for (BackupManifest.Copied file : files) {
        Files.deleteIfExists(part(file.kind()));
      }
      throw e;
    }
  }

  private Path part(StoreCopy.Kind kind) {
    return data.resolve(kind.fileName() + PART);
  }

  /** What is restored is the very copy that was checked. */
  private void copied(BackupManifest.Copied file) throws IOException {
    Path from = backup.resolve(file.kind().fileName());
    Path part = part(file.kind());
    Files.deleteIfExists(part); // of a restore that was killed; the lock is ours
    String sum;
    try {
      sum = BackupFiles.copy(from, part);
    } catch (NoSuchFileException e) {
      throw new BackupException(
          "%s: it is missing; the backup is not whole, take another".formatted(from), e);
    }
    if (Files.size(part) != file.bytes() || !sum.equals(file.sha256())) {
      throw new BackupException(
          "%s: it is not the file that was backed up, its SHA-256 is %s and not %s; take another backup"
              .formatted(from, sum, file.sha256()));
    }
    new StoreCopy(file.kind(), part).check();
  }
}
