package io.millwright.agent.renewal;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Somebody at the collector's address, who lets one connection in and listens to it. */
final class Impostor implements AutoCloseable {
  private final SSLServerSocket listening;
  private final FutureTask<byte[]> heard = new FutureTask<>(this::listen);

  Impostor(Credentials shown, Clock clock) throws IOException {
    MutualTls tls = new MutualTls(shown, clock);
    listening =
        (SSLServerSocket)
            tls.context()
                .getServerSocketFactory()
                .createServerSocket(0, 4, InetAddress.getLoopbackAddress());
    listening.setSSLParameters(tls.joinParameters());
    Threads.platform("impostor", heard).start();
  }

  int port() {
    return listening.getLocalPort();
  }

  private byte[] listen() throws IOException {
    try (SSLSocket socket = (SSLSocket) listening.accept()) {
      socket.setSoTimeout(10_000);
      return socket.getInputStream().readAllBytes();
    } catch (IOException refused) {
      return new byte[0];
    }
  }

  /** All that was sent, once the peer has gone. */
  byte[] read() throws InterruptedException, ExecutionException, TimeoutException {
    return heard.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
