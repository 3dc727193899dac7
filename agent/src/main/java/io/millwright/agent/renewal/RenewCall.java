package io.millwright.agent.renewal;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameType;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Incomplete;
import io.millwright.protocol.frames.MalformedFrame;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.tls.Admission;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.Joining;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.Renewing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;

/**
 * One question for the next certificate.
 *
 * <p><i>Lifecycle:</i> {@link #ask} once; {@link #close} from another thread ends it early.
 * <i>Threading:</i> the thread {@code renewal}. <i>Failure:</i> a sentence.
 */
final class RenewCall implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String host;
  private final int port;
  private final MutualTls tls;
  private final Renewing renewing;
  private final Door door;
  private final List<String> hardware;
  private final Clock clock;
  private final long untilNanos;
  private final Socket socket = new Socket();

  /** How it ended. */
  sealed interface Outcome {
    /** There is a new certificate. */
    record Renewed(Credentials credentials) implements Outcome {}

    /** The collector says no. */
    record Refused(String sentence) implements Outcome {}

    /** It could not be asked, or did not answer. */
    record Failed(String sentence) implements Outcome {}
  }

  RenewCall(String host, int port, OwnCredentials own, List<String> hardware, Clock clock) {
    this.host = host;
    this.port = port;
    this.tls = own.tls();
    this.renewing = new Renewing(own.newest());
    this.door = Door.forCollectors(own.node().site(), clock);
    this.hardware = hardware;
    this.clock = clock;
    this.untilNanos = clock.nanos() + PATIENCE.toNanos();
  }

  Outcome ask() {
    try (SSLSocket talking = connected()) {
      talking.startHandshake();
      if (door.admit(talking.getSession()) instanceof Admission.Refused(var refusal)) {
        return new Outcome.Failed(refusal.sentence());
      }
      talking
          .getOutputStream()
          .write(FrameWriter.encode(new Frame.Renew(Payload.of(renewing.request()), hardware)));
      return answered(talking);
    } catch (SocketTimeoutException late) {
      return new Outcome.Failed("the collector did not answer in time");
    } catch (IOException failure) {
      return new Outcome.Failed(tls.explain(failure).sentence());
    }
  }

  private SSLSocket connected() throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IOException("the collector's host '%s' has no address".formatted(host));
    }
    socket.connect(address, leftMillis());
    SSLSocket talking =
        (SSLSocket) tls.context().getSocketFactory().createSocket(socket, host, port, true);
    talking.setSSLParameters(tls.parameters());
    talking.setSoTimeout(leftMillis());
    return talking;
  }

  private Outcome answered(SSLSocket talking) throws IOException {
    FrameReader reader = new FrameReader(Side.COLLECTOR);
    ByteBuffer received = ByteBuffer.allocate(2 * FrameType.SHORT).limit(0);
    while (true) {
      Inbound next = reader.next(received);
      switch (next) {
        case Incomplete more -> fill(talking, received);
        case MalformedFrame malformed -> {
          return new Outcome.Failed("the collector sent what is no frame: " + malformed.reason());
        }
        case Frame.Renewed(Payload answer) -> {
          return outcome(renewing.accept(answer.toByteArray()));
        }
        case Frame.GoAway away -> {
          return new Outcome.Refused(away.detail());
        }
        default -> {
          return new Outcome.Failed("the collector answered with something else: is it older?");
        }
      }
    }
  }

  private static Outcome outcome(Joining.Result result) {
    return switch (result) {
      case Joining.Joined(Credentials credentials) -> new Outcome.Renewed(credentials);
      case Joining.Refused(var refusal) -> new Outcome.Refused(refusal.sentence());
    };
  }

  private void fill(SSLSocket talking, ByteBuffer received) throws IOException {
    talking.setSoTimeout(leftMillis());
    received.compact();
    byte[] read = new byte[received.remaining()];
    int length = talking.getInputStream().read(read);
    if (length < 0) {
      throw new IOException("the collector ended the connection without an answer");
    }
    received.put(read, 0, length).flip();
  }

  /** Never 0, which would be for ever. */
  private int leftMillis() throws SocketTimeoutException {
    long left = TimeUnit.NANOSECONDS.toMillis(untilNanos - clock.nanos());
    if (left <= 0) {
      throw new SocketTimeoutException("late");
    }
    return (int) left;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // it is gone, which was the aim
    }
  }
}
