package io.millwright.agent.supervision;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The calls into libc that the JDK lacks, through the JNA that reads the driver. The JDK's own
 * foreign functions were weighed: docs/decisions/0006-systemd.md.
 */
final class Libc {
  /** Of {@code bits/socket.h}, which is the same on amd64 and arm64. */
  private static final int AF_UNIX = 1;

  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;

  static {
    Native.register(Libc.class, NativeLibrary.getProcess());
  }

  private Libc() {}

  private static native int socket(int domain, int type, int protocol);

  private static native long sendto(
      int descriptor, byte[] text, long length, int flags, byte[] address, int addressLength)
      throws LastErrorException;

  private static native int dup2(int from, int to) throws LastErrorException;

  private static native int close(int descriptor);

  /** A socket for AF_UNIX datagrams; negative where there is none. */
  static int datagrams() {
    return socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  }

  /** Sends without waiting; the call's errno, 0 when it was sent. */
  static int send(int descriptor, byte[] address, byte[] text) {
    try {
      sendto(descriptor, text, text.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
      return 0;
    } catch (LastErrorException e) {
      return e.getErrorCode();
    }
  }

  /** Puts a descriptor in the place of another; the call's errno, 0 when it is there. */
  static int move(int from, int to) {
    try {
      dup2(from, to);
      close(from);
      return 0;
    } catch (LastErrorException e) {
      return e.getErrorCode();
    }
  }
}
