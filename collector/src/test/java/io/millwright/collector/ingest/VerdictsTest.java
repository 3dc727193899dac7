package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verdicts through a whole collector: in as an agent's bytes over mutual TLS, out as REST and
 * metrics. The agent is played by this test.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class VerdictsTest {
  private static final String NODE = "node1";
  private static final Accelerator DEVICE =
      new Accelerator(NODE, "3", "GPU-3", "nvidia", "NVIDIA B200", true);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();
  private final SeriesSchema schema = SeriesSchema.of(series());
  private final SampleEncoder encoder = new SampleEncoder(schema, 7);
  private long sequence;
  private DemoTrust trust;
  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of(NODE), clock);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    collector =
        new Collector(
            new CollectorOptions(
                any, any, trust.collector(), directory.resolve("data"), Optional.empty(), Set.of()),
            clock);
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.close();
    http.close();
  }

  /** Whether the device is up, then each state of the node and of the device. */
  private static List<Series> series() {
    List<Series> series = new ArrayList<>();
    series.add(Series.of(Metric.ACCELERATOR_UP, DEVICE));
    for (Verdict state : Verdict.values()) {
      series.add(Series.of(Metric.NODE_HEALTH_STATE, NODE, state.word()));
    }
    for (Verdict state : Verdict.values()) {
      series.add(Series.of(Metric.ACCELERATOR_HEALTH_STATE, DEVICE, state.word()));
    }
    return series;
  }

  private Peer open() throws IOException {
    Peer peer = new Peer(trust.node(NODE), collector.uplinkPort());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin(NODE, UUID.randomUUID(), 7, "0.1"),
            Hash128.NONE,
            new SpoolRange(Position.NONE, Position.NONE),
            new Moment(1, 1),
            List.of(),
            new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0)));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    peer.send(schema.frame());
    encoder.restart();
    return peer;
  }

  /** The report, and the sample of the same tick. */
  private void tell(Peer peer, Verdict verdict, Evidence... why) throws IOException {
    HealthReport report =
        new HealthReport(
            1,
            List.of(
                new Judgement(new Subject.Node(), Verdict.OK, List.of()),
                new Judgement(new Subject.Device("3", "GPU-3"), verdict, List.of(why))));
    peer.send(new Frame.Health(1, Payload.of(HealthBody.json(report))));
    Row row = new Row(schema.size());
    row.set(0, 1);
    List<Verdict> states = List.of(Verdict.values());
    for (int i = 0; i < states.size(); i++) {
      row.set(1 + i, states.get(i) == verdict ? 1 : 0);
      row.set(1 + states.size() + i, states.get(i) == verdict ? 1 : 0);
    }
    sequence++;
    FrameWriter writer = new FrameWriter(512);
    encoder.encode(sequence, new Moment(sequence, sequence), row, writer);
    byte[] bytes = new byte[writer.length()];
    writer.written().get(bytes);
    peer.send(bytes);
  }

  private String text(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + collector.httpPort()).resolve(path))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private JsonNode get(String path) throws IOException {
    return JSON.readTree(text(path));
  }

  private void until(String verdict) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(get("/v1/nodes/node1").path("verdict").asText()).isEqualTo(verdict));
  }

  private static Evidence xid79() {
    return new Evidence(
        "xid-79",
        1,
        Verdict.FAILED,
        Advice.REBOOT_NODE,
        Scope.NODE,
        "Xid 79, 1 time",
        5,
        "a reboot of the node",
        Optional.of("hello-r1"),
        false);
  }

  @Test
  void metricsAndRestSayTheSame() throws IOException {
    try (Peer peer = open()) {
      tell(peer, Verdict.OK);
      until("ok");
      tell(peer, Verdict.FAILED, xid79());
      until("failed");
      JsonNode device = get("/v1/accelerators/GPU-3");
      assertThat(device.get("verdict").asText()).isEqualTo("failed");
      assertThat(device.at("/evidence/0/rule").asText()).isEqualTo("xid-79");
      assertThat(device.at("/evidence/0").has("job")).as("nobody has a token").isFalse();
      assertThat(get("/v1/nodes/node1").at("/evidence/0/accelerator").asText()).isEqualTo("3");
      assertThat(get("/v1/fleet").get("accelerators_failed").asInt()).isEqualTo(1);
      assertThat(text("/metrics"))
          .contains(
              "millwright_collector_nodes{verdict=\"failed\",link=\"connected\"} 1\n",
              "state=\"failed\"} 1\n");
      assertThat(text("/metrics/node/node1"))
          .contains("model=\"NVIDIA B200\",state=\"failed\"} 1\n");
    }
    until("unknown");
    JsonNode silent = get("/v1/nodes/node1").at("/evidence/0");
    assertThat(silent.get("rule").asText()).isEqualTo("agent-silent");
    assertThat(silent.get("observed").asText()).startsWith("its session has ended");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(get("/v1/events").findValuesAsText("message"))
                .containsSubsequence(
                    "Was ok, is failed by xid-79 version 1: Xid 79, 1 time; advice: reboot-node.",
                    "Its session has ended."));
    try (Peer peer = open()) {
      tell(peer, Verdict.OK);
      until("ok");
      assertThat(get("/v1/accelerators/GPU-3").get("evidence")).isEmpty();
    }
  }
}
