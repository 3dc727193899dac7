package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signed orders of runs that have not begun: in memory, and a file each beside the journal, so
 * that an agent that is begun anew still has them. Not forced to the disk: what had not begun when
 * the node went down does not begin any more. Not in the journal: an older agent reads that.
 *
 * <p><i>Threading:</i> the thread {@code jobs}. <i>Failure:</i> an order that cannot be kept or
 * read is logged, and after a restart its run is asked for without: a launcher that wants a
 * signature then refuses it.
 */
final class OrderShelf {
  private static final Logger LOG = LoggerFactory.getLogger(OrderShelf.class);
  private static final String PARTIAL = "partial";

  private final Path directory;
  private final Map<RunId, StartOrder> newest = new HashMap<>();

  OrderShelf(Path directory) {
    this.directory = directory;
  }

  /** Keeps it in the place of an earlier one of the run. */
  void put(RunId run, StartOrder order) {
    newest.put(run, order);
    try {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path partial = Files.write(directory.resolve(PARTIAL), EntryJson.bytes(order));
      Files.move(partial, directory.resolve(run.text()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException trouble) {
      LOG.warn("an order cannot be kept for a restart run={}", run.text(), trouble);
    }
  }

  Optional<StartOrder> of(RunId run) {
    return Optional.ofNullable(newest.get(run)).or(() -> kept(run));
  }

  private Optional<StartOrder> kept(RunId run) {
    try {
      byte[] kept = Files.readAllBytes(directory.resolve(run.text()));
      return Optional.of(EntryJson.read(kept, StartOrder.class));
    } catch (NoSuchFileException unsigned) {
      return Optional.empty();
    } catch (IOException trouble) {
      LOG.warn("an order cannot be read run={}", run.text(), trouble);
      return Optional.empty();
    }
  }

  /**
   * Deletes those of all other runs.
   *
   * @param runs as {@link RunId#text} says them
   */
  void keep(Set<String> runs) {
    newest.keySet().removeIf(run -> !runs.contains(run.text()));
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!runs.contains(file.getFileName().toString())) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException trouble) {
      LOG.warn("orders of runs that have begun cannot be deleted", trouble);
    }
  }
}
