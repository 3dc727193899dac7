package io.millwright.agent.supervision;

import io.millwright.protocol.supervision.Datagrams;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code sendto} of libc.
 *
 * <p><i>Lifecycle:</i> one socket, kept until the process ends. <i>Threading:</i> any thread.
 * <i>Failure:</i> logged when it begins and when it ends.
 */
public final class LibcDatagrams implements Datagrams {
  private static final Logger LOG = LoggerFactory.getLogger(LibcDatagrams.class);

  private final int descriptor;
  private final AtomicBoolean failing = new AtomicBoolean();

  private LibcDatagrams(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Opens the socket; where there is none every word is lost, and the log says so. */
  public static LibcDatagrams open() {
    return new LibcDatagrams(Libc.datagrams());
  }

  @Override
  public void send(byte[] address, byte[] text) {
    int errno = Libc.send(descriptor, address, text);
    if (errno == 0 && failing.getAndSet(false)) {
      LOG.info("systemd hears again");
    }
    if (errno != 0 && !failing.getAndSet(true)) {
      LOG.warn("systemd cannot be told errno={}", errno);
    }
  }
}
