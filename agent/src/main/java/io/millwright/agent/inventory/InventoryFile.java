package io.millwright.agent.inventory;

import io.millwright.agent.records.WholeFile;
import io.millwright.protocol.bodies.InventoryBody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The accepted inventory on the disk: one file, replaced as a whole, so that a crash leaves the old
 * one or the new one.
 *
 * <p><i>Threading:</i> one owner at a time. <i>Failure:</i> a file that cannot be understood is one
 * warning and is as none; a disk that cannot be written to is one warning.
 */
final class InventoryFile {
  private static final Logger LOG = LoggerFactory.getLogger(InventoryFile.class);
  private static final String NAME = "accepted-inventory.json";
  private static final long LARGEST = 64 * 1024;

  private final Path directory;
  private boolean failing;

  /**
   * @param directory whose parent must be there for the file to be kept
   */
  InventoryFile(Path directory) {
    this.directory = directory;
  }

  private Path file() {
    return directory.resolve(NAME);
  }

  /** What was kept. */
  InventoryBody read() {
    if (!Files.exists(file())) {
      return InventoryBody.NONE;
    }
    try {
      if (Files.size(file()) > LARGEST) {
        throw new IOException("it is longer than " + LARGEST + " bytes");
      }
      return InventoryBody.of(Files.readAllBytes(file()));
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn(
          "the accepted inventory cannot be understood and counts as none, until the collector tells it again; file={}: {}",
          file(),
          e.getMessage());
      return InventoryBody.NONE;
    }
  }

  /** Whether it is on the disk now; where nothing is accepted there is no file. */
  boolean keep(InventoryBody inventory) {
    try {
      if (inventory.devices().isEmpty()) {
        Files.deleteIfExists(file());
      } else {
        WholeFile.write(directory, NAME, inventory.json());
      }
      if (failing) {
        LOG.info("the accepted inventory is kept again file={}", file());
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warn("the accepted inventory cannot be kept over a restart file={}", file(), e);
      }
      failing = true;
    }
    return !failing;
  }
}
