package io.millwright.agent.supervision;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.millwright.protocol.supervision.Datagrams;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code sendto} of libc, through the JNA that reads the driver. The JDK's own foreign functions
 * were weighed: docs/decisions/0006-systemd.md.
 *
 * <p><i>Lifecycle:</i> one socket, kept until the process ends. <i>Threading:</i> any thread.
 * <i>Failure:</i> logged when it begins and when it ends.
 */
public final class LibcDatagrams implements Datagrams {
  private static final Logger LOG = LoggerFactory.getLogger(LibcDatagrams.class);

  /** Of {@code bits/socket.h}, which is the same on amd64 and arm64. */
  private static final int AF_UNIX = 1;

  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;

  static {
    Native.register(LibcDatagrams.class, NativeLibrary.getProcess());
  }

  private final int descriptor;
  private final AtomicBoolean failing = new AtomicBoolean();

  private LibcDatagrams(int descriptor) {
    this.descriptor = descriptor;
  }

  private static native int socket(int domain, int type, int protocol);

  private static native long sendto(
      int descriptor, byte[] text, long length, int flags, byte[] address, int addressLength)
      throws LastErrorException;

  /** Opens the socket; where there is none every word is lost, and the log says so. */
  public static LibcDatagrams open() {
    return new LibcDatagrams(socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
  }

  @Override
  public void send(byte[] address, byte[] text) {
    try {
      sendto(descriptor, text, text.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
      if (failing.getAndSet(false)) {
        LOG.info("systemd hears again");
      }
    } catch (LastErrorException e) {
      if (!failing.getAndSet(true)) {
        LOG.warn("systemd cannot be told errno={}", e.getErrorCode(), e);
      }
    }
  }
}
