package io.millwright.agent.join;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.JoinFrame;
import io.millwright.protocol.tls.JoinTls;
import io.millwright.protocol.tls.JoinToken;
import io.millwright.protocol.tls.Joining;
import io.millwright.protocol.tls.Refusal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * One question to the collector's port for joining.
 *
 * <p><i>Lifecycle:</i> {@link #ask} once. <i>Threading:</i> the thread {@code join} owns the
 * connection; the caller waits for it, and closes it when it takes too long. <i>Failure:</i> a
 * sentence.
 */
public final class JoinCall {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String host;
  private final int port;
  private final JoinTls tls;
  private final Joining joining;
  private final Duration patience;
  private final Socket socket = new Socket();
  private volatile boolean sent;

  /**
   * @param host of the collector, as its certificate names it
   */
  public JoinCall(JoinToken token, String host, int port, Clock clock) {
    this(token, host, port, PATIENCE, clock);
  }

  JoinCall(JoinToken token, String host, int port, Duration patience, Clock clock) {
    this.host = host;
    this.port = port;
    this.tls = new JoinTls(token, clock);
    this.joining = new Joining(token);
    this.patience = patience;
  }

  /** How it ended. */
  public sealed interface Outcome {
    /** The node is in. */
    record Joined(Credentials credentials) implements Outcome {}

    /** It is not: the collector refused, or could not be asked. */
    record Refused(String sentence) implements Outcome {}
  }

  /** Asks, and waits for the answer. */
  public Outcome ask() throws InterruptedException {
    FutureTask<Outcome> asking = new FutureTask<>(this::asked);
    Threads.platform("join", asking).start();
    try {
      return asking.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      return refused(
          "%s did not answer within %d s".formatted(collector(), patience.toSeconds()) + spent());
    } catch (ExecutionException broken) {
      throw new IllegalStateException("asking " + collector(), broken.getCause());
    } finally {
      hangUp();
    }
  }

  private Outcome asked() {
    try (SSLSocket talking = connected()) {
      talking.startHandshake();
      sent = true;
      talking.getOutputStream().write(JoinFrame.of(joining.request()));
      return outcome(JoinFrame.read(talking.getInputStream()));
    } catch (UnknownHostException unknown) {
      return refused("the collector's host '%s' has no address".formatted(host));
    } catch (SSLException failure) {
      return refused(explained(failure));
    } catch (IOException failure) {
      return refused(sent ? cut(failure) : unreachable(failure));
    }
  }

  private SSLSocket connected() throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new UnknownHostException(host);
    }
    socket.connect(address, (int) patience.toMillis());
    SSLSocket talking =
        (SSLSocket) tls.context().getSocketFactory().createSocket(socket, host, port, true);
    talking.setSSLParameters(tls.parameters());
    return talking;
  }

  private Outcome outcome(byte[] answer) {
    return switch (joining.accept(answer)) {
      case Joining.Joined(Credentials credentials) -> new Outcome.Joined(credentials);
      case Joining.Refused(var refusal) -> refused(refusal.sentence());
    };
  }

  /** In TLS 1.3 a port that wants a certificate says so after the handshake. */
  private String explained(SSLException failure) {
    Refusal refusal = tls.explain(failure);
    return refusal.reason() == Refusal.Reason.NO_CERTIFICATE
        ? "%s is for nodes that have joined: name its port for joining, the one of 'collector run --join'"
            .formatted(collector())
        : refusal.sentence();
  }

  private String cut(IOException failure) {
    return "%s ended the connection before it answered (%s)".formatted(collector(), words(failure))
        + spent();
  }

  private String unreachable(IOException failure) {
    return "%s cannot be reached (%s): is it run with --join, and is the port the one of that?"
        .formatted(collector(), words(failure));
  }

  /** Whether the collector has used the token up is not known then. */
  private String spent() {
    return sent
        ? ": try again, and ask for a new token where it says that this one was used"
        : ": is it a collector's port for joining?";
  }

  private String collector() {
    return "the collector at %s:%d".formatted(host, port);
  }

  private static String words(IOException failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  private static Outcome refused(String sentence) {
    return new Outcome.Refused(sentence);
  }

  private void hangUp() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // it is gone, which was the aim
    }
  }
}
