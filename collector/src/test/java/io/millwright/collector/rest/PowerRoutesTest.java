package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.control.PowerLog;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders over a real store, a real writer and real HTTP; the node is played by this test. */
@SuppressWarnings("NullAway.Init") // set before each test
class PowerRoutesTest {
  private static final String VIEWER = "viewer-token-viewer-token";
  private static final String OPERATOR = "operator-token-operator-token";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final AheadClock clock = new AheadClock();
  private final ConcurrentLinkedQueue<Frame.CapPower> sent = new ConcurrentLinkedQueue<>();

  /** The machine's, and what a test lets pass of it at once. */
  private static final class AheadClock implements Clock {
    private final AtomicLong ahead = new AtomicLong();

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

    private void pass(Duration time) {
      ahead.addAndGet(time.toNanos());
    }
  }

  private SqliteStore store;
  private Control control;
  private RestServer server;

  @BeforeEach
  void start() throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann %s\noperator bob %s\n".formatted(VIEWER, OPERATOR));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    store = SqliteStore.open(directory.resolve("store.db"));
    control = new Control(new JobDesk(JobBook.open(store, clock), clock), clock);
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new PowerRoutes(control, new PowerLog(store, clock)).routes(),
            Tokens.read(tokens),
            Set.of());
    server.start();
    control.start();
    control.tell(new Fact.Connected("n1", 1, "1", clock.nanos(), clock.wall().toEpochMilli()));
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> control.fleet().nodes().containsKey("n1"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
    control.stop(Duration.ofSeconds(5));
    store.close();
    http.close();
  }

  private void connect(String... capabilities) {
    Line line =
        new Line() {
          @Override
          public void send(List<? extends Frame> frames) {
            frames.forEach(frame -> {
              if (frame instanceof Frame.CapPower order) {
                sent.add(order);
              }
            });
          }

          @Override
          public void end(String why) {}
        };
    control.tell(
        new Told.Opened(
            "n1",
            1,
            Set.of(capabilities),
            new JournalHead(new UUID(0, 0), 0, 0, Term.NONE, 0),
            "127.0.0.1",
            line));
  }

  private CompletableFuture<HttpResponse<String>> later(String node, String token, String body) {
    URI uri = URI.create("http://127.0.0.1:%d/v1/nodes/%s/power".formatted(server.port(), node));
    return http.sendAsync(
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(20))
            .header("authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void refused(String node, String token, String body, int status, String why)
      throws IOException {
    HttpResponse<String> answer = later(node, token, body).join();
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).get("detail").asText()).contains(why);
  }

  private Frame.CapPower order() {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !sent.isEmpty());
    return sent.remove();
  }

  private List<JsonNode> log() {
    return store.range(PowerLog.KEYS).values().stream()
        .map(entry -> {
          try {
            return JSON.readTree(entry.value());
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        })
        .toList();
  }

  @Test
  void anOrderIsWrittenDownBeforeItIsSentAndAnsweredByTheNode() throws Exception {
    connect("power");
    var answer = later("n1", OPERATOR, "{\"watts\":600,\"devices\":[\"GPU-1\"]}");
    Frame.CapPower order = order();
    assertThat(order.watts()).hasValue(600);
    assertThat(order.devices()).containsExactly("GPU-1");
    assertThat(log())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.get("by").asText()).isEqualTo("bob");
          assertThat(entry.get("node").asText()).isEqualTo("n1");
          assertThat(entry.get("watts").asInt()).isEqualTo(600);
          assertThat(entry.has("results")).isFalse();
        });
    PowerBody body =
        new PowerBody(
            Optional.empty(),
            List.of(
                new PowerBody.Cap(
                    "GPU-1", "clamped", OptionalLong.of(500_500), OptionalLong.of(500_500))));
    control.tell(new Told.Capped("n1", 1, order.number(), body));
    assertThat(answer.join().statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.join().body()))
        .isEqualTo(
            JSON.readTree(
                """
                {"schema_version":1,"node":"n1","devices":[
                  {"uuid":"GPU-1","result":"clamped","set_watts":500.5,"in_force_watts":500.5}]}
                """));
    assertThat(log().getFirst().at("/results/0/in_force_milliwatts").asLong()).isEqualTo(500_500);
  }

  @Test
  void theNodesRefusalIsPassedOn() throws Exception {
    connect("power");
    var answer = later("n1", OPERATOR, "{\"watts\":\"default\"}");
    Frame.CapPower order = order();
    assertThat(order.watts()).isEmpty();
    control.tell(new Told.Capped("n1", 1, order.number(), PowerBody.refused("below the floor")));
    assertThat(answer.join().statusCode()).isEqualTo(409);
    assertThat(answer.join().body()).contains("node n1: below the floor.");
    assertThat(log().getFirst().get("refusal").asText()).isEqualTo("below the floor");
  }

  @Test
  void aSessionThatEndsLeavesItOpenWhatWasDone() throws Exception {
    connect("power");
    var answer = later("n1", OPERATOR, "{\"watts\":600}");
    order();
    control.tell(new Told.Closed("n1", 1));
    assertThat(answer.join().statusCode()).isEqualTo(503);
    assertThat(answer.join().body()).contains("it may have carried the order out");
    assertThat(log().getFirst().has("unanswered")).isTrue();
  }

  @Test
  void anAnswerThatComesLateIsWrittenDownAsWell() throws Exception {
    connect("power");
    var answer = later("n1", OPERATOR, "{\"watts\":600}");
    Frame.CapPower order = order();
    clock.pass(Duration.ofMinutes(1));
    assertThat(answer.join().statusCode()).isEqualTo(503);
    assertThat(log().getFirst().has("unanswered")).isTrue();
    control.tell(new Told.Capped("n1", 1, order.number(), PowerBody.refused("it was too late")));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> log().getFirst().has("refusal"));
    assertThat(log().getFirst().get("refusal").asText()).isEqualTo("it was too late");
    assertThat(log().getFirst().has("unanswered")).isFalse();
    control.tell(new Told.Capped("n1", 1, order.number(), PowerBody.refused("once more")));
    var another = later("n1", OPERATOR, "{\"watts\":700}");
    control.tell(new Told.Capped("n1", 1, order().number(), PowerBody.refused("another")));
    assertThat(another.join().body()).contains("another"); // what was told before it is done with
    assertThat(log().getFirst().get("refusal").asText()).isEqualTo("it was too late");
  }

  @Test
  void theRouteStandsInTheApiDocument() throws Exception {
    try (var in =
        PowerRoutes.class.getResourceAsStream("/io/millwright/collector/web/openapi.json")) {
      assertThat(JSON.readTree(in).at("/paths/~1v1~1nodes~1{node}~1power/post").isObject())
          .isTrue();
    }
  }

  @Test
  void whoMayNotAndWhatIsNoneIsRefused() throws Exception {
    refused("n1", OPERATOR, "{\"watts\":600}", 503, "node n1 is not connected");
    connect("jobs");
    refused("n1", OPERATOR, "{\"watts\":600}", 409, "sets no power limits");
    refused("n9", OPERATOR, "{\"watts\":600}", 404, "No node of this name");
    refused("n1", VIEWER, "{\"watts\":600}", 403, "needs the role operator");
    for (String bad :
        List.of(
            "",
            "[]",
            "{}",
            "{\"watts\":0}",
            "{\"watts\":100001}",
            "{\"watts\":600.5}",
            "{\"watts\":\"600\"}",
            "{\"watts\":null}",
            "{\"watts\":600,\"watt\":1}",
            "{\"watts\":600,\"devices\":[\"a b\"]}",
            "{\"watts\":600,\"devices\":[\"a\",\"a\"]}")) {
      HttpResponse<String> answer = later("n1", OPERATOR, bad).join();
      assertThat(answer.statusCode()).as(bad + answer.body()).isEqualTo(400);
    }
    assertThat(sent).isEmpty();
  }
}
