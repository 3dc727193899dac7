package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector that speaks and does not read, over a real socket; it is bytes of this test. */
@SuppressWarnings("NullAway.Init") // set before each test
class UnansweredTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final AtomicLong ahead = new AtomicLong();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();
  private final AtomicInteger heard = new AtomicInteger();
  private volatile boolean answers;
  private ServerSocket port;
  private UplinkLoops loops;
  private Uplink uplink;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return Clock.system().nanos() + ahead.get();
        }

        @Override
        public Instant wall() {
          return Clock.system().wall();
        }

        @Override
        public void parkUntil(long nanos) {
          Clock.system().parkUntil(nanos - ahead.get());
        }
      };

  @BeforeEach
  void start() throws IOException {
    port = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
    loops = new UplinkLoops(1);
    uplink =
        Uplink.simulated(
            new UplinkOptions("127.0.0.1", port.getLocalPort(), "n1", new UUID(0, 1), "test"),
            Optional.empty(),
            new Chronicle(
                new Chronicle.Settings(
                    "n1", "boot", directory.resolve("events"), Limits.USUAL, false),
                clock),
            loops,
            new Random(1),
            clock);
  }

  @AfterEach
  void stop() throws IOException {
    uplink.stop(Duration.ofSeconds(5));
    loops.close(Duration.ofSeconds(5));
    port.close();
  }

  private void serve() {
    while (!port.isClosed()) {
      try {
        Socket socket = port.accept();
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> session(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** HELLO is read; what comes then only where this collector answers. */
  private void session(Socket socket) {
    try (socket) {
      FrameReader reader = new FrameReader(Side.AGENT);
      ByteBuffer received = ByteBuffer.allocate(1 << 20).limit(0);
      next(socket, reader, received);
      send(
          socket,
          new Frame.Welcome(1, "c1", 1, Position.NONE, 0, 16, 1000, true, 1, new Term(1, 1, 1)));
      reader.open();
      Thread.ofVirtual().start(() -> pings(socket));
      while (answers) {
        if (next(socket, reader, received) instanceof Frame.Ping ping) {
          send(socket, new Frame.Pong(ping.number(), 1, new Moment(1, 1)));
          heard.incrementAndGet();
        }
      }
      while (!socket.isClosed()) {
        Clock.system().parkUntil(Clock.system().nanos() + Duration.ofMillis(50).toNanos());
      }
    } catch (IOException ended) {
      // the agent has closed it
    }
  }

  private void pings(Socket socket) {
    try {
      for (int number = 1; ; number++) {
        send(socket, new Frame.Ping(number, new Moment(1, 1)));
        told.incrementAndGet();
        Clock.system().parkUntil(Clock.system().nanos() + Duration.ofMillis(50).toNanos());
      }
    } catch (IOException ended) {
      close(socket);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void send(Socket socket, Frame frame) throws IOException {
    synchronized (socket) {
      socket.getOutputStream().write(FrameWriter.encode(frame));
    }
  }

  private static Inbound next(Socket socket, FrameReader reader, ByteBuffer received)
      throws IOException {
    while (true) {
      Inbound found = reader.next(received);
      if (found instanceof Frame) {
        return found;
      }
      byte[] piece = new byte[8192];
      int length = socket.getInputStream().read(piece);
      if (length < 0) {
        throw new IOException("the end");
      }
      received.compact().put(piece, 0, length).flip();
    }
  }

  /** Less than a silence at a time, and in between the collector is heard. */
  private void pass(int steps) {
    for (int i = 0; i < steps; i++) {
      ahead.addAndGet(Duration.ofSeconds(12).toNanos());
      int before = told.get();
      await().atMost(LONG).until(() -> told.get() > before + 2);
    }
  }

  @Test
  void aCollectorThatSpeaksAndAnswersNothingIsLeftAndTriedAgain() {
    uplink.start();
    await().atMost(LONG).until(uplink::connected);
    pass(6);
    await().atMost(LONG).until(() -> accepted.get() > 1);
    assertThat(uplink.unansweredSessions()).isEqualTo(1);
  }

  @Test
  void oneThatAnswersIsKept() {
    answers = true;
    uplink.start();
    await().atMost(LONG).until(uplink::connected);
    for (int i = 0; i < 7; i++) {
      int before = heard.get();
      ahead.addAndGet(Duration.ofSeconds(12).toNanos());
      await().atMost(LONG).until(() -> heard.get() > before);
    }
    assertThat(accepted).hasValue(1);
    assertThat(uplink.unansweredSessions()).isZero();
  }
}
