package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.events.Entry;
import io.millwright.agent.events.EventLog;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkLoops;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agents whose collector has others that read nothing of what it says, or a byte a second, and ask
 * for more than they read: the code of real sessions over TLS, a whole collector, and what it
 * shows. Each round has one sample of each node, and the next begins when all of them are shown, so
 * that no test's own haste leaves anything out. How long that took is printed; with {@code
 * -Dlong=yes} there are more nodes and rounds, for a look at the percentiles.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SlowNeighboursTest {
  private static final boolean LONG = "yes".equals(System.getProperty("long"));
  private static final int OTHERS = LONG ? 16 : 3;
  private static final int SLOW = LONG ? 16 : 4;
  private static final int ROUNDS = LONG ? 600 : 12;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int NUMBER = 0;

  /**
   * In the long form less than would keep a core busy, so that the percentiles are of something.
   */
  private static final int AT_ONCE = LONG ? 50 : 500;

  private static final Duration BETWEEN = Duration.ofMillis(LONG ? 10 : 4);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();
  private final UplinkLoops loops = new UplinkLoops(1);
  private final List<Uplink> uplinks = new ArrayList<>();
  private final Map<String, Readings> readings = new HashMap<>();
  private final AtomicInteger letGo = new AtomicInteger();
  private DemoTrust trust;
  private Collector collector;
  private volatile boolean over;
  private int rounds;

  /** Of a node to which nothing happens. */
  private static final class Uneventful implements EventLog {
    @Override
    public UUID id() {
      return new UUID(3, 4);
    }

    @Override
    public long newest() {
      return 0;
    }

    @Override
    public void listen(Runnable told) {}

    @Override
    public void after(long sequence, int most, Consumer<List<Entry>> answer) {
      answer.accept(List.of());
    }

    @Override
    public void acknowledged(long sequence) {}
  }

  private static List<String> nodes(String kind, int count) {
    return IntStream.range(0, count).mapToObj(i -> kind + i).toList();
  }

  @BeforeEach
  void start() throws IOException {
    List<String> all = new ArrayList<>(nodes("other", OTHERS));
    all.addAll(nodes("slow", SLOW));
    trust = DemoTrust.create(directory.resolve("trust"), "test", all, clock);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    collector =
        new Collector(
            new CollectorOptions(
                any, any, trust.collector(), directory.resolve("data"), Optional.empty(), Set.of()),
            clock);
    collector.start();
    for (String node : nodes("other", OTHERS)) {
      SeriesTable.Builder table = SeriesTable.builder();
      table.add(Cadence.FAST, Series.of(Metric.AGENT_SERIES, node));
      readings.put(node, new Readings(table.build()));
      Uplink uplink =
          Uplink.simulated(
              new UplinkOptions("127.0.0.1", collector.uplinkPort(), node, new UUID(0, 1), "test"),
              Optional.of(new MutualTls(Credentials.read(trust.node(node)), clock)),
              new Uneventful(),
              loops,
              new Random(),
              clock);
      uplinks.add(uplink);
      uplink.start();
    }
    AgentProcess.within(PATIENCE).until(() -> uplinks.stream().allMatch(Uplink::connected));
  }

  @AfterEach
  void stop() {
    over = true;
    uplinks.forEach(uplink -> uplink.stop(Duration.ofSeconds(1)));
    loops.close();
    collector.close();
    http.close();
  }

  /** One sample of each, until the last is shown; the times that it took, in milliseconds. */
  private List<Double> round() {
    rounds++;
    Map<String, Long> taken = new HashMap<>();
    for (int i = 0; i < OTHERS; i++) {
      String node = "other" + i;
      Readings now = Objects.requireNonNull(readings.get(node));
      now.at(clock.nanos());
      now.measured(NUMBER, rounds);
      taken.put(node, clock.nanos());
      uplinks.get(i).offer(new NodeSnapshot(rounds, clock.nanos(), List.of(now.sample())));
    }
    List<Double> times = new ArrayList<>();
    long until = clock.nanos() + PATIENCE.toNanos();
    while (!taken.isEmpty()) {
      assertThat(clock.nanos() - until).as("round %d: not shown %s", rounds, taken).isNegative();
      taken
          .entrySet()
          .removeIf(one -> {
            boolean shown = shown(one.getKey(), one.getValue()) == rounds;
            if (shown) {
              times.add((clock.nanos() - one.getValue()) / 1e6);
            }
            return shown;
          });
      clock.parkUntil(clock.nanos() + 200_000);
    }
    return times;
  }

  /** What the fleet shows of it, once the fleet has heard it since. */
  private int shown(String node, long sinceNanos) {
    boolean heard =
        collector
            .fleet()
            .node(node)
            .filter(state -> state.arrivedNanos() >= sinceNanos)
            .isPresent();
    int number =
        collector
            .fleet()
            .node(node)
            .filter(state -> state.sample().table().size() > 0)
            .map(state -> (int) state.sample().value(NUMBER))
            .orElse(0);
    assertThat(number).isBetween(rounds - 1, rounds);
    return heard ? number : rounds - 1;
  }

  private List<Double> roundsOf(int count) {
    return IntStream.range(0, count).boxed().flatMap(i -> round().stream()).sorted().toList();
  }

  private static String words(List<Double> sorted) {
    return "p50 %.0f ms, p99 %.0f ms"
        .formatted(sorted.get(sorted.size() / 2), sorted.get(sorted.size() * 99 / 100));
  }

  // ---- the slow ones

  private SSLSocket greeted(String node) throws IOException {
    SSLSocket socket =
        new MutualTls(Credentials.read(trust.node(node)), clock)
            .connect("127.0.0.1", collector.uplinkPort());
    socket
        .getOutputStream()
        .write(
            FrameWriter.encode(
                new Frame.Hello(
                    ProtocolVersion.SUPPORTED,
                    new Origin(node, new UUID(1, 1), 7, "0.1"),
                    Hash128.NONE,
                    new SpoolRange(Position.NONE, Position.NONE),
                    new Moment(1, 1),
                    List.of(),
                    new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0))));
    return socket;
  }

  /** Asks and asks, and comes back whenever it is let go. */
  private void ask(String node, boolean reads) {
    ByteArrayOutputStream questions = new ByteArrayOutputStream();
    for (int i = 1; i <= AT_ONCE; i++) {
      questions.writeBytes(FrameWriter.encode(new Frame.Ping(i, new Moment(1, 1))));
    }
    while (!over) {
      try (SSLSocket socket = greeted(node)) {
        long readNanos = clock.nanos();
        while (!over) {
          socket.getOutputStream().write(questions.toByteArray());
          if (reads && clock.nanos() - readNanos > Duration.ofSeconds(1).toNanos()) {
            readNanos = clock.nanos();
            var _ = socket.getInputStream().read();
          }
          clock.parkUntil(clock.nanos() + BETWEEN.toNanos());
        }
      } catch (IOException ended) {
        letGo.incrementAndGet();
      }
    }
  }

  private String metric(String series) throws IOException, InterruptedException {
    String page =
        http.send(
                HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    return page.lines()
        .filter(line -> line.startsWith(series + " "))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series))
        .substring(series.length() + 1);
  }

  private List<Long> sessions() {
    return nodes("other", OTHERS).stream()
        .map(node -> collector.fleet().node(node).map(NodeState::session).orElse(0L))
        .toList();
  }

  @Test
  void othersLoseNothingBesideAgentsThatDoNotRead() throws Exception {
    roundsOf(3); // classes are loaded, and schemas told
    List<Double> before = roundsOf(ROUNDS);
    List<Long> sessions = sessions();
    List<Thread> slow = new ArrayList<>();
    for (int i = 0; i < SLOW; i++) {
      String node = "slow" + i;
      boolean reads = i % 2 == 1;
      slow.add(Threads.platform("slow-" + i, () -> ask(node, reads)));
    }
    slow.forEach(Thread::start);
    AgentProcess.within(PATIENCE).until(() -> letGo.get() > 0);
    List<Double> beside = roundsOf(ROUNDS);
    while (letGo.get() < SLOW) { // each was let go about once
      round();
      assertThat(rounds).as("none is let go").isLessThan(10_000);
    }
    System.out.printf(
        "sample to shown, %d nodes: alone %s; beside %d that do not read, or a byte a second, %s;"
            + " %d times let go%n",
        OTHERS, words(before), SLOW, words(beside), letGo.get());
    assertThat(sessions()).as("nobody else's session ended").isEqualTo(sessions);
    assertThat(metric("millwright_collector_backfilled_samples_total{result=\"accepted\"}"))
        .as("no sample was left out and came late")
        .isEqualTo("0");
    assertThat(metric("millwright_collector_backfilled_samples_total{result=\"duplicate\"}"))
        .isEqualTo("0");
    assertThat(metric("millwright_collector_ingested_samples_total"))
        .as("each sample of each, once")
        .isEqualTo(Integer.toString(rounds * OTHERS));
    over = true;
    for (Thread one : slow) {
      one.join(PATIENCE.toMillis());
    }
  }
}
