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
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
  private final AtomicInteger samples = new AtomicInteger();

  /** When the last PING was sent, by the agent's clock. */
  private final AtomicLong pinged = new AtomicLong();

  /** Where the agent's clock stands; empty while it goes. */
  private volatile OptionalLong standing = OptionalLong.empty();

  private volatile boolean answers;
  private ServerSocket port;
  private UplinkLoops loops;
  private Uplink uplink;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanos() {
          return standing.orElseGet(Clock.system()::nanos) + ahead.get();
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
        Inbound found = next(socket, reader, received);
        if (found instanceof Frame.Ping ping) {
          send(socket, new Frame.Pong(ping.number(), 1, new Moment(1, 1)));
          pinged.set(ping.sent().monotonicNanos());
          heard.incrementAndGet();
        } else if (found instanceof Frame.Key || found instanceof Frame.Delta) {
          samples.incrementAndGet();
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

  private void sample(long number) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, "n1"));
    Readings readings = new Readings(table.build());
    readings.at(clock.nanos());
    readings.measured(0, (double) number);
    int before = samples.get();
    uplink.offer(new NodeSnapshot(number, clock.nanos(), List.of(readings.sample())));
    await().atMost(LONG).until(() -> samples.get() > before);
  }

  /** The agent's clock stands between what is done, so that nothing else makes a PING due. */
  @Test
  void aPingThatIsSoonDueGoesWithASample() {
    answers = true;
    uplink.start();
    await().atMost(LONG).until(uplink::connected);
    standing = OptionalLong.of(Clock.system().nanos());
    ahead.addAndGet(Duration.ofSeconds(5).toNanos());
    await().atMost(LONG).until(() -> pinged.get() == clock.nanos());
    long last = pinged.get();

    ahead.addAndGet(Duration.ofMillis(4_400).toNanos());
    sample(1);
    sample(2); // what went with the first is read by now
    assertThat(pinged).as("not due for more than half a second").hasValue(last);

    ahead.addAndGet(Duration.ofMillis(200).toNanos());
    sample(3);
    await().atMost(LONG).until(() -> pinged.get() == clock.nanos());
  }
}
