package io.millwright.simulator.determinism;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLSession;

/**
 * Where TLS stands in a session: shows the peer's certificate and passes the bytes as they are.
 * That the real one keeps strangers out is for the tests of the ports.
 */
final class StandInTls extends SslHandler {

  StandInTls(X509Certificate peer) {
    super(new Engine(session(peer)));
  }

  private static SSLSession session(X509Certificate peer) {
    return (SSLSession)
        Proxy.newProxyInstance(
            StandInTls.class.getClassLoader(),
            new Class<?>[] {SSLSession.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getPeerCertificates")) {
                return new Certificate[] {peer};
              }
              if (method.getName().endsWith("BufferSize")) {
                return 1 << 14;
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  /** Greets as soon as the channel is there, as after a handshake. */
  void greet(ChannelHandlerContext ctx) {
    ctx.fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {}

  @Override
  public void handlerRemoved0(ChannelHandlerContext ctx) {}

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.fireChannelActive();
    greet(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ctx.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    var _ = ctx.write(message, promise);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    var _ = ctx.close(promise);
  }

  /** One that nobody drives. */
  private static final class Engine extends SSLEngine {
    private final SSLSession session;

    Engine(SSLSession session) {
      this.session = session;
    }

    @Override
    public SSLSession getSession() {
      return session;
    }

    private static UnsupportedOperationException undriven() {
      return new UnsupportedOperationException("no bytes come here");
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) {
      throw undriven();
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) {
      throw undriven();
    }

    @Override
    public Runnable getDelegatedTask() {
      throw undriven();
    }

    @Override
    public void closeInbound() {}

    @Override
    public boolean isInboundDone() {
      return false;
    }

    @Override
    public void closeOutbound() {}

    @Override
    public boolean isOutboundDone() {
      return false;
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return new String[0];
    }

    @Override
    public String[] getEnabledCipherSuites() {
      return new String[0];
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {}

    @Override
    public String[] getSupportedProtocols() {
      return new String[0];
    }

    @Override
    public String[] getEnabledProtocols() {
      return new String[0];
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {}

    @Override
    public void beginHandshake() {}

    @Override
    public SSLEngineResult.HandshakeStatus getHandshakeStatus() {
      return SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING;
    }

    @Override
    public void setUseClientMode(boolean client) {}

    @Override
    public boolean getUseClientMode() {
      return true;
    }

    @Override
    public void setNeedClientAuth(boolean need) {}

    @Override
    public boolean getNeedClientAuth() {
      return true;
    }

    @Override
    public void setWantClientAuth(boolean want) {}

    @Override
    public boolean getWantClientAuth() {
      return false;
    }

    @Override
    public void setEnableSessionCreation(boolean enable) {}

    @Override
    public boolean getEnableSessionCreation() {
      return true;
    }
  }
}
