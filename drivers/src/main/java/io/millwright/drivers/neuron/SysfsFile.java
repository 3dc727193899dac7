package io.millwright.drivers.neuron;

import io.millwright.drivers.host.Faults;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One file of a device, opened to be read and never to be written, and read by one {@code pread}
 * from its beginning.
 *
 * <p><i>Failure:</i> a file that was open and no longer answers (the driver was reloaded: {@code
 * ENODEV}) is opened anew at once, and the round is told.
 */
final class SysfsFile implements AutoCloseable {
  private final Path path;
  private final String call;
  private final boolean keptOpen;
  private @Nullable FileChannel open;
  private Fault fault = Fault.NOT_FOUND;

  /**
   * @param device directory of the device
   * @param name below it
   * @param keptOpen whether it stays open between rounds; what is read seldom does not
   */
  SysfsFile(Path device, String name, boolean keptOpen) {
    this.path = device.resolve(name);
    this.call = "read " + name;
    this.keptOpen = keptOpen;
  }

  /** Reads it into the round's text; where it could not, {@link #fault()} says why. */
  boolean read(SysfsRound round) {
    round.watch().entered(call);
    boolean wasOpen = open != null;
    boolean read = attempt(round);
    if (!read && wasOpen) {
      round.reopened();
      read = attempt(round);
    }
    round.watch().returned(call, read ? 0 : -1);
    if (read) {
      round.answered();
    } else {
      round.failed();
    }
    return read;
  }

  private boolean attempt(SysfsRound round) {
    try {
      round.text().fillAtOnce(opened());
      if (!keptOpen) {
        close();
      }
      return true;
    } catch (IOException failure) {
      fault = Faults.of(failure);
      close();
      return false;
    }
  }

  private FileChannel opened() throws IOException {
    FileChannel file = open;
    if (file == null) {
      file = FileChannel.open(path, StandardOpenOption.READ);
      open = file;
    }
    return file;
  }

  /** Why the last reading failed. */
  Fault fault() {
    return fault;
  }

  @Override
  public void close() {
    FileChannel file = open;
    open = null;
    if (file == null) {
      return;
    }
    try {
      file.close();
    } catch (IOException ignored) {
      // nothing was written; the descriptor is gone either way
    }
  }
}
