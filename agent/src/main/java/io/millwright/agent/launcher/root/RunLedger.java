package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Facts;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The runs that were ever begun on this node: an empty file each, in a directory that is root's
 * alone. A run is claimed before anything of it is begun, and stays so whatever happens; nothing
 * here takes a claim back.
 *
 * <p><i>Threading:</i> any thread; the file system decides between two.
 */
record RunLedger(Path directory) {

  /** Whether the run was still free; the claim is on the disk when this returns. */
  boolean claim(RunId run) throws IOException {
    Path begun = Files.createDirectories(directory.resolve("begun"));
    try (FileChannel file =
        FileChannel.open(
            begun.resolve(run.text()), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.force(true);
    } catch (FileAlreadyExistsException taken) {
      return false;
    }
    Facts.force(begun);
    return true;
  }

  boolean holds(RunId run) {
    return Files.exists(directory.resolve("begun").resolve(run.text()));
  }
}
