package io.millwright.drivers.passthrough;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** {@code open}, {@code ioctl}, {@code poll} and {@code close}. Stateless; any thread. */
final class Libc implements Kernel {
  /** {@code struct pollfd}: the descriptor, then what is asked and what is so, two bytes each. */
  private static final int POLL_BYTES = 8;

  private static final int POLL_ASKED = 4;
  private static final int POLLIN = 1;

  /** By their names in C. */
  private static final class Calls {
    static {
      Native.register(Calls.class, NativeLibrary.getProcess());
    }

    private Calls() {}

    static native int open(String path, int flags, int mode) throws LastErrorException;

    static native int ioctl(int descriptor, long request, Pointer argument)
        throws LastErrorException;

    static native int poll(Pointer descriptors, long count, int milliseconds)
        throws LastErrorException;

    static native int close(int descriptor);
  }

  @Override
  public int open(String path, int flags) {
    try {
      return Calls.open(path, flags, 0);
    } catch (LastErrorException failed) {
      return -failed.getErrorCode();
    }
  }

  @Override
  public int ioctl(int descriptor, long request, Pointer argument) {
    try {
      return Calls.ioctl(descriptor, request, argument);
    } catch (LastErrorException failed) {
      return -failed.getErrorCode();
    }
  }

  @Override
  public int awaitInput(int descriptor, int milliseconds) {
    try (Memory asked = new Memory(POLL_BYTES)) {
      asked.setInt(0, descriptor);
      asked.setInt(POLL_ASKED, POLLIN); // and what is so: nothing yet
      return Calls.poll(asked, 1, milliseconds);
    } catch (LastErrorException failed) {
      return -failed.getErrorCode();
    }
  }

  @Override
  public void close(int descriptor) {
    Calls.close(descriptor);
  }
}
