package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.acceptance.Accepting;
import io.millwright.collector.acceptance.Pass;
import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.audit.WitnessDesk;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.incidents.Parts;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.operations.EvidenceSource;
import io.millwright.collector.operations.Operating;
import io.millwright.collector.operations.OperationsDesk;
import io.millwright.collector.operations.PolicyFile;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.returns.ReturnsDesk;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.clock.Clock;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people ask for, over a real store, a real writer and real HTTP. */
@SuppressWarnings("NullAway.Init") // set before each test
class OperationsRoutesTest {
  private static final String VIEWER = "viewer-token-viewer-token";
  private static final String OPERATOR = "operator-token-operator-token";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Clock clock = Clock.system();
  private SqliteStore store;
  private Control control;
  private final Withholding accepting = new Withholding();
  private List<Route> routes;
  private RestServer server;

  /** Says of each node what the test has it say. */
  private static final class Withholding implements Accepting {
    private volatile Optional<String> why = Optional.empty();

    @Override
    public void turn(FleetState fleet) {}

    @Override
    public Optional<String> withheld(String node) {
      return why;
    }

    @Override
    public OptionalLong changedMs(String node) {
      return OptionalLong.of(7);
    }

    @Override
    public Optional<Pass> lastPass(String node) {
      return Optional.empty();
    }

    @Override
    public List<Operating.News> news() {
      return List.of();
    }
  }

  @BeforeEach
  void start() throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann %s\noperator bob %s\n".formatted(VIEWER, OPERATOR));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    store = SqliteStore.open(directory.resolve("store.db"));
    JobBook book = JobBook.open(store, clock);
    AuditLog audit = AuditLog.open(store, clock);
    OperationsDesk desk =
        OperationsDesk.open(
            store,
            audit,
            book,
            PolicyFile.none(),
            RackMap.of(List.of("node,rack", "n1,r1"))::place,
            EvidenceSource.NONE,
            clock);
    control = new Control(new JobDesk(book, desk, clock), clock);
    DutyViews duties = new DutyViews(desk::board, accepting);
    routes = new ArrayList<>(new OperationsRoutes(control, desk, duties, clock).routes());
    routes.addAll(new AuditRoutes(control, audit, WitnessDesk.open(store, audit)).routes());
    routes.addAll(
        new FleetRoutes(control::fleet, (node, uuid) -> Optional.empty(), duties, clock).routes());
    ReturnsDesk returns =
        ReturnsDesk.open(
            store,
            audit,
            () -> new Parts(Map.of("165", "n1"), Map.of(), Set.of("n1")),
            serial -> 0,
            news -> {},
            clock);
    routes.addAll(new ReturnRoutes(control, returns).routes());
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            routes,
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

  private HttpResponse<String> send(String method, String path, String token, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode ok(String method, String path, String body, int status) throws Exception {
    HttpResponse<String> answer = send(method, path, OPERATOR, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private long in(Duration time) {
    return clock.wall().plus(time).toEpochMilli();
  }

  @Test
  void aCordonIsShownAndWhoDidItIsForThoseWhoMaySeeNames() throws Exception {
    ok("POST", "/v1/nodes/n1/cordon", "{\"reason\":\"new pumps\"}", 200);
    JsonNode named = ok("GET", "/v1/nodes/n1", "", 200).at("/duty/reasons/0");
    assertThat(named.get("by").asText()).isEqualTo("bob");
    assertThat(named.get("reason").asText()).isEqualTo("new pumps");
    JsonNode unnamed =
        JSON.readTree(send("GET", "/v1/nodes/n1", "", "").body()).at("/duty/reasons/0");
    assertThat(unnamed.get("by").asText()).isEqualTo("person");
    assertThat(unnamed.has("reason")).isFalse();
    assertThat(control.fleet().events()).extracting(e -> e.kind()).contains("node-connected");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            control.fleet().events().stream().anyMatch(e -> e.kind().equals("node-cordoned")));
    JsonNode entry = ok("GET", "/v1/audit", "", 200).get(0);
    assertThat(entry.get("by").asText()).isEqualTo("bob");
    assertThat(entry.get("reason").asText()).isEqualTo("new pumps");
    assertThat(ok("GET", "/v1/audit?since=1", "", 200)).isEmpty();
  }

  @Test
  void aNodeThatIsNotAcceptedIsWithheldAndWhyIsForThoseWhoMaySeeJobs() throws Exception {
    accepting.why = Optional.of("not accepted (new): it was never accepted");
    JsonNode duty = ok("GET", "/v1/nodes/n1", "", 200).get("duty");
    assertThat(duty.get("state").asText()).isEqualTo("withheld");
    assertThat(duty.get("reasons").toString())
        .isEqualTo(
            "[{\"kind\":\"acceptance\",\"by\":\"policy\",\"reason\":\"not accepted (new): it was never accepted\",\"since_ms\":7}]");
    JsonNode unnamed = JSON.readTree(send("GET", "/v1/nodes/n1", "", "").body()).get("duty");
    assertThat(unnamed.get("state").asText()).isEqualTo("withheld");
    assertThat(unnamed.get("reasons").toString())
        .isEqualTo("[{\"kind\":\"acceptance\",\"by\":\"policy\",\"since_ms\":7}]");
    JsonNode cordoned = ok("POST", "/v1/nodes/n1/cordon", "{\"reason\":\"new pumps\"}", 200);
    assertThat(cordoned.get("state").asText()).isEqualTo("cordoned");
    assertThat(cordoned.get("reasons").findValuesAsText("kind"))
        .containsExactly("cordon", "acceptance");
    accepting.why = Optional.empty();
    ok("POST", "/v1/nodes/n1/uncordon", "{\"reason\":\"done\"}", 200);
    assertThat(ok("GET", "/v1/nodes/n1", "", 200).at("/duty/state").asText())
        .isEqualTo("in-service");
  }

  @Test
  void aWindowIsEnteredListedAndEnded() throws Exception {
    String body =
        "{\"rack\":\"r1\",\"reason\":\"pumps\",\"end_ms\":%d}".formatted(in(Duration.ofHours(1)));
    JsonNode window = ok("POST", "/v1/maintenance", body, 201);
    assertThat(window.get("phase").asText()).isEqualTo("open");
    assertThat(window.get("owner").asText()).isEqualTo("bob");
    String id = window.get("id").asText();
    HttpResponse<String> refused =
        send("POST", "/v1/nodes/n1/uncordon", OPERATOR, "{\"reason\":\"now\"}");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("millwright maintenance end " + id);
    ok("POST", "/v1/maintenance/" + id + "/end", "{\"reason\":\"done\"}", 200);
    ok("POST", "/v1/maintenance/" + id + "/end", "{\"reason\":\"done\"}", 200);
    assertThat(ok("GET", "/v1/maintenance", "", 200).get(0).get("phase").asText())
        .isEqualTo("ended");
    assertThat(ok("GET", "/v1/audit", "", 200)).hasSize(2);
  }

  @Test
  void anOverrideIsEnteredListedAndEnded() throws Exception {
    String body =
        "{\"node\":\"n1\",\"rule\":\"xid-reboot\",\"until_ms\":%d,\"reason\":\"known\"}"
            .formatted(in(Duration.ofHours(1)));
    String id = ok("POST", "/v1/overrides", body, 201).get("id").asText();
    assertThat(ok("GET", "/v1/nodes/n1", "", 200).at("/duty/overrides/0").asText())
        .isEqualTo("xid-reboot");
    ok("POST", "/v1/overrides/" + id + "/end", "{\"reason\":\"done\"}", 200);
    assertThat(ok("GET", "/v1/overrides", "", 200).get(0).get("holds").asBoolean()).isFalse();
  }

  @Test
  void aReturnIsEnteredListedAndEnded() throws Exception {
    String body = "{\"serial\":\"165\",\"ticket\":\"RMA-7\",\"reason\":\"rows\"}";
    JsonNode entered = ok("POST", "/v1/returns", body, 201);
    assertThat(entered.get("by").asText()).isEqualTo("bob");
    assertThat(entered.get("node").asText()).isEqualTo("n1");
    assertThat(entered.get("state").asText()).isEqualTo("in-node");
    String id = entered.get("id").asText();
    HttpResponse<String> twice = send("POST", "/v1/returns", OPERATOR, body);
    assertThat(twice.statusCode()).isEqualTo(409);
    assertThat(twice.body()).contains("millwright returns end " + id);
    assertThat(send("GET", "/v1/returns", "", "").statusCode()).isEqualTo(401);
    assertThat(JSON.readTree(send("GET", "/v1/returns", VIEWER, "").body()).findValuesAsText("id"))
        .containsExactly(id);
    ok("POST", "/v1/returns/" + id + "/end", "{\"reason\":\"back\"}", 200);
    JsonNode ended = ok("POST", "/v1/returns/" + id + "/end", "{\"reason\":\"back\"}", 200);
    assertThat(ended.get("state").asText()).isEqualTo("ended");
    assertThat(ended.has("ended_ms")).isTrue();
    assertThat(ok("GET", "/v1/audit", "", 200).findValuesAsText("what"))
        .as("to end it twice is to end it once")
        .containsExactlyInAnyOrder("return.add", "return.end");
  }

  @Test
  void thePolicyOfASiteThatSaysNothingIsShown() throws Exception {
    JsonNode policy = ok("GET", "/v1/policy", "", 200);
    assertThat(policy.has("file")).isFalse();
    assertThat(policy.get("rules")).isEmpty();
    assertThat(policy.at("/limits/fleet_at_once").asInt()).isEqualTo(1);
    assertThat(policy.get("acceptance").toString())
        .isEqualTo("{\"mode\":\"observe\",\"begin\":false}");
    assertThat(ok("GET", "/v1/acts", "", 200).isArray()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "/v1/nodes/n1/cordon       | ~~                                   | 400 | the text",
        "/v1/nodes/n1/cordon       | {}                                   | 400 | reason: missing",
        "/v1/nodes/n1/cordon       | {\"reason\":\"\"}                    | 400 | reason: '' is refused",
        "/v1/nodes/n1/cordon       | {\"reason\":7}                       | 400 | reason: 7 is refused",
        "/v1/nodes/n1/cordon       | {\"reason\":\"a\\u0000\"}            | 400 | reason:",
        "/v1/nodes/n1/cordon       | {\"reason\":\"a\",\"reason\":\"b\"}  | 400 | each field once",
        "/v1/nodes/n1/cordon       | {\"reason\":\"a\",\"why\":1}         | 400 | why: no such field",
        "/v1/nodes/n9/cordon       | {\"reason\":\"a\"}                   | 404 | No node 'n9'",
        "/v1/nodes/n1/drain        | {\"reason\":\"a\",\"within_ms\":-1}  | 400 | within_ms: -1 is refused",
        "/v1/nodes/n1/drain        | {\"reason\":\"a\",\"within_ms\":1.5} | 400 | within_ms:",
        "/v1/nodes/n1/drain        | {\"reason\":\"a\",\"within_ms\":9223372036854775807} | 400 | within_ms:",
        "/v1/maintenance           | {\"reason\":\"a\",\"end_ms\":1}      | 400 | allowed is one of node, rack and domain",
        "/v1/maintenance           | {\"node\":\"n1\",\"rack\":\"r1\",\"reason\":\"a\",\"end_ms\":1} | 400 | 2 areas are refused",
        "/v1/maintenance           | {\"node\":\"n1\",\"reason\":\"a\"}   | 400 | end_ms: missing",
        "/v1/maintenance           | {\"node\":\"n1\",\"reason\":\"a\",\"end_ms\":1} | 400 | end_ms: 1 is refused",
        "/v1/maintenance           | {\"node\":\"n1\",\"reason\":\"a\",\"end_ms\":9223372036854775807} | 400 | end_ms:",
        "/v1/maintenance           | {\"node\":\"n1\",\"reason\":\"a\",\"start_ms\":1,\"end_ms\":2} | 400 | start_ms: 1 is refused",
        "/v1/maintenance           | {\"node\":\"a,b\",\"reason\":\"a\",\"end_ms\":1} | 400 | node: 'a,b' is refused",
        "/v1/maintenance/m9/end    | {\"reason\":\"a\"}                   | 404 | No window 'm9'",
        "/v1/overrides             | {\"node\":\"n1\",\"reason\":\"a\",\"until_ms\":1} | 400 | until_ms: 1 is refused",
        "/v1/overrides             | {\"node\":\"n1\",\"rule\":\"A b\",\"reason\":\"a\",\"until_ms\":1} | 400 | rule: 'A b' is refused",
        "/v1/overrides/o9/end      | {\"reason\":\"a\"}                   | 404 | No override 'o9'",
        "/v1/returns               | {\"serial\":\"1\",\"reason\":\"a\"} | 400 | ticket: missing",
        "/v1/returns               | {\"serial\":\"1 2\",\"ticket\":\"T\",\"reason\":\"a\"} | 400 | serial: '1 2' is refused",
        "/v1/returns               | {\"serial\":\"1\",\"ticket\":\"T\",\"reason\":\"a\",\"who\":1} | 400 | who: no such field",
        "/v1/returns/r9/end        | {\"reason\":\"a\"}                   | 404 | No return 'r9'",
        "/v1/returns/r9/end        | {}                                   | 400 | reason: missing",
      })
  void oneSentenceForEachMistakeAndNothingIsWritten(
      String path, String body, int status, String sentence) throws Exception {
    HttpResponse<String> answer = send("POST", path, OPERATOR, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(JSON.readTree(answer.body()).get("status").asInt()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).get("detail").asText()).contains(sentence);
    assertThat(store.range(AuditLog.ENTRIES).values()).isEmpty();
  }

  /** Also on loopback, where every change needs a token. */
  @Test
  void changesAreForOperatorsAndStandInTheApiDocument() throws Exception {
    JsonNode paths;
    try (var in =
        OperationsRoutes.class.getResourceAsStream("/io/millwright/collector/web/openapi.json")) {
      paths = JSON.readTree(in).get("paths");
    }
    for (Route route : routes) {
      String path = "/" + String.join("/", route.segments());
      assertThat(paths.path(path).has(route.method().toLowerCase(Locale.ROOT))).as(path).isTrue();
      if (route.method().equals("POST")) {
        String filled = path.replace("{node}", "n1").replace("{id}", "m1");
        assertThat(send("POST", filled, "", "{\"reason\":\"a\"}").statusCode()).isEqualTo(401);
        assertThat(send("POST", filled, VIEWER, "{\"reason\":\"a\"}").statusCode()).isEqualTo(403);
      }
    }
    assertThat(send("GET", "/v1/maintenance", "", "").statusCode()).isEqualTo(401);
    assertThat(send("GET", "/v1/audit", VIEWER, "").statusCode()).isEqualTo(403);
    assertThat(send("GET", "/v1/audit/heads", VIEWER, "").statusCode()).isEqualTo(403);
  }
}
