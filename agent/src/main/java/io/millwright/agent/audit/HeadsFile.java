package io.millwright.agent.audit;

import io.millwright.agent.records.WholeFile;
import io.millwright.protocol.bodies.AuditHeadsBody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kept heads on the disk.
 *
 * <p><i>Threading:</i> one owner at a time. <i>Failure:</i> a file that cannot be understood is one
 * warning, is put aside and is as none; a disk that cannot be written to is one warning.
 */
final class HeadsFile {
  static final String NAME = "audit-heads.json";
  static final String ASIDE = NAME + ".unreadable";
  private static final Logger LOG = LoggerFactory.getLogger(HeadsFile.class);
  private static final long LARGEST = 64 * 1024;

  private final Path directory;
  private boolean failing;

  /**
   * @param directory whose parent must be there for the file to be kept
   */
  HeadsFile(Path directory) {
    this.directory = directory;
  }

  /** What was kept; empty where nothing was. */
  Optional<AuditHeadsBody> read() {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > LARGEST) {
        throw new IOException("it is longer than " + LARGEST + " bytes");
      }
      return Optional.of(AuditHeadsBody.of(Files.readAllBytes(file)));
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn(
          "the kept heads of audit logs cannot be understood and count as none; they are put aside as {} file={}: {}",
          ASIDE,
          file,
          e.getMessage());
      putAside(file);
      return Optional.empty();
    }
  }

  /** It may still say something to a person. */
  private void putAside(Path file) {
    try {
      Files.move(file, directory.resolve(ASIDE), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("the kept heads cannot be put aside file={}", file, e);
    }
  }

  /** Whether it is on the disk now. */
  boolean keep(AuditHeadsBody heads) {
    try {
      WholeFile.write(directory, NAME, heads.json());
      if (failing) {
        LOG.info("heads of audit logs are kept again directory={}", directory);
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warn("heads of audit logs cannot be kept over a restart directory={}", directory, e);
      }
      failing = true;
    }
    return !failing;
  }
}
