package io.millwright.protocol.tls;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * TLS 1.3 with a certificate on both sides, all of one authority.
 *
 * <p><i>Lifecycle:</i> made from credentials; a renewed certificate makes a new one, and what is
 * open goes on with the old. <i>Threading:</i> any thread; an engine or a socket belongs to who
 * asked for it. <i>Failure:</i> a handshake fails with the JDK's {@code SSLException}; {@link
 * #explain} has the sentence. After the handshake ask a {@link Door}: the handshake does not look
 * at roles.
 */
public final class MutualTls {
  private final Credentials own;
  private final Clock clock;
  private final SSLContext context;

  public MutualTls(Credentials own, Clock clock) {
    this(own, Duration.ZERO, clock);
  }

  /**
   * Of a port at which certificates are renewed.
   *
   * @param grace so long a client's certificate passes the handshake after its end; what it may do
   *     then is {@link Door#renewing}'s to say
   */
  public MutualTls(Credentials own, Duration grace, Clock clock) {
    this.own = own;
    this.clock = clock;
    this.context =
        TlsContexts.of(
            new KeyManager[] {new OneKey(own)}, new SiteTrust(own.authority(), grace, clock));
  }

  /** Whose credentials these are. */
  public PeerIdentity identity() {
    return own.identity();
  }

  /**
   * For libraries that make their own sockets; they must set {@link #parameters()}, too, or a
   * context speaks older versions.
   */
  public SSLContext context() {
    return context;
  }

  /** TLS 1.3 only; of a server, a certificate is asked for and needed. */
  public SSLParameters parameters() {
    SSLParameters parameters = TlsContexts.parameters();
    parameters.setNeedClientAuth(true);
    return parameters;
  }

  /** Of a port for those who may have no certificate yet: for {@link JoinRequest} alone. */
  public SSLParameters joinParameters() {
    return TlsContexts.parameters();
  }

  /**
   * For a connection that was accepted. When the handshake fails, send what the engine still wraps,
   * shut the output, and read to the end before closing: a close with unread bytes resets the
   * connection, and the peer may never see the alert.
   */
  public SSLEngine serverEngine() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setSSLParameters(parameters());
    return engine;
  }

  /** As {@link #serverEngine}, with {@link #joinParameters}. */
  public SSLEngine joinEngine() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setSSLParameters(joinParameters());
    return engine;
  }

  /**
   * For a connection to a server.
   *
   * @param host as it was asked for: the server's certificate must name it
   */
  public SSLEngine clientEngine(String host, int port) {
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

  /**
   * Why a handshake failed, or a read that brought the other side's alert: in TLS 1.3 a server
   * refuses a client's certificate after the client's part is done.
   */
  public Refusal explain(IOException failure) {
    return HandshakeFailures.explain(failure, own, clock);
  }
}
