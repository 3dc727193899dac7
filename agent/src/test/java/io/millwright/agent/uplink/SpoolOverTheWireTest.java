package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.spool.Spool;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.ingest.IngestOptions;
import io.millwright.collector.ingest.IngestServer;
import io.millwright.collector.ingest.Ingested;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real session over mutual TLS, a real spool and the collector's real port, with the collector
 * away in between. Each sample says its own number.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SpoolOverTheWireTest {
  private static final String NODE = "node1";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final boolean LONG_RUN = "yes".equals(System.getProperty("long"));

  @TempDir private Path directory;
  private final AtomicLong ahead = new AtomicLong();

  /** The system's, which a test may put forward. */
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

  private final List<Gate> gates = new ArrayList<>();
  private final List<Long> gone = new CopyOnWriteArrayList<>();
  private final List<Come> come = new CopyOnWriteArrayList<>();
  private Readings readings = readings(0);
  private DemoTrust trust;
  private IngestServer server;
  private Spool spool;
  private Uplink uplink;
  private Path place;
  private int port;
  private int offered;

  /** A sample as the collector got it. */
  private record Come(boolean live, int number) {}

  /** The number of the sample, and so many series more. */
  private static Readings readings(int more) {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, NODE));
    for (int i = 0; i < more; i++) {
      table.add(Cadence.FAST, Series.of(Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL, NODE, "eth" + i));
    }
    return new Readings(table.build());
  }

  @BeforeEach
  void start() throws IOException {
    place = directory.resolve("state/spool");
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of(NODE), clock);
    collectorComes();
    agentStarts();
  }

  @AfterEach
  void stop() {
    agentStops();
    gates.forEach(Gate::close);
    server.close();
  }

  private void collectorComes() {
    Ingested ingested =
        new Ingested(
            this::shown,
            news -> {},
            () -> 0,
            EventSink.NONE,
            (node, schema) -> (at, takenMs, aheadMs, row) -> late(at, row));
    server =
        new IngestServer(
            new IngestOptions(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                "collector",
                "test",
                new Term(1, 2, 3),
                Duration.ofSeconds(1)),
            new MutualTls(Credentials.read(trust.collector()), clock),
            ingested,
            clock);
    server.start();
    port = server.port();
  }

  private void shown(Fact fact) {
    if (fact instanceof Fact.Disconnected disconnected) {
      gone.add(disconnected.session());
    }
    if (fact instanceof Fact.Sampled sampled) {
      come.add(new Come(true, (int) sampled.sample().value(0)));
    }
  }

  private void late(Position at, Row row) {
    assertThat(at.sequence()).isPositive();
    come.add(new Come(false, (int) row.value(0)));
  }

  private void agentStarts() {
    agentStarts(port);
  }

  private void agentStarts(int port) {
    spool = new Spool(new Spool.Settings(place, 8 << 20, NODE), clock);
    spool.start();
    uplink =
        new Uplink(
            new UplinkOptions("127.0.0.1", port, NODE, new UUID(0, 1), "test"),
            () -> new MutualTls(Credentials.read(trust.node(NODE)), clock),
            "test",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new Chronicle(
                new Chronicle.Settings(
                    NODE, "boot", directory.resolve("events"), Limits.USUAL, false),
                clock),
            Optional.of(spool),
            new Random(),
            clock);
    uplink.start();
  }

  private Gate agentStartsBehindAGate() throws IOException {
    agentStops();
    Gate gate = new Gate(port);
    gates.add(gate);
    agentStarts(gate.port());
    return gate;
  }

  private void agentStops() {
    uplink.stop(Duration.ofSeconds(5));
    spool.close();
  }

  /** The sampler's next tick, which is seen: none is offered before the one before was taken. */
  private void tick() {
    await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(uplink::taken);
    offered++;
    readings.at(clock.nanos());
    readings.measured(0, offered);
    uplink.offer(new NodeSnapshot(offered, clock.nanos(), List.of(readings.sample())));
  }

  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      tick();
    }
  }

  private void awaitConnected() {
    await().atMost(LONG).until(uplink::connected);
  }

  /** Ticks go on until all that was offered by now has come; those of the waiting come as well. */
  private void awaitAllOf(int last) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          tick();
          return numbers().filter(number -> number <= last).distinct().count() == last;
        });
  }

  private Stream<Integer> numbers() {
    return come.stream().map(Come::number);
  }

  private double shown(Metric metric) {
    var sample = spool.sample();
    for (int i = 0; i < sample.table().size(); i++) {
      if (sample.table().series(i).metric() == metric) {
        return sample.value(i);
      }
    }
    throw new AssertionError("no series of " + metric);
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(place)) {
      return all.count();
    }
  }

  @Test
  void whatTheCollectorMissedComesOnceAndAfterTheLiveOnes() throws IOException {
    awaitConnected();
    ticks(20);
    awaitAllOf(20);
    server.close();
    await().atMost(LONG).until(() -> !uplink.connected());
    int before = come.size();
    ticks(400);
    await().atMost(LONG).until(() -> shown(Metric.AGENT_SPOOL_SAMPLES) >= 390);
    assertThat(shown(Metric.AGENT_REMOTE_QUEUE_LENGTH)).isGreaterThanOrEqualTo(390);
    await()
        .atMost(LONG)
        .until(() -> {
          tick();
          return shown(Metric.AGENT_REMOTE_PUSH_FAILURES_TOTAL) > 0; // reason="connect"
        });
    assertThat(shown(Metric.AGENT_SPOOL_BYTES)).isPositive();
    assertThat(files()).isEqualTo(1);
    collectorComes();
    awaitConnected();
    awaitAllOf(420);
    int last = offered;
    awaitAllOf(last);
    List<Integer> expected = IntStream.rangeClosed(1, last).boxed().toList();
    assertThat(numbers().filter(number -> number <= last))
        .containsExactlyInAnyOrderElementsOf(expected);
    List<Come> after = List.copyOf(come).subList(before, come.size());
    assertThat(after.getFirst().live()).as("the present comes first").isTrue();
    int live = 0;
    int late = 0;
    for (Come one : after) {
      live += one.live() ? 1 : 0;
      late += one.live() ? 0 : 1;
      assertThat(late).as("ten for one").isLessThanOrEqualTo(10 * live);
    }
    await().atMost(LONG).until(() -> files() == 0);
    assertThat(shown(Metric.AGENT_BACKFILLED_SAMPLES_TOTAL)).isGreaterThanOrEqualTo(390);
    assertThat(shown(Metric.AGENT_SPOOL_DROPPED_TOTAL)).isZero();
  }

  /** What an earlier start has left is sent with that start's numbers, after an orderly end. */
  @Test
  void aRestartOfTheAgentLosesNothing() {
    awaitConnected();
    ticks(5);
    awaitAllOf(5);
    server.close();
    await().atMost(LONG).until(() -> !uplink.connected());
    for (int start = 0; start < 3; start++) {
      ticks(70);
      agentStops();
      agentStarts();
    }
    int last = offered;
    collectorComes();
    awaitConnected();
    awaitAllOf(last);
    assertThat(numbers().filter(number -> number <= last))
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, last).boxed().toList());
  }

  /** A collector that goes while it is sent what it missed gets the rest from where it was. */
  @Test
  void aCollectorThatGoesAgainMissesNothing() {
    server.close();
    ticks(300);
    for (int round = 0; round < 3; round++) {
      collectorComes();
      awaitConnected();
      int sofar = come.size();
      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> {
            tick();
            return come.size() > sofar + 40;
          });
      server.close();
      await().atMost(LONG).until(() -> !uplink.connected());
      ticks(20);
    }
    int last = offered;
    collectorComes();
    awaitConnected();
    awaitAllOf(last);
    long again = numbers().filter(number -> number <= last).count() - last;
    assertThat(again).as("only what was under way").isBetween(0L, 3L * 64);
  }

  /**
   * The collector ends when it has seen the newest sample and not yet those from before the
   * session: these come late to the next one, and the one that was seen does not.
   */
  @Test
  void whatWasSeenLiveDoesNotComeLate() throws Exception {
    agentStops();
    server.close();
    agentStarts();
    ticks(5);
    Position seen = new HastyCollector(trust.collector(), port).end();
    assertThat(seen.sequence()).isGreaterThanOrEqualTo(5);
    await().atMost(LONG).until(() -> !uplink.connected());
    ticks(20);
    int last = offered;
    collectorComes();
    awaitConnected();
    List<Integer> expected =
        IntStream.rangeClosed(1, last).filter(number -> number != seen.sequence()).boxed().toList();
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          tick();
          return numbers().filter(number -> number <= last).count() >= expected.size();
        });
    awaitAcknowledged();
    assertThat(numbers().filter(number -> number <= last))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private void awaitAcknowledged() {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          tick();
          return shown(Metric.AGENT_SPOOL_SAMPLES) == 0;
        });
  }

  /**
   * Collector and agent go and come, and what is read changes, in any order and at any moment: each
   * sample comes, and to one collector only once.
   */
  @Test
  void whateverGoesAndComesEachSampleComes() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("SpoolOverTheWireTest seed " + seed);
    Random random = new Random(seed);
    boolean there = true;
    int began = 0;
    for (int step = 0; step < (LONG_RUN ? 400 : 40); step++) {
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          if (there) {
            server.close();
            assertThat(numbers().skip(began)).as("seed %d, to one", seed).doesNotHaveDuplicates();
          } else {
            began = come.size();
            collectorComes();
          }
          there = !there;
        }
        case 2 -> {
          if (there) {
            awaitConnected(); // and at once, it may be, the end
          }
        }
        case 3 -> readings = readings(random.nextInt(4));
        case 4 -> {
          if (random.nextInt(4) == 0) {
            agentStops();
            agentStarts();
          }
        }
        default -> ticks(random.nextInt(random.nextInt(4) == 0 ? 130 : 20));
      }
    }
    if (!there) {
      collectorComes();
    }
    awaitConnected();
    tick();
    awaitAllOf(offered);
    assertThat(shown(Metric.AGENT_SPOOL_DROPPED_TOTAL)).as("seed %d", seed).isZero();
  }

  /** Nowhere to keep anything: the newest are held in memory, and the live feed goes on. */
  @Test
  void withoutADirectoryTheLiveFeedGoesOn() {
    agentStops();
    place = directory.resolve("not/there/spool");
    agentStarts();
    awaitConnected();
    ticks(20);
    awaitAllOf(20);
    assertThat(shown(Metric.AGENT_SPOOL_WRITABLE)).isZero();
    assertThat(shown(Metric.AGENT_SPOOL_WRITE_ERRORS_TOTAL)).isPositive();
    server.close();
    await().atMost(LONG).until(() -> !uplink.connected());
    int away = offered;
    ticks(400);
    await().atMost(LONG).until(() -> shown(Metric.AGENT_SPOOL_THINNED_TOTAL) > 100);
    collectorComes();
    awaitConnected();
    int newest = offered;
    while (comeBetween(away, newest) < 110) {
      double had = shown(Metric.AGENT_BACKFILLED_SAMPLES_TOTAL);
      ticks(2); // more frames than go without an acknowledgement
      await().atMost(LONG).until(() -> shown(Metric.AGENT_BACKFILLED_SAMPLES_TOTAL) > had);
    }
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          tick();
          return come.contains(new Come(true, offered - 1));
        });
    assertThat(comeBetween(away, newest)).isBetween(110L, 200L);
  }

  /** Answers that do not come give no credits: samples are left out, and all come in the end. */
  @Test
  void withoutCreditsSamplesAreLeftOutAndFollow() throws IOException {
    Gate gate = agentStartsBehindAGate();
    awaitConnected();
    ticks(5);
    awaitAllOf(5);
    gate.holdAnswers();
    ticks(300);
    await().atMost(LONG).until(() -> shown(Metric.AGENT_LIVE_SAMPLES_LEFT_OUT_TOTAL) > 200);
    assertThat(come).hasSizeLessThan(200);
    int newest = offered;
    gate.letAnswersGo();
    awaitAllOf(newest);
    assertThat(shown(Metric.AGENT_SPOOL_DROPPED_TOTAL)).isZero();
    assertThat(shown(Metric.AGENT_SPOOL_THINNED_TOTAL)).isZero();
  }

  /** A network that takes everything and brings nothing is seen by both ends after 15 s. */
  @Test
  void aHalfOpenConnectionIsSeenByBothEnds() throws IOException {
    Gate gate = agentStartsBehindAGate();
    awaitConnected();
    ticks(5);
    awaitAllOf(5);
    int before = gone.size();
    gate.swallow();
    ahead.addAndGet(Duration.ofSeconds(15).toNanos());
    await().atMost(LONG).until(() -> !uplink.connected() && gone.size() > before);
    ticks(50);
    gate.letGo();
    int newest = offered;
    awaitConnected();
    awaitAllOf(newest);
  }

  private long comeBetween(int after, int last) {
    return numbers().filter(number -> number > after && number <= last).distinct().count();
  }
}
