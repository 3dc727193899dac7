package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.paging.WebhookOptions;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An incident through a whole collector: in as an agent's bytes over mutual TLS, out as REST,
 * metrics and a webhook on loopback. The agent is played by this test, and the wall clock is moved
 * on instead of waited for.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class IncidentsOverTheWireTest {
  private static final String NODE = "node1";
  private static final Accelerator DEVICE =
      new Accelerator(NODE, "3", "GPU-3", "nvidia", "NVIDIA B200", true);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VIEWER = "viewer-token-viewer-token";
  private static final String OPERATOR = "operator-token-operator-token";

  @TempDir private Path directory;
  private final AtomicLong aheadMs = new AtomicLong();
  private final Clock clock = new AheadClock();
  private final HttpClient http = HttpClient.newHttpClient();
  private final SeriesSchema schema = SeriesSchema.of(series());
  private final SampleEncoder encoder = new SampleEncoder(schema, 7);
  private final List<JsonNode> told = new CopyOnWriteArrayList<>();
  private long sequence;
  private long epoch = 7;
  private DemoTrust trust;
  private HttpServer hook;
  private Collector collector;

  /** The system's, with a wall that is ahead. */
  private final class AheadClock implements Clock {
    @Override
    public long nanos() {
      return Clock.system().nanos();
    }

    @Override
    public Instant wall() {
      return Clock.system().wall().plusMillis(aheadMs.get());
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos);
    }
  }

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of(NODE), clock);
    hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          told.add(JSON.readTree(exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    hook.start();
    Path racks = directory.resolve("racks.csv");
    Files.writeString(racks, "node,rack,switch,domain\n%s,r1,leaf-1,nvl-1\n".formatted(NODE));
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "a secret of this test", StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann %s\noperator bob %s\n".formatted(VIEWER, OPERATOR));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    begin();
  }

  private void begin() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    WebhookOptions webhook =
        WebhookOptions.of(
            "http://127.0.0.1:%d/".formatted(hook.getAddress().getPort()),
            directory.resolve("secret"));
    collector =
        new Collector(
            new CollectorOptions(
                any,
                any,
                trust.collector(),
                directory.resolve("data"),
                Optional.of(directory.resolve("tokens")),
                Set.of(),
                Optional.empty(),
                new CollectorOptions.Paging(
                    Optional.of(directory.resolve("racks.csv")), Optional.of(webhook)),
                Optional.empty(),
                Optional.empty()),
            clock);
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.close();
    hook.stop(0);
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

  private Peer connect() throws IOException {
    Peer peer = new Peer(trust.node(NODE), collector.uplinkPort());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin(NODE, UUID.randomUUID(), epoch, "0.1"),
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
    return send(request(path)).body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + collector.httpPort()).resolve(path))
        .timeout(Duration.ofSeconds(10));
  }

  /** What closing an incident is answered, or anything else that is asked for by a body. */
  private HttpResponse<String> post(String path, String token, String body) {
    HttpRequest.Builder request =
        request(path).POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
    if (!token.isEmpty()) {
      request.header("authorization", "Bearer " + token);
    }
    return send(request);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
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

  /** The agent tells the same every time it is looked, as agents do. */
  private void until(Peer peer, Verdict verdict, Callable<Boolean> holds) throws IOException {
    Evidence[] why =
        switch (verdict) {
          case OK -> new Evidence[0];
          case UNKNOWN -> new Evidence[] {unanswered()};
          case DEGRADED, FAILED -> new Evidence[] {xid79()};
        };
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          tell(peer, verdict, why);
          return holds.call();
        });
  }

  private static Evidence xid79() {
    return new Evidence(
        "xid-reboot",
        1,
        Verdict.FAILED,
        Advice.REBOOT_NODE,
        Scope.NODE,
        "Xid 79 once",
        5,
        "a reboot of the node",
        Optional.of("hello-r1"),
        false);
  }

  private static Evidence unanswered() {
    return new Evidence(
        "device-unanswered",
        1,
        Verdict.UNKNOWN,
        Advice.INSPECT,
        Scope.DEVICE,
        "its first answer is awaited",
        5,
        "the device answers for 10 s",
        Optional.empty(),
        false);
  }

  private JsonNode open() throws IOException {
    return get("/v1/incidents?state=open");
  }

  @Test
  void oneFaultIsOneIncidentFromItsFirstWordToItsLast() throws IOException {
    String id;
    try (Peer peer = connect()) {
      until(peer, Verdict.FAILED, () -> open().size() == 1);
      JsonNode incident = open().get(0);
      id = incident.get("id").asText();
      assertThat(id).matches("inc-[0-9]{4}-[0-9]{4}-1");
      assertThat(incident.get("page").asText()).isEqualTo("waiting");
      assertThat(incident.get("jobs")).as("nobody has a token").isEmpty();
      aheadMs.addAndGet(11_000);
      until(peer, Verdict.FAILED, () -> told.size() == 1);
    }
    assertThat(told.getFirst().get("id").asText()).isEqualTo(id);
    assertThat(told.getFirst().get("kind").asText()).isEqualTo("opened");
    assertThat(told.getFirst().get("page").asBoolean()).isTrue();
    assertThat(told.getFirst().at("/root/uuid").asText()).isEqualTo("GPU-3");
    await() // what was delivered counts once the answer has come back
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(text("/metrics"))
                .contains(
                    "millwright_collector_incidents{severity=\"critical\"} 1\n",
                    "millwright_collector_incident_pages_total{result=\"sent\"} 1\n",
                    "millwright_collector_webhook_notices_total{result=\"delivered\"} 1\n",
                    "millwright_collector_rack_map_refused 0\n"));
    assertThat(get("/v1/racks").at("/places/0/domain").asText()).isEqualTo("nvl-1");

    collector.close(); // its own restart is no incident, and what stood, stands
    begin();
    epoch++;
    try (Peer peer = connect()) {
      until(peer, Verdict.FAILED, () -> text("/metrics").contains("link=\"connected\"} 1"));
      aheadMs.addAndGet(11_000);
      until(peer, Verdict.FAILED, () -> open().size() == 1);
      assertThat(open().get(0).get("id").asText()).isEqualTo(id);
      until(peer, Verdict.OK, () -> open().get(0).has("clear_since_ms"));
    }
    collector.close();
    aheadMs.addAndGet(61_000); // it goes by the clock at its start, and by what has passed since
    begin();
    epoch++;
    try (Peer peer = connect()) {
      until(peer, Verdict.OK, () -> open().isEmpty());
      until(peer, Verdict.OK, () -> told.getLast().get("kind").asText().equals("closed"));
    }
    assertThat(told.stream().filter(one -> one.get("page").asBoolean())).hasSize(1);
    assertThat(get("/v1/incidents/" + id).get("state").asText()).isEqualTo("closed");
    assertThat(get("/v1/incidents/" + id).get("evidence").findValuesAsText("rule"))
        .contains("xid-reboot");
    assertThat(text("/v1/incidents/inc-0")).contains("No incident 'inc-0' is kept");
    assertThat(text("/v1/incidents?state=lost")).contains("allowed is open, closed or all");
  }

  /** Nobody has to close what has ended: it is open for a minute more, and says since when. */
  @Test
  void whatIsKnownAgainEndsItsIncidentByItself() throws IOException {
    String id;
    try (Peer peer = connect()) {
      until(peer, Verdict.UNKNOWN, () -> open().size() == 1);
      id = open().get(0).get("id").asText();
      until(peer, Verdict.OK, () -> open().get(0).has("clear_since_ms"));
    }
    collector.close();
    aheadMs.addAndGet(61_000);
    begin();
    epoch++;
    try (Peer peer = connect()) {
      until(peer, Verdict.OK, () -> open().isEmpty());
    }
    JsonNode closed = get("/v1/incidents/" + id);
    assertThat(closed.get("state").asText()).isEqualTo("closed");
    assertThat(closed.has("closed_by")).as("by nobody").isFalse();
  }

  /** Who may, what is asked for, and what is answered where it is refused (RFC 9457). */
  @Test
  void anIncidentIsClosedByAnOperatorAloneAndNotWhileItStands() throws IOException {
    try (Peer peer = connect()) {
      until(peer, Verdict.FAILED, () -> open().size() == 1);
      String path = "/v1/incidents/" + open().get(0).get("id").asText() + "/close";
      String scrapped = "{\"reason\":\"scrapped\"}";
      refused(post(path, "", scrapped), 401, "");
      refused(post(path, VIEWER, scrapped), 403, "");
      refused(post(path, OPERATOR, "{}"), 400, "reason: missing");
      refused(post(path, OPERATOR, "{\"reason\":\"\"}"), 400, "reason: '' is refused");
      refused(post(path, OPERATOR, "{\"reason\":\"a\",\"anyway\":1}"), 400, "anyway: 1");
      refused(post(path, OPERATOR, "{\"reason\":\"a\",\"force\":true}"), 400, "force: no such");
      refused(post("/v1/incidents/inc-0/close", OPERATOR, scrapped), 404, "No incident 'inc-0'");
      refused(post(path, OPERATOR, scrapped), 409, "or say --anyway");
      assertThat(open()).as("nothing was closed").hasSize(1);

      HttpResponse<String> done = post(path, OPERATOR, "{\"reason\":\"scrapped\",\"anyway\":true}");
      assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
      JsonNode closed = JSON.readTree(done.body());
      assertThat(closed.get("state").asText()).isEqualTo("closed");
      assertThat(closed.get("closed_by").asText()).isEqualTo("bob");
      assertThat(closed.get("close_reason").asText()).isEqualTo("scrapped");
      assertThat(open()).isEmpty();
      refused(post(path, OPERATOR, scrapped), 409, "is closed already");
      assertThat(text(path.replace("/close", "")))
          .as("for whoever may see names")
          .doesNotContain("bob");
    }
  }

  private static void refused(HttpResponse<String> answer, int status, String sentence)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(problem.get("title").asText()).isNotBlank();
    assertThat(problem.get("detail").asText()).contains(sentence);
  }

  @Test
  void theApiDocumentNamesEachFieldOfAnIncident() throws IOException {
    JsonNode schemas = get("/v1/openapi.json").at("/components/schemas");
    JsonNode paths = get("/v1/openapi.json").get("paths");
    assertThat(paths.has("/v1/incidents") && paths.has("/v1/incidents/{id}")).isTrue();
    assertThat(paths.has("/v1/racks")).isTrue();
    try (Peer peer = connect()) {
      until(peer, Verdict.FAILED, () -> open().size() == 1);
      JsonNode incident = get("/v1/incidents/" + open().get(0).get("id").asText());
      matches(incident, schemas.get("Incident"));
      matches(incident.at("/evidence/0"), schemas.at("/Incident/properties/evidence/items"));
      matches(get("/v1/racks"), schemas.get("Racks"));
      matches(get("/v1/racks").at("/places/0"), schemas.at("/Racks/properties/places/items"));
    }
  }

  private static void matches(JsonNode seen, JsonNode schema) {
    List<String> sent = new ArrayList<>();
    seen.fieldNames().forEachRemaining(sent::add);
    List<String> named = new ArrayList<>();
    schema.get("properties").fieldNames().forEachRemaining(named::add);
    assertThat(named).containsAll(sent);
    schema.get("required").forEach(field -> assertThat(sent).contains(field.asText()));
  }
}
