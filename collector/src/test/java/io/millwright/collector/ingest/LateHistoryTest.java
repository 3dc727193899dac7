package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.hot.HotMetric;
import io.millwright.collector.hot.Nodes;
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
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.Term;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that comes back, as an agent's bytes over mutual TLS, and its last minutes over HTTP. */
@SuppressWarnings("NullAway.Init") // set before each test
class LateHistoryTest {
  private static final long RUN = 42;
  private static final int GAP = 70;
  private static final SeriesTable TABLE = Nodes.table("node1", "r1", List.of("GPU-0"));
  private static final SeriesSchema SCHEMA =
      SeriesSchema.of(IntStream.range(0, TABLE.size()).mapToObj(TABLE::series).toList());
  private static final int POWER = Nodes.place(0, HotMetric.POWER);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();
  private DemoTrust trust;
  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("node1"), clock);
    collector =
        new Collector(
            new CollectorOptions(
                new InetSocketAddress(loopback, 0),
                new InetSocketAddress(loopback, 0),
                trust.collector(),
                directory.resolve("data"),
                Optional.empty(),
                Set.of()),
            clock);
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.close();
    http.close();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  /** Nanoseconds of the node's monotonic clock at this wall time of ours. */
  private static long nanos(long wallMs) {
    return wallMs * 1_000_000 - 7;
  }

  private Peer open(long aheadMs) throws IOException {
    long now = clock.wall().toEpochMilli();
    Peer peer = new Peer(trust.node("node1"), collector.uplinkPort());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin("node1", UUID.randomUUID(), RUN, "0.1"),
            Hash128.NONE,
            new SpoolRange(Position.NONE, Position.NONE),
            new Moment(now + aheadMs, nanos(now)),
            List.of(),
            new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0)));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    return peer;
  }

  /** Samples a second apart, whose power is their number. */
  private static byte[] samples(
      boolean backfill, long run, int first, int last, long firstMs, long aheadMs) {
    FrameWriter writer = new FrameWriter(4096);
    writer.write(SCHEMA.frame());
    SampleEncoder encoder = new SampleEncoder(SCHEMA, run);
    for (int sequence = first; sequence <= last; sequence++) {
      Row row = new Row(SCHEMA.size());
      row.set(POWER, (double) sequence);
      long wallMs = firstMs + (sequence - first) * 1000L;
      encoder.encode(sequence, new Moment(wallMs, nanos(wallMs - aheadMs)), row, writer);
    }
    byte[] live = new byte[writer.length()];
    writer.written().get(live);
    return backfill ? writer.backfill() : live;
  }

  private String page(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Number of the sample by the time of its step, in order. */
  private List<Long> history(List<Integer> numbers) throws IOException, InterruptedException {
    JsonNode found =
        new ObjectMapper()
            .readTree(
                page("/v1/accelerators/GPU-0/history?metric=millwright_accelerator_power_watts"));
    List<Long> times = new ArrayList<>();
    numbers.clear();
    for (JsonNode step : found.path("steps")) {
      times.add(step.path("time_ms").asLong());
      numbers.add((int) step.path("max").asDouble());
    }
    return times;
  }

  private double counted(String result) throws IOException, InterruptedException {
    String line = "millwright_collector_history_backfilled_samples_total{result=\"" + result;
    return page("/metrics")
        .lines()
        .filter(one -> one.startsWith(line))
        .mapToDouble(one -> Double.parseDouble(one.substring(one.indexOf(' '))))
        .sum();
  }

  private NodeState node() {
    return collector.fleet().node("node1").orElseThrow();
  }

  /** Its clock is an hour ahead, which the collector takes off. */
  @Test
  void theGapIsFilledAndThePresentStays() throws Exception {
    long aheadMs = 3_600_000;
    long now = clock.wall().toEpochMilli();
    List<Integer> numbers = new ArrayList<>();
    try (Peer peer = open(aheadMs)) {
      peer.send(samples(false, RUN, 1, 1, now, 0));
      soon().until(() -> history(numbers).size() == 1);
    }
    soon().until(() -> node().session() == 0);
    try (Peer peer = open(aheadMs)) {
      peer.send(samples(false, RUN, GAP + 2, GAP + 2, now, 0));
      soon().until(() -> node().sample().value(POWER) == GAP + 2);
      NodeState before = node();
      long began = now + aheadMs - 300_000;
      peer.send(samples(true, RUN, GAP / 2, GAP + 1, began + GAP / 2 * 1000L, aheadMs));
      peer.send(samples(true, RUN, 2, GAP / 2 - 1, began + 2000, aheadMs));
      peer.send(
          samples(true, 7, 1, 5, began - 600_000, aheadMs)); // an earlier start, beyond ten minutes
      soon().until(() -> counted("taken") == GAP && counted("too_old") == 5);
      List<Long> times = history(numbers);
      assertThat(times).isSorted().doesNotHaveDuplicates();
      List<Integer> expected = new ArrayList<>(IntStream.rangeClosed(2, GAP + 1).boxed().toList());
      assertThat(numbers.subList(0, GAP)).isEqualTo(expected);
      assertThat(numbers).last().isEqualTo(GAP + 2); // in one step with the first, it may be
      assertThat(node().sample().value(POWER)).as("the present").isEqualTo((double) GAP + 2);
      assertThat(node().arrivedNanos()).as("liveness").isEqualTo(before.arrivedNanos());
      assertThat(page("/metrics/fleet"))
          .containsPattern("millwright_accelerator_power_watts\\{[^}]*\\} " + (GAP + 2));
    }
  }

  /**
   * Its wall clock was set by an hour after the samples were taken: what they say of it is past.
   */
  @Test
  void theGapIsFilledRightThoughTheClockWasSetSince() throws Exception {
    long now = clock.wall().toEpochMilli();
    List<Integer> numbers = new ArrayList<>();
    try (Peer peer = open(0)) {
      peer.send(samples(false, RUN, 1, 1, now, 0));
      soon().until(() -> history(numbers).size() == 1);
    }
    soon().until(() -> node().session() == 0);
    for (long setMs : List.of(3_600_000L, -3_600_000L)) {
      long began = now - 300_000 + (setMs < 0 ? 100_000 : 0);
      int first = setMs < 0 ? 30 : 10;
      double taken = counted("taken");
      try (Peer peer = open(setMs)) {
        peer.send(samples(false, RUN, first + 10, first + 10, now, 0));
        soon().until(() -> node().sample().value(POWER) == first + 10);
        peer.send(samples(true, RUN, first, first + 5, began, 0));
        soon().until(() -> counted("taken") == taken + 6);
      }
      soon().until(() -> node().session() == 0);
      List<Long> times = history(numbers);
      for (int i = 0; i <= 5; i++) {
        int at = numbers.indexOf(first + i);
        assertThat(at).as("sample %d of %s", first + i, numbers).isNotNegative();
        assertThat(times.get(at)).isBetween(began + i * 1000L - 5_000, began + i * 1000L + 5_000);
      }
    }
    assertThat(counted("too_old")).isZero();
  }
}
