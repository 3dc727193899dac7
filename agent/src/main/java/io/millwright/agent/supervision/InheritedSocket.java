package io.millwright.agent.supervision;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket that this process was started with, as {@code StandardInput=socket} of a
 * unit passes it.
 *
 * <p>Never close it: the JDK would then turn the process's standard output and error into {@code
 * /dev/null} (sun.nio.ch.InheritedChannel), and the last lines of the log with them. systemd keeps
 * the socket anyway.
 */
public final class InheritedSocket {
  private static final Logger LOG = LoggerFactory.getLogger(InheritedSocket.class);

  private InheritedSocket() {}

  /** Empty where standard input is no listening socket. */
  public static Optional<ServerSocketChannel> listening() {
    try {
      Channel inherited = System.inheritedChannel();
      return inherited instanceof ServerSocketChannel listening
          ? Optional.of(listening)
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("standard input cannot be looked at, so it is no socket", e);
      return Optional.empty();
    }
  }
}
