package io.millwright.collector.backup;

import io.millwright.collector.store.StoreCopy;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies the collector's files of a directory into another, which is there whole or not at all. The
 * collector may run. The authority's keys and the tokens of people are not in it.
 *
 * <p>Damaged accounts of runs are left out: the book is worth a backup without them.
 *
 * <p><i>Failure:</i> {@link BackupException}, {@code StoreException}; nothing is left then.
 */
public final class Backup {
  private final Path data;
  private final Path target;
  private final Clock clock;

  /**
   * @param data the collector's directory
   * @param target the directory that is made
   */
  public Backup(Path data, Path target, Clock clock) {
    this.data = data.toAbsolutePath().normalize();
    this.target = target.toAbsolutePath().normalize();
    this.clock = clock;
  }

  /**
   * What was made.
   *
   * @param without what was left out because it is damaged, and why, in one sentence
   */
  public record Made(BackupManifest manifest, Optional<String> without) {}

  /** Makes it; on the disk when this returns. */
  public Made make() {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new BackupException(
          "backup %s: it is there already and is not written over; name a directory that is not"
              .formatted(target));
    }
    if (!Files.isRegularFile(data.resolve(StoreCopy.Kind.STORE.fileName()))) {
      throw new BackupException(
          "backup: no store is in %s; name the directory that the collector has with --data"
              .formatted(data));
    }
    try {
      return written();
    } catch (IOException e) {
      throw new BackupException(
          "backup %s: it cannot be written (%s); see that its parent is a directory with room that you may write"
              .formatted(target, BackupFiles.words(e)),
          e);
    }
  }

  private Made written() throws IOException {
    Path part = BackupFiles.temporary(target);
    try {
      List<BackupManifest.Copied> files = new ArrayList<>();
      Optional<String> without = Optional.empty();
      for (StoreCopy.Kind kind : StoreCopy.Kind.values()) {
        Path source = data.resolve(kind.fileName());
        if (Files.isRegularFile(source)) {
          try {
            files.add(copied(kind, source, part));
          } catch (StoreException e) {
            if (kind != StoreCopy.Kind.USAGE || !e.isDamage()) {
              throw e;
            }
            Files.deleteIfExists(part.resolve(kind.fileName()));
            without = Optional.of(withoutAccounts(source, e));
          }
        }
      }
      StoreCopy.Head head =
          new StoreCopy(StoreCopy.Kind.STORE, part.resolve(StoreCopy.Kind.STORE.fileName())).head();
      BackupManifest manifest =
          new BackupManifest(
              head.identity(),
              head.term(),
              head.revision(),
              clock.wall().truncatedTo(ChronoUnit.MILLIS),
              files);
      BackupFiles.write(part.resolve(BackupManifest.FILE), manifest.json());
      BackupFiles.force(part);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      BackupFiles.force(BackupFiles.parent(target));
      return new Made(manifest, without);
    } catch (IOException | RuntimeException e) {
      BackupFiles.remove(part);
      throw e;
    }
  }

  private static String withoutAccounts(Path source, StoreException why) {
    return "backup: %s is damaged and left out (%s); stop the collector, put that of an earlier backup in its place, or move it away"
        .formatted(source, why.getMessage());
  }

  private static BackupManifest.Copied copied(StoreCopy.Kind kind, Path source, Path directory)
      throws IOException {
    Path copy = directory.resolve(kind.fileName());
    StoreCopy.of(kind, source, copy).check();
    BackupFiles.force(copy);
    return new BackupManifest.Copied(kind, Files.size(copy), BackupFiles.sha256(copy));
  }
}
