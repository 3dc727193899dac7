package io.millwright.drivers.neuron.binding;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * Functions of the C library, by their own names; pointers are addresses. {@code open} and {@code
 * ioctl} have an open end in C: what is passed goes the same way on x86-64 and aarch64.
 *
 * <p>No class outside this package can call them, for two of them could do anything.
 */
final class CFiles {
  /** Of {@code fcntl.h}, the same on x86-64 and aarch64. */
  static final int O_RDONLY = 0;

  static final int O_WRONLY = 1;
  static final int O_CLOEXEC = 02000000;

  /** Of {@code poll.h}. */
  static final short POLLPRI = 0x002;

  static final short POLLERR = 0x008;

  static {
    if (Native.LONG_SIZE != Long.BYTES) {
      throw new UnsatisfiedLinkError("ioctl: long has no 64 bits here");
    }
    Native.register(CFiles.class, NativeLibrary.getProcess());
  }

  private CFiles() {}

  static native int open(String path, int flags) throws LastErrorException;

  static native int ioctl(int file, long request, long address) throws LastErrorException;

  static native long pread(int file, long to, long count, long offset) throws LastErrorException;

  static native int poll(long files, long count, int milliseconds) throws LastErrorException;

  static native int close(int file) throws LastErrorException;
}
