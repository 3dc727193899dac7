package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One file of {@code /proc}, kept open and read again from its beginning each round.
 *
 * <p><i>Failure:</i> a file that could never be read (this kernel does not have it, or we may not)
 * is tried again every {@value #ROUNDS_OF_REST} rounds; one that was read before is opened anew the
 * next round.
 */
final class ProcFile implements AutoCloseable {
  private static final int ROUNDS_OF_REST = 60;

  private final Path path;
  private final String call;
  private final CallWatch watch;
  private @Nullable FileChannel open;
  private Fault fault = Fault.NOT_FOUND;
  private boolean everRead;
  private int rest;

  ProcFile(Path path, CallWatch watch) {
    this.path = path;
    this.call = "read " + path;
    this.watch = watch;
  }

  /** Reads the file into this text; where it could not, {@link #fault()} says why. */
  boolean readInto(Text text) {
    if (rest > 0) {
      rest--;
      return false;
    }
    watch.entered(call);
    boolean read = attempt(text);
    watch.returned(call, read ? 0 : -1);
    return read;
  }

  private boolean attempt(Text text) {
    try {
      text.fill(opened());
      everRead = true;
      return true;
    } catch (IOException failure) {
      fault = Faults.of(failure);
      rest = everRead ? 0 : ROUNDS_OF_REST;
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

  /** Whether this file could ever be read. */
  boolean everRead() {
    return everRead;
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
