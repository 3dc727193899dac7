package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A roll-out as an operator sees it: sessions of two versions over real sockets. */
@SuppressWarnings("NullAway.Init") // set before each test
class FleetByVersionTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final UUID JOURNAL = new UUID(1, 2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private DemoTrust trust;
  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    Clock clock = Clock.system();
    trust =
        DemoTrust.create(
            directory.resolve("trust"), "test", List.of("node1", "node2", "node3"), clock);
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

  private Peer open(String node, String version) throws IOException {
    Peer peer = new Peer(trust.node(node), collector.uplinkPort());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin(node, UUID.randomUUID(), 7, version),
            Hash128.NONE,
            new SpoolRange(Position.NONE, Position.NONE),
            new Moment(1, 1),
            List.of(),
            new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0),
            JOURNAL));
    assertThat(peer.next()).isInstanceOf(Frame.Welcome.class);
    return peer;
  }

  private static void tell(Peer peer, int from, int to) throws IOException {
    for (int i = from; i <= to; i++) {
      NodeEvent event =
          new NodeEvent(
              "boot",
              "error-code",
              Severity.FATAL,
              "GPU-3",
              "3",
              "",
              "79",
              2,
              10,
              20,
              Optional.empty(),
              "Xid 79");
      peer.send(new Frame.Event(i, 1_000 + i, event.kind(), Payload.of(EventBody.json(event))));
    }
    while (!(peer.next() instanceof Frame.Ack ack && ack.event() >= to)) {
      // another frame
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + collector.httpPort() + path))
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode version(String version) throws IOException, InterruptedException {
    for (JsonNode one : JSON.readTree(get("/v1/fleet?by=version").body()).path("versions")) {
      if (one.path("version").asText().equals(version)) {
        return one;
      }
    }
    return JSON.createObjectNode();
  }

  private JsonNode awaited(String version, Predicate<JsonNode> what) {
    return await().atMost(PATIENCE).until(() -> version(version), what);
  }

  @Test
  void eachVersionHasItsNodesAndWhatHappenedOnThemSinceTheyHaveIt() throws Exception {
    try (Peer first = open("node1", "1.4.0");
        Peer second = open("node2", "1.4.0")) {
      JsonNode old = awaited("1.4.0", one -> one.path("sessions").asInt() == 2);
      assertThat(old.path("nodes").asInt()).isEqualTo(2);
      assertThat(old.path("nodes_unknown").asInt()).as("none has told a verdict").isEqualTo(2);
      tell(first, 1, 40);
      tell(second, 1, 3);
      old = awaited("1.4.0", one -> one.path("events").asInt() >= 43);
      assertThat(old.path("since_ms").asLong()).isPositive();
      assertThat(old.has("events_per_node_day")).as("a node-hour is not over").isFalse();
    }
    try (Peer _ = open("node2", "1.4.0");
        Peer upgraded = open("node1", "1.5.0")) {
      JsonNode next = awaited("1.5.0", one -> one.path("sessions").asInt() == 1);
      assertThat(next.path("nodes").asInt()).isEqualTo(1);
      assertThat(next.path("events").asInt())
          .as("the forty are of the version before")
          .isLessThan(10);
      JsonNode old =
          awaited(
              "1.4.0", one -> one.path("sessions").asInt() == 2 && one.path("nodes").asInt() == 1);
      assertThat(old.path("events").asInt()).isBetween(3, 20);
      int before = next.path("events").asInt();
      tell(upgraded, 41, 60);
      awaited("1.5.0", one -> one.path("events").asInt() >= before + 20);
    }
    awaited("1.5.0", one -> one.path("nodes_connected").asInt() == 0);
    try (Peer _ = open("node3", "1.4.0")) {
      awaited("1.4.0", one -> one.path("nodes").asInt() == 2);
      assertThat(JSON.readTree(get("/v1/fleet?by=version").body()).findValuesAsText("version"))
          .as("the one of most nodes first")
          .containsExactly("1.4.0", "1.5.0");
    }
  }

  @Test
  void anotherWordIsRefused() throws Exception {
    HttpResponse<String> refused = get("/v1/fleet?by=rack");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("by: 'rack' is refused; allowed is version");
  }
}
