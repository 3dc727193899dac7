package io.millwright.drivers.passthrough;

import com.sun.jna.Pointer;

/** The calls of libc that the requests need. Each returns a negative errno where it failed. */
interface Kernel {
  int EPERM = 1;
  int ENOENT = 2;
  int EINTR = 4;
  int ENXIO = 6;
  int EACCES = 13;
  int ENODEV = 19;
  int EMSGSIZE = 90;
  int ETIMEDOUT = 110;

  /** A file descriptor. */
  int open(String path, int flags);

  int ioctl(int descriptor, long request, Pointer argument);

  /** Waits for something to read: 1 when there is, 0 when there was not in time. */
  int awaitInput(int descriptor, int milliseconds);

  void close(int descriptor);
}
