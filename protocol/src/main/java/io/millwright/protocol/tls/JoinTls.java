package io.millwright.protocol.tls;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * TLS 1.3 to a collector for one who has no certificate yet, and knows the authority by the SHA-256
 * of its join token only.
 *
 * <p><i>Threading:</i> any thread; an engine or a socket belongs to who asked for it.
 */
public final class JoinTls {
  private final SSLContext context;

  public JoinTls(JoinToken token, Clock clock) {
    this.context = TlsContexts.of(new KeyManager[0], new PinnedTrust(token, clock));
  }

  /** For libraries that make their own sockets; with {@link #parameters()}. */
  public SSLContext context() {
    return context;
  }

  /** TLS 1.3 only. */
  public SSLParameters parameters() {
    return TlsContexts.parameters();
  }

  /** For a connection to the collector of this host. */
  public SSLEngine engine(String host, int port) {
    SSLEngine engine = context.createSSLEngine(host, port);
    engine.setUseClientMode(true);
    engine.setSSLParameters(parameters());
    return engine;
  }

  /** A blocking connection, not yet shaken hands on. */
  public SSLSocket connect(String host, int port) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(host, port);
    socket.setSSLParameters(parameters());
    return socket;
  }

  /** Why a handshake failed. */
  public Refusal explain(IOException failure) {
    return HandshakeFailures.explain(failure);
  }
}
