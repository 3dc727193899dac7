package io.millwright.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Entry;
import io.millwright.agent.events.EventLog;
import io.millwright.agent.events.Limits;
import io.millwright.agent.spool.Spool;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.ingest.IngestOptions;
import io.millwright.collector.ingest.IngestServer;
import io.millwright.collector.ingest.Ingested;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
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
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Collectors' real ports over mutual TLS, of which one sends its agents to another as it stops, and
 * a real agent's session and spool. Each sample says its own number.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class RedirectTest {
  private static final String NODE = "node1";
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final List<Site> sites = new ArrayList<>();
  private final Readings readings = readings();
  private DemoTrust trust;
  private Spool spool;
  private Uplink uplink;
  private int offered;

  private static Readings readings() {
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(Cadence.FAST, Series.of(Metric.NODE_BOOT_TIMESTAMP_SECONDS, NODE));
    return new Readings(table.build());
  }

  /** One collector's port, and what came to it. */
  private final class Site {
    private final DemoTrust of;
    private final int port;
    private final List<Integer> come = new CopyOnWriteArrayList<>();
    private final List<Integer> sessions = new CopyOnWriteArrayList<>();
    private long has;
    private Term term = new Term(1, 2, 3);
    private IngestServer server;

    Site(DemoTrust of) throws IOException {
      this.of = of;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        this.port = free.getLocalPort();
      }
      sites.add(this);
    }

    /** Comes; sends agents there as it goes. */
    void comes(String... elsewhere) {
      server =
          new IngestServer(
              new IngestOptions(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                  "collector",
                  "test",
                  term,
                  Duration.ofSeconds(1),
                  List.of(elsewhere)),
              new MutualTls(Credentials.read(of.collector()), clock),
              new Ingested(
                  this::shown,
                  news -> {},
                  () -> 0,
                  sink(),
                  (node, schema) -> (at, takenMs, aheadMs, row) -> come.add((int) row.value(0))),
              clock);
      server.start();
    }

    /** Says that it has so many of the node's events. */
    private EventSink sink() {
      return new EventSink() {
        @Override
        public long opened(String node, UUID journal) {
          return has;
        }

        @Override
        public void tell(Told told) {
          // there are none
        }
      };
    }

    private void shown(Fact fact) {
      if (fact instanceof Fact.Connected) {
        sessions.add(offered);
      }
      if (fact instanceof Fact.Sampled sampled) {
        come.add((int) sampled.sample().value(0));
      }
    }

    String address() {
      return "127.0.0.1:" + port;
    }

    void goes() {
      server.close();
    }

    void awaitSession(int count) {
      await().atMost(LONG).until(() -> sessions.size() >= count);
    }
  }

  @BeforeEach
  void trusts() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of(NODE), clock);
  }

  @AfterEach
  void stop() {
    uplink.stop(Duration.ofSeconds(5));
    spool.close();
    sites.forEach(Site::goes);
  }

  private void agentStarts(Site home) {
    agentStarts(
        home,
        new Chronicle(
            new Chronicle.Settings(NODE, "boot", directory.resolve("events"), Limits.USUAL, false),
            clock));
  }

  private void agentStarts(Site home, EventLog events) {
    spool = new Spool(new Spool.Settings(directory.resolve("spool"), 8 << 20, NODE), clock);
    spool.start();
    uplink =
        new Uplink(
            new UplinkOptions("127.0.0.1", home.port, NODE, new UUID(0, 1), "test"),
            () -> new MutualTls(Credentials.read(trust.node(NODE)), clock),
            "test",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            events,
            Optional.of(spool),
            new Random(),
            clock);
    uplink.start();
  }

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

  /** Ticks go on until each of the samples until now is at one of these. */
  private void awaitAll(Site... at) {
    int last = offered;
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          tick();
          List<Integer> all = new ArrayList<>();
          for (Site one : at) {
            all.addAll(one.come);
          }
          return all.containsAll(IntStream.rangeClosed(1, last).boxed().toList());
        });
  }

  @Test
  void theAgentGoesOnAtTheOtherAndComesBackWhenThatGoes() throws IOException {
    Site home = new Site(trust);
    Site other = new Site(trust);
    home.comes("127.0.0.1:1", other.address()); // at the first of them nobody is
    other.comes();
    agentStarts(home);
    home.awaitSession(1);
    ticks(20);
    awaitAll(home);
    home.goes();
    ticks(50);
    other.awaitSession(1);
    awaitAll(home, other);
    assertThat(other.come.size()).as("what the first did not get came here").isPositive();
    home.comes();
    ticks(20);
    awaitAll(home, other);
    assertThat(home.sessions).as("it stays while the other is there").hasSize(1);
    other.goes();
    home.awaitSession(2);
    ticks(20);
    awaitAll(home, other);
    assertThat(other.sessions).hasSize(1);
  }

  /** Its number is the higher one, as it was started more often; it may watch, and that is all. */
  @Test
  void anotherStoreIsNotObeyedHoweverOftenItWasStarted() throws IOException {
    Site home = new Site(trust);
    Site other = new Site(trust);
    home.has = 5;
    other.has = 7;
    other.term = new Term(1, 9, 4);
    home.comes(other.address());
    other.comes("127.0.0.1:1");
    Acknowledged events = new Acknowledged();
    agentStarts(home, events);
    home.awaitSession(1);
    home.goes();
    other.awaitSession(1);
    ticks(20);
    awaitAll(home, other);
    home.term = new Term(1, 3, 5); // the next start of its store
    home.comes();
    other.goes();
    home.awaitSession(2);
    await().atMost(LONG).until(() -> events.numbers.size() >= 2);
    assertThat(events.numbers).as("nothing counts as told to the other").containsOnly(5L);
  }

  /** One that was restored from a backup has the later generation. */
  @Test
  void aRestoredStoreIsObeyedWhereTheNodeWasSent() throws IOException {
    Site home = new Site(trust);
    Site other = new Site(trust);
    other.has = 7;
    other.term = new Term(2, 1, 4);
    home.comes(other.address());
    other.comes();
    Acknowledged events = new Acknowledged();
    agentStarts(home, events);
    home.awaitSession(1);
    home.goes();
    await().atMost(LONG).until(() -> events.numbers.contains(7L));
  }

  /** What collectors said that they have. */
  private static final class Acknowledged implements EventLog {
    private final List<Long> numbers = new CopyOnWriteArrayList<>();

    @Override
    public UUID id() {
      return new UUID(3, 4);
    }

    @Override
    public long newest() {
      return 0;
    }

    @Override
    public void listen(Runnable told) {
      // there is never more
    }

    @Override
    public void after(long sequence, int most, Consumer<List<Entry>> answer) {
      answer.accept(List.of());
    }

    @Override
    public void acknowledged(long sequence) {
      numbers.add(sequence);
    }
  }

  /** The other is of the same name and site, and of another authority. */
  @Test
  void aCollectorOfAnotherAuthorityGetsNothing() throws IOException {
    DemoTrust foreign =
        DemoTrust.create(directory.resolve("foreign"), "test", List.of(NODE), clock);
    Site home = new Site(trust);
    Site other = new Site(foreign);
    home.comes(other.address());
    other.comes();
    agentStarts(home);
    home.awaitSession(1);
    home.goes();
    ticks(50);
    await().atMost(LONG).until(() -> !uplink.connected());
    home.comes();
    home.awaitSession(2);
    awaitAll(home);
    assertThat(other.sessions).isEmpty();
    assertThat(other.come).isEmpty();
  }

  /** Two that send their agents to each other each time they are stopped. */
  @Test
  void aLoopOfCollectorsEndsAtTheConfiguredOne() throws IOException {
    Site home = new Site(trust);
    Site other = new Site(trust);
    home.comes(other.address());
    other.comes(home.address());
    agentStarts(home);
    for (int i = 1; i <= Route.MOST / 2; i++) {
      home.awaitSession(i);
      home.goes();
      other.awaitSession(i);
      home.comes(other.address());
      other.goes();
      other.comes(home.address());
    }
    home.awaitSession(Route.MOST / 2 + 1);
    home.goes();
    home.comes(other.address());
    home.awaitSession(Route.MOST / 2 + 2);
    ticks(10);
    awaitAll(home, other);
    assertThat(other.sessions).as("no more than that").hasSize(Route.MOST / 2);
  }
}
