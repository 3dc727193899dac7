package io.millwright.drivers.neuron.binding;

import com.sun.jna.LastErrorException;
import io.millwright.drivers.nvml.binding.NativeBlock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code stats/hardware/health_status/hw_error_event} of one device: a count, and a file that can
 * be waited for.
 *
 * <p>It is opened by the device's directory in sysfs, with that name put behind it, and only where
 * it is a plain file: so no device file is ever opened here.
 *
 * <p><i>Lifecycle:</i> {@link #open}, {@link #close} once. <i>Threading:</i> one owner.
 * <i>Failure:</i> empty or false; the caller opens it anew.
 */
public final class EventFile implements AutoCloseable {
  static final String NAME = "stats/hardware/health_status/hw_error_event";

  /** {@code struct pollfd}: int fd, short events, short revents. */
  private static final int ENTRY = 8;

  private static final int EVENTS = 4;

  private static final int LONGEST = 64;

  private final int file;
  private final NativeBlock text = new NativeBlock(LONGEST + 1);

  private EventFile(int file) {
    this.file = file;
  }

  /**
   * Opens the file of a device; empty where there is none, or it may not be read.
   *
   * @param device its directory in sysfs
   */
  public static Optional<EventFile> open(Path device) {
    Path path = device.resolve(NAME);
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new EventFile(CFiles.open(path.toString(), CFiles.O_RDONLY | CFiles.O_CLOEXEC)));
    } catch (LastErrorException refused) {
      return Optional.empty();
    }
  }

  /**
   * Its text now, from the beginning, which also arms the next wait; empty where it cannot be read:
   * its device is gone.
   */
  public Optional<String> read() {
    try {
      long read = CFiles.pread(file, text.address(0), LONGEST, 0);
      return Optional.of(text.getString(0, (int) read));
    } catch (LastErrorException gone) {
      return Optional.empty();
    }
  }

  /**
   * Waits until one of the files has an event, by {@code poll(POLLPRI|POLLERR)}; whether one had. A
   * signal ends the wait like its time.
   *
   * @param files may be none: then the whole time is waited
   */
  public static boolean await(List<EventFile> files, int milliseconds) {
    try (NativeBlock entries = new NativeBlock(Math.max(1, files.size()) * ENTRY)) {
      for (int i = 0; i < files.size(); i++) {
        entries.putInt(i * ENTRY, files.get(i).file);
        entries.putInt(i * ENTRY + EVENTS, CFiles.POLLPRI | CFiles.POLLERR);
      }
      return CFiles.poll(entries.address(0), files.size(), milliseconds) > 0;
    } catch (LastErrorException interrupted) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      CFiles.close(file);
    } catch (LastErrorException ignored) {
      // the descriptor is gone either way
    }
    text.close();
  }
}
