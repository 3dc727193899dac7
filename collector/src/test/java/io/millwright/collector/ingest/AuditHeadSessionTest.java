package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.audit.Witnesses;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.late.LateSink;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.AuditHeadsBody.Kept;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a session is told where the audit log ends, over a real socket; time is moved. */
@SuppressWarnings("NullAway.Init") // set before each test
class AuditHeadSessionTest {
  @TempDir private Path directory;
  private final AtomicLong ahead = new AtomicLong();
  private final Queue<AuditHeadsBody> told = new ConcurrentLinkedQueue<>();
  private volatile Optional<LogHead> head = Optional.empty();
  private DemoTrust trust;
  private IngestServer server;

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
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("node1"), clock);
    Witnesses witnesses =
        new Witnesses() {
          @Override
          public Optional<LogHead> head() {
            return head;
          }

          @Override
          public void told(AuditHeadsBody kept) {
            told.add(kept);
          }
        };
    server =
        new IngestServer(
            new IngestOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                "collector",
                "test",
                new Term(1, 2, 3),
                Duration.ofSeconds(1)),
            new MutualTls(Credentials.read(trust.collector()), clock),
            new Ingested(fact -> {}, news -> {}, () -> 0, EventSink.NONE, LateSink.NONE, witnesses),
            clock);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static LogHead head(long sequence) {
    return new LogHead(new UUID(1, 2), 1, sequence, "a".repeat(64));
  }

  private Peer open(String... capabilities) throws IOException {
    Peer peer = new Peer(trust.node("node1"), server.port());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin("node1", UUID.randomUUID(), 7, "0.1"),
            Hash128.NONE,
            new SpoolRange(Position.NONE, Position.NONE),
            new Moment(1, 1),
            List.of(capabilities),
            new JournalHead(new UUID(1, 2), 0, 5, Term.NONE, 0)));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    return peer;
  }

  /** Time passes without a silence, and nothing else is said. */
  private void pass(Peer peer, int tens) throws IOException {
    for (int i = 0; i < tens; i++) {
      ahead.addAndGet(Duration.ofSeconds(10).toNanos());
      peer.send(new Frame.Ping(1 + i, new Moment(1, 1)));
      assertThat(peer.next()).isInstanceOf(Frame.Pong.class);
    }
  }

  @Test
  void itIsToldAfterWelcomeAndOnceAMinuteWhenItChanged() throws IOException {
    head = Optional.of(head(5));
    try (Peer peer = open("audit")) {
      assertThat(peer.next()).isEqualTo(new Frame.AuditHead(head(5)));
      head = Optional.of(head(6));
      pass(peer, 5);
      head = Optional.of(head(7));
      ahead.addAndGet(Duration.ofSeconds(10).toNanos());
      assertThat(peer.next()).isEqualTo(new Frame.AuditHead(head(7)));
      pass(peer, 8); // and not the same again
    }
  }

  @Test
  void aLogThatBeginsIsToldAtOnce() throws IOException {
    try (Peer peer = open("audit")) {
      pass(peer, 1);
      head = Optional.of(head(1));
      assertThat(peer.next()).isEqualTo(new Frame.AuditHead(head(1)));
    }
  }

  @Test
  void whoDoesNotKeepItIsNotTold() throws IOException {
    head = Optional.of(head(5));
    try (Peer peer = open("jobs")) {
      pass(peer, 7);
    }
  }

  @Test
  void whatANodeHasKeptIsHandedOnUnderItsOwnNameAlone() throws IOException {
    AuditHeadsBody own =
        new AuditHeadsBody("node1", List.of(new Kept(head(4), 9)), Optional.empty());
    try (Peer peer = open("audit")) {
      peer.send(new Frame.AuditHeads(Payload.of(own.json())));
      pass(peer, 1);
      assertThat(told).containsExactly(own);
      peer.send(
          new Frame.AuditHeads(
              Payload.of(new AuditHeadsBody("node2", List.of(), Optional.empty()).json())));
      Frame.GoAway away = (Frame.GoAway) peer.next();
      assertThat(away.reason()).isEqualTo(GoAwayReason.MALFORMED);
      assertThat(away.detail())
          .isEqualTo("AUDIT_HEADS: node: 'node2' is refused; allowed is node1");
      assertThat(told).hasSize(1);
    }
  }
}
