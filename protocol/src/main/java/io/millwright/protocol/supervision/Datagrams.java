package io.millwright.protocol.supervision;

/** Sends AF_UNIX datagrams, which the JDK cannot: it knows AF_UNIX streams only. */
@FunctionalInterface
public interface Datagrams {
  /**
   * Sends one datagram and waits for nobody. What cannot be sent is lost, as with sendto(2): the
   * implementation says so once, the caller goes on.
   *
   * @param address a {@code struct sockaddr_un}, as long as it is used
   * @param text at most a few hundred bytes
   */
  void send(byte[] address, byte[] text);
}
