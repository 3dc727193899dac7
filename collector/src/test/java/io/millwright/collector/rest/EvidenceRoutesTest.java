package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.audit.AuditDraft;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.EvidenceDesk;
import io.millwright.collector.control.EvidenceOrder;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.Txn;
import io.millwright.protocol.bodies.BundleManifest;
import io.millwright.protocol.bodies.DoctorCheck;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders over a real store, a real writer and real HTTP; the node is played by this test. */
@SuppressWarnings("NullAway.Init") // set before each test
class EvidenceRoutesTest {
  private static final String VIEWER = "viewer-token-viewer-token";
  private static final String OPERATOR = "operator-token-operator-token";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final EvidenceBody BUNDLE =
      EvidenceBody.of(
          new EvidenceBody.Bundle(
              new BundleManifest("b1", "n1", 5, "why", "inc-7", List.of(), List.of()), 2, "ab"));

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Clock clock = Clock.system();
  private final ConcurrentLinkedQueue<Frame> sent = new ConcurrentLinkedQueue<>();
  private SqliteStore store;
  private Control control;
  private AuditLog audit;
  private EvidenceDesk desk;
  private RestServer server;

  @BeforeEach
  void start() throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann %s\noperator bob %s\n".formatted(VIEWER, OPERATOR));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    store = SqliteStore.open(directory.resolve("store.db"));
    control = new Control(new JobDesk(JobBook.open(store, clock), clock), clock);
    audit = AuditLog.open(store, clock);
    desk = new EvidenceDesk(control, audit, store, clock);
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new EvidenceRoutes(control, desk).routes(),
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
            sent.addAll(frames);
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
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> control.told() == 0);
    control.ask((jobs, fleet) -> true).join(); // in the turn after the one that took it
  }

  private <F extends Frame> F ordered(Class<F> type) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> sent.stream().anyMatch(type::isInstance));
    F found = sent.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
    assertThat(sent.remove(found)).isTrue();
    return found;
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(Duration.ofSeconds(20))
        .header("authorization", "Bearer " + token);
  }

  private CompletableFuture<HttpResponse<String>> posted(String path, String token, String body) {
    return http.sendAsync(
        request(path, token).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> got(String path, String token) {
    return http.sendAsync(request(path, token).GET().build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode list() throws IOException {
    return JSON.readTree(got("/v1/nodes/n1/evidence", OPERATOR).join().body());
  }

  @Test
  void anOrderIsDurableBeforeItIsSentAndOutlivesTheCollector() throws IOException {
    connect("evidence");
    HttpResponse<String> begun =
        posted(
                "/v1/nodes/n1/evidence",
                OPERATOR,
                "{\"reason\":\"before a reset\",\"incident\":\"inc-7\"}")
            .join();
    assertThat(begun.statusCode()).isEqualTo(202);
    assertThat(JSON.readTree(begun.body()).path("by").asText()).isEqualTo("bob");
    Frame.Capture order = ordered(Frame.Capture.class);
    assertThat(order.reason()).isEqualTo("before a reset");
    assertThat(order.incident()).isEqualTo("inc-7");
    assertThat(order.deadlineMillis()).isEqualTo(120_000);
    assertThat(store.range(EvidenceDesk.KEYS).values()).hasSize(1);
    AuditDraft written = audit.entries(0, 10).getFirst().draft();
    assertThat(written.by() + " " + written.what() + " " + written.subject())
        .isEqualTo("bob evidence.bundle n1");
    assertThat(written.reason()).isEqualTo("before a reset");
    assertThat(desk.newest("n1")).isEmpty();
    EvidenceDesk meanwhile = new EvidenceDesk(control, audit, store, clock);
    assertThat(meanwhile.orders("n1").getFirst().state())
        .isEqualTo(
            new EvidenceOrder.State.Unanswered(
                "the collector was started anew before the node answered"));

    control.tell(new Told.Captured("n1", 1, order.number(), BUNDLE));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> desk.newest("n1").isPresent());

    assertThat(list().get(0).path("state").asText()).isEqualTo("ready");
    assertThat(list().get(0).path("id").asText()).isEqualTo("b1");
    assertThat(new EvidenceDesk(control, audit, store, clock).newest("n1"))
        .isEqualTo(desk.newest("n1"));
  }

  @Test
  void policyWaitsForTheEndOfItsOrder() {
    connect("evidence");
    CompletableFuture<EvidenceOrder> wanted = desk.capture("n1", "xid-reset", "inc-9");
    control.tell(new Told.Captured("n1", 1, ordered(Frame.Capture.class).number(), BUNDLE));
    EvidenceOrder done = wanted.orTimeout(60, TimeUnit.SECONDS).join();

    assertThat(done.hasBundle()).isTrue();
    assertThat(done.by()).isEqualTo("policy");
    assertThat(desk.newest("n1")).contains(done);
  }

  @Test
  void saysWhyThereIsNone() {
    assertThat(failure("n1")).contains("node n1 is not connected");
    connect("jobs");
    assertThat(failure("n1")).contains("the agent of node n1 takes no evidence: upgrade it");
    connect("evidence");
    CompletableFuture<EvidenceOrder> wanted = desk.capture("n1", "", "");
    control.tell(
        new Told.Captured(
            "n1", 1, ordered(Frame.Capture.class).number(), EvidenceBody.refused("no room")));
    assertThat(wanted.orTimeout(60, TimeUnit.SECONDS).join().state())
        .isEqualTo(new EvidenceOrder.State.Failed("no room"));
  }

  private Optional<String> failure(String node) {
    EvidenceOrder order = desk.capture(node, "", "").orTimeout(60, TimeUnit.SECONDS).join();
    return order.state() instanceof EvidenceOrder.State.Failed(String why)
        ? Optional.of(why)
        : Optional.empty();
  }

  @Test
  void keepsTheLastSixteenOfANodeAndWhatIsThereBeforeWhatFailed() {
    connect("evidence");
    CompletableFuture<EvidenceOrder> good = desk.capture("n1", "", "");
    control.tell(new Told.Captured("n1", 1, ordered(Frame.Capture.class).number(), BUNDLE));
    EvidenceOrder bundle = good.orTimeout(60, TimeUnit.SECONDS).join();
    connect("jobs");
    for (int i = 0; i < 20; i++) {
      failure("n1");
    }
    assertThat(desk.orders("n1")).hasSize(16);
    assertThat(store.range(EvidenceDesk.KEYS).values()).hasSize(16);
    assertThat(desk.newest("n1")).contains(bundle);
    assertThat(audit.entries(0, 100)).hasSize(21);
  }

  private String tested(String by) {
    return desk.begin(by, "n1", "", "", "burn-in", true)
        .thenCompose(EvidenceDesk.Begun::done)
        .orTimeout(60, TimeUnit.SECONDS)
        .join()
        .id();
  }

  @Test
  void aTestOfPolicyTakesNothingOfPeopleAway() {
    connect("jobs"); // so that each fails at once
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      asked.add(tested("bob"));
    }
    String last = "";
    for (int i = 0; i < 3; i++) {
      last = tested("policy");
    }
    assertThat(desk.orders("n1"))
        .extracting(EvidenceOrder::id)
        .containsAll(asked)
        .contains(last)
        .hasSize(17);
  }

  /** The order itself may be dropped, and the clock may be set back. */
  @Test
  void theNumberOfAnOrderNeverRunsBack() {
    long last = 9_000_000_000_000L;
    store.txn(
        new Txn(List.of(), List.of(new Op.Put("/mw/evidence-last", "%015d".formatted(last)))));
    desk = new EvidenceDesk(control, audit, store, clock);
    assertThat(tested("bob")).isEqualTo("%015d".formatted(last + 1));
    store.txn(
        new Txn(
            List.of(), List.of(new Op.Delete(EvidenceDesk.KEYS + "n1/%015d".formatted(last + 1)))));
    assertThat(new EvidenceDesk(control, audit, store, clock).latest())
        .isEqualTo("%015d".formatted(last + 1));
  }

  @Test
  void passesAPieceOfABundle() {
    connect("evidence");
    CompletableFuture<HttpResponse<String>> piece =
        got("/v1/nodes/n1/evidence/b1?offset=3", OPERATOR);
    Frame.ReadBundle question = ordered(Frame.ReadBundle.class);
    assertThat(question.bundle()).isEqualTo("b1");
    assertThat(question.offset()).isEqualTo(3);
    control.tell(
        new Told.Bundled(
            "n1", 1, new Frame.Bundle(question.number(), 3, true, "", Payload.ofText("PK"))));

    assertThat(piece.join().body()).isEqualTo("PK");
    assertThat(piece.join().headers().firstValue("millwright-next")).contains("5");
    assertThat(piece.join().headers().firstValue("millwright-ended")).contains("true");
  }

  @Test
  void passesTheChecks() throws IOException {
    connect("evidence");
    CompletableFuture<HttpResponse<String>> answer = posted("/v1/nodes/n1/doctor", OPERATOR, "");
    control.tell(
        new Told.Captured(
            "n1",
            1,
            ordered(Frame.Capture.class).number(),
            EvidenceBody.of(List.of(DoctorCheck.warn("clock", "off", "start chronyd")))));

    JsonNode seen = JSON.readTree(answer.join().body());
    assertThat(seen.path("worst").asText()).isEqualTo("warn");
    assertThat(seen.at("/checks/0/fix").asText()).isEqualTo("start chronyd");
  }

  /** What it is held back by is in {@code TestHoldTest}; here, who may and what is answered. */
  @Test
  void anOperatorSaysThatATestWithoutAnAnswerIsOver() throws IOException {
    String release = "/v1/nodes/n1/evidence/release";
    String looked = "{\"reason\":\"looked with ps\"}";
    connect("evidence");
    assertThat(posted(release, OPERATOR, looked).join().statusCode()).as("nothing").isEqualTo(409);
    posted("/v1/nodes/n1/evidence", OPERATOR, "{\"test\":\"diag\",\"reason\":\"a\"}").join();
    Frame.Capture order = ordered(Frame.Capture.class);
    assertThat(posted(release, OPERATOR, looked).join().statusCode())
        .as("its answer is awaited")
        .isEqualTo(409);
    control.tell(new Told.Closed("n1", 1));
    Awaitility.await().until(() -> list().get(0).path("state").asText().equals("failed"));

    assertThat(posted(release, "", looked).join().statusCode()).isEqualTo(401);
    assertThat(posted(release, VIEWER, looked).join().statusCode()).isEqualTo(403);
    assertThat(posted(release, OPERATOR, "{}").join().statusCode()).isEqualTo(400);
    assertThat(posted(release, OPERATOR, "{\"reason\":\"\"}").join().statusCode()).isEqualTo(400);
    assertThat(posted("/v1/nodes/n9/evidence/release", OPERATOR, looked).join().statusCode())
        .isEqualTo(404);
    assertThat(store.range(EvidenceDesk.KEYS).values().getFirst().value()).contains("unanswered");
    HttpResponse<String> done = posted(release, OPERATOR, looked).join();
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    assertThat(JSON.readTree(done.body()).path("why").asText())
        .isEqualTo("bob said that it is over");
    AuditDraft written = audit.entries(0, 10).getLast().draft();
    assertThat(written.by() + " " + written.what() + " " + written.reason())
        .isEqualTo("bob evidence.release looked with ps");
    assertThat(order.deadlineMillis()).isPositive();
    assertThat(store.range(EvidenceDesk.KEYS).values().getFirst().value()).contains("failed");
  }

  @Test
  void whoMayNotAndWhatIsNoneIsRefused() {
    connect("evidence");
    assertThat(posted("/v1/nodes/n1/evidence", VIEWER, "").join().statusCode()).isEqualTo(403);
    assertThat(posted("/v1/nodes/n1/doctor", VIEWER, "").join().statusCode()).isEqualTo(403);
    assertThat(got("/v1/nodes/n1/evidence", VIEWER).join().statusCode()).isEqualTo(403);
    assertThat(got("/v1/nodes/n1/evidence/b1", VIEWER).join().statusCode()).isEqualTo(403);
    assertThat(posted("/v1/nodes/n9/evidence", OPERATOR, "").join().statusCode()).isEqualTo(404);
    assertThat(got("/v1/nodes/n1/evidence/..%2f..", OPERATOR).join().statusCode()).isEqualTo(404);
    assertThat(got("/v1/nodes/n1/evidence/b1?offset=-1", OPERATOR).join().statusCode())
        .isEqualTo(400);
    for (String bad : List.of("[]", "{\"tset\":\"a\"}", "{\"test\":\"/bin/sh\"}")) {
      assertThat(posted("/v1/nodes/n1/evidence", OPERATOR, bad).join().statusCode())
          .as(bad)
          .isEqualTo(400);
    }
    assertThat(sent).isEmpty();
  }

  @Test
  void eachRouteStandsInTheApiDocument() throws IOException {
    try (var in =
        EvidenceRoutes.class.getResourceAsStream("/io/millwright/collector/web/openapi.json")) {
      JsonNode paths = JSON.readTree(in).path("paths");
      for (Route route : new EvidenceRoutes(control, desk).routes()) {
        JsonNode path = paths.path("/" + String.join("/", route.segments()));
        assertThat(path.has(route.method().toLowerCase(java.util.Locale.ROOT)))
            .as(route.toString())
            .isTrue();
      }
    }
  }
}
