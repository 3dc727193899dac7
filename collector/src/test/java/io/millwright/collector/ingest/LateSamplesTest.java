package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.events.EventSink;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples of a spool, in as an agent's bytes over mutual TLS. */
@SuppressWarnings("NullAway.Init") // set before each test
class LateSamplesTest {
  private static final long RUN = 42;
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(List.of(Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, "node1")));
  private static final SeriesSchema OTHER =
      SeriesSchema.of(List.of(Series.of(Metric.NODE_LOAD_AVERAGE, "node1", "1m")));

  /** The system's, moved on. */
  private static final class Ahead implements Clock {
    private final AtomicLong ahead = new AtomicLong();

    @Override
    public Instant wall() {
      return Clock.system().wall().plusNanos(ahead.get());
    }

    @Override
    public long nanos() {
      return Clock.system().nanos() + ahead.get();
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos - ahead.get());
    }
  }

  @TempDir private Path directory;
  private final Ahead clock = new Ahead();
  private final AtomicInteger begun = new AtomicInteger();
  private final Queue<Double> shown = new ConcurrentLinkedQueue<>();
  private final Queue<Position> late = new ConcurrentLinkedQueue<>();
  private DemoTrust trust;
  private Ingested ingested;
  private IngestServer server;

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("node1"), clock);
    ingested =
        new Ingested(
            this::told,
            news -> {},
            () -> 0,
            EventSink.NONE,
            (node, schema) -> {
              begun.incrementAndGet();
              return (at, takenMs, aheadMs, row) -> {
                assertThat(node).isEqualTo("node1");
                assertThat(row.value(0)).isEqualTo((double) at.sequence());
                assertThat(takenMs).isEqualTo(at.sequence());
                late.add(at);
              };
            });
    server =
        new IngestServer(
            new IngestOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                "collector",
                "test",
                new Term(1, 2, 3),
                Duration.ofSeconds(1)),
            new MutualTls(Credentials.read(trust.collector()), clock),
            ingested,
            clock);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Peer open() throws IOException {
    Peer peer = new Peer(trust.node("node1"), server.port());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin("node1", UUID.randomUUID(), RUN, "0.1"),
            Hash128.NONE,
            new SpoolRange(Position.NONE, Position.NONE),
            new Moment(1, 1),
            List.of(),
            new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0)));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    return peer;
  }

  private static byte[] samples(boolean backfill, long incarnation, long first, long last) {
    return samples(SCHEMA, backfill, incarnation, first, last);
  }

  private static byte[] samples(
      SeriesSchema schema, boolean backfill, long incarnation, long first, long last) {
    FrameWriter writer = new FrameWriter(4096);
    writer.write(schema.frame());
    SampleEncoder encoder = new SampleEncoder(schema, incarnation);
    for (long sequence = first; sequence <= last; sequence++) {
      Row row = new Row(1);
      row.set(0, (double) sequence);
      encoder.encode(sequence, new Moment(sequence, sequence), row, writer);
    }
    byte[] live = new byte[writer.length()];
    writer.written().get(live);
    return backfill ? writer.backfill() : live;
  }

  /** Reads until an acknowledgement has this; it comes with the next PING at the latest. */
  private Frame.Ack acknowledged(Peer peer, Position live, Position backfill) throws IOException {
    clock.ahead.addAndGet(Duration.ofSeconds(5).toNanos());
    while (true) {
      if (peer.next() instanceof Frame.Ack ack
          && ack.live().equals(live)
          && ack.backfill().equals(backfill)) {
        return ack;
      }
    }
  }

  /** On the thread that brings the next sample. */
  private void told(Fact fact) {
    if (fact instanceof Fact.Sampled sampled) {
      shown.add(sampled.sample().value(0));
    }
  }

  /** Chains repeat their beginning, sessions what was under way, and live ones may have come. */
  @Test
  void eachComesOnceAndNoneChangesThePresent() throws IOException {
    try (Peer peer = open()) {
      peer.send(samples(false, RUN, 90, 99));
      peer.send(samples(true, RUN, 1, 40));
      peer.send(samples(true, RUN, 30, 95));
      acknowledged(peer, new Position(RUN, 99), new Position(RUN, 95));
    }
    try (Peer peer = open()) {
      peer.send(samples(true, RUN, 80, 89));
      peer.send(samples(true, 7, 1, 5)); // an earlier start of the agent
      acknowledged(peer, new Position(RUN, 99), new Position(7, 5));
    }
    assertThat(late).hasSize(89 + 5).doesNotHaveDuplicates();
    assertThat(late).contains(new Position(RUN, 1), new Position(RUN, 89), new Position(7, 5));
    assertThat(shown).hasSize(10).first().isEqualTo(90.0);
    assertThat(ingested.lateSamples()).isEqualTo(94);
    assertThat(ingested.duplicates()).isEqualTo(11 + 6 + 10);
  }

  @Test
  void thePresentDoesNotGoBack() throws IOException {
    try (Peer peer = open()) {
      peer.send(samples(false, RUN, 5, 6));
      peer.send(samples(false, RUN, 3, 6));
      peer.send(samples(false, RUN, 7, 7));
      acknowledged(peer, new Position(RUN, 7), Position.NONE);
    }
    assertThat(shown).containsExactly(5.0, 6.0, 7.0);
    assertThat(ingested.duplicates()).isEqualTo(4);
  }

  /** What was read before the end is told, so that the agent sends none of it again. */
  @Test
  void theLastAcknowledgementComesBeforeTheEnd() throws IOException {
    try (Peer peer = open()) {
      peer.send(samples(true, RUN, 1, 3));
      while (late.size() < 3) {
        peer.send(new Frame.Ping(1, new Moment(1, 1)));
        peer.next();
      }
      server.close();
      boolean told = false;
      Frame next = peer.next();
      while (!(next instanceof Frame.GoAway)) {
        told |= next instanceof Frame.Ack ack && ack.backfill().equals(new Position(RUN, 3));
        next = peer.next();
      }
      assertThat(told).isTrue();
    }
  }

  /** The KEY of a backfill without its SCHEMA. */
  private static byte[] key(SeriesSchema of, long sequence) {
    FrameWriter schema = new FrameWriter(4096);
    schema.write(of.frame());
    byte[] both = samples(of, true, RUN, sequence, sequence);
    return Arrays.copyOfRange(both, schema.length(), both.length);
  }

  /**
   * Until what a pause of more than two minutes gives back was given back; an agent speaks
   * meanwhile.
   */
  private void pause(Peer peer) throws IOException {
    for (int i = 1; i <= 12; i++) {
      clock.ahead.addAndGet(i == 1 ? 0 : Duration.ofSeconds(11).toNanos()); // it may have waited
      peer.send(new Frame.Ping(i, new Moment(1, 1)));
      Frame next = peer.next();
      while (!(next instanceof Frame.Pong pong && pong.number() == i)) {
        next = peer.next();
      }
    }
    turned(peer);
  }

  /** Until the session has had its turn after six seconds of silence. */
  private void turned(Peer peer) throws IOException {
    clock.ahead.addAndGet(Duration.ofSeconds(6).toNanos()); // the next turn pings
    long now = clock.nanos();
    long turned = peer.ping().sent().monotonicNanos();
    while (turned - now < 0) {
      turned = peer.ping().sent().monotonicNanos();
    }
  }

  /**
   * The room that a backfill took is given back, and a KEY takes it anew, also where the node tells
   * of other series by then.
   */
  @Test
  void aBackfillMayGoOnAfterAPause() throws IOException {
    try (Peer peer = open()) {
      peer.send(samples(false, RUN, 9, 9));
      peer.send(samples(true, RUN, 1, 3));
      acknowledged(peer, new Position(RUN, 9), new Position(RUN, 3));
      pause(peer);
      assertThat(begun).hasValue(1);
      peer.send(key(SCHEMA, 4));
      acknowledged(peer, new Position(RUN, 9), new Position(RUN, 4));
      assertThat(begun).as("it was forgotten").hasValue(2);
      pause(peer);
      peer.send(samples(OTHER, false, RUN, 10, 10));
      peer.send(key(SCHEMA, 5));
      acknowledged(peer, new Position(RUN, 10), new Position(RUN, 5));
      assertThat(begun).as("it was forgotten, and is not of now").hasValue(3);
    }
    assertThat(late).containsExactly(at(1), at(2), at(3), at(4), at(5));
    assertThat(shown).containsExactly(9.0, 10.0);
    assertThat(ingested.unchainedSamples()).isZero();
  }

  /** While none comes, a KEY stands for the row; what builds on the last sample still does. */
  @Test
  void aChainGoesOnAfterItRested() throws IOException {
    byte[] half = samples(true, RUN, 1, 3);
    byte[] whole = samples(true, RUN, 1, 6);
    assertThat(Arrays.copyOf(whole, half.length)).isEqualTo(half);
    try (Peer peer = open()) {
      peer.send(samples(false, RUN, 9, 9));
      peer.send(half);
      acknowledged(peer, at(9), at(3));
      turned(peer);
      peer.send(Arrays.copyOfRange(whole, half.length, whole.length));
      acknowledged(peer, at(9), at(6));
    }
    assertThat(begun).hasValue(1);
    assertThat(late).containsExactly(at(1), at(2), at(3), at(4), at(5), at(6));
    assertThat(ingested.unchainedSamples()).isZero();
  }

  private static Position at(long sequence) {
    return new Position(RUN, sequence);
  }

  /** A DELTA whose KEY was lost is no sample; the next KEY is one again. */
  @Test
  void aSampleWithoutItsChainIsCountedAndNotTaken() throws IOException {
    byte[] chain = samples(true, RUN, 1, 1);
    byte[] more = samples(true, RUN, 1, 3);
    try (Peer peer = open()) {
      FrameWriter schema = new FrameWriter(4096);
      schema.write(SCHEMA.frame());
      peer.send(schema.backfill());
      byte[] deltas = new byte[more.length - chain.length];
      System.arraycopy(more, chain.length, deltas, 0, deltas.length);
      peer.send(deltas);
      peer.send(samples(true, RUN, 9, 9));
      acknowledged(peer, Position.NONE, new Position(RUN, 9));
    }
    assertThat(late).containsExactly(new Position(RUN, 9));
    assertThat(ingested.unchainedSamples()).isEqualTo(2);
  }
}
