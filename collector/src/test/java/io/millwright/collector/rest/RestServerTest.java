package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.page.MetricPages;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The REST port over real sockets. */
@SuppressWarnings("NullAway.Init") // set before each test
class RestServerTest {
  private static final String VIEWER = "viewer-token-viewer-token";
  private static final String OPERATOR = "operator-token-operator-token";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Clock clock = Clock.system();
  private volatile FleetState fleet = FleetState.EMPTY;
  private final Set<DeviceKey> held = ConcurrentHashMap.newKeySet();
  private volatile Optional<String> missing = Optional.empty();
  private RestServer server;
  private List<Route> routes;

  @BeforeEach
  void start() throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(
        tokens, "# role name token\nviewer ann %s\noperator bob %s\n".formatted(VIEWER, OPERATOR));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    routes = new ArrayList<>();
    routes.addAll(
        new FleetRoutes(
                () -> fleet,
                (node, uuid) -> uuid.equals("GPU-0") ? Optional.of("hello-r1") : Optional.empty(),
                clock)
            .routes());
    MetricPages pages =
        new MetricPages(() -> fleet, held::contains, List::of, () -> 42, List.of(), clock);
    routes.addAll(
        new PageRoutes(() -> fleet, pages, () -> "127.0.0.1:9461", () -> missing, Optional::empty)
            .routes());
    routes.addAll(Runbooks.routes());
    routes.add(
        Route.post(
            "/v1/changes",
            Role.OPERATOR,
            request ->
                CompletableFuture.completedFuture(
                    Answer.text(200, request.caller().name() + request.body().length))));
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            routes,
            Tokens.read(tokens),
            Set.of());
    server.start();
    fleet = Fleets.oneNode("n1", clock.nanos(), 1);
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()).resolve(path))
        .timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> answer = send(request(path));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static void problem(HttpResponse<String> answer, int status, String part)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(problem.get("detail").asText()).contains(part);
  }

  @Test
  void theFleetIsCounted() throws Exception {
    JsonNode seen = get("/v1/fleet");
    assertThat(seen.get("nodes_connected").asInt()).isEqualTo(1);
    assertThat(seen.get("accelerators").asInt()).isEqualTo(2);
    assertThat(seen.get("accelerators_up").asInt()).isEqualTo(1);
    assertThat(seen.get("power_watts").asDouble()).isEqualTo(500);
    assertThat(seen.get("simulated").asBoolean()).isTrue();
  }

  @Test
  void anAcceleratorThatHangsIsDownAndSaysWhere() throws Exception {
    JsonNode devices = get("/v1/accelerators?node=n1");
    assertThat(devices).hasSize(2);
    assertThat(devices.get(1).get("state").asText()).isEqualTo("down");
    assertThat(devices.get(1).get("stuck_call").asText()).isEqualTo("nvmlDeviceGetX");
    assertThat(devices.get(1).has("power_watts")).isFalse();
    assertThat(get("/v1/accelerators/GPU-1").get("accelerator").asText()).isEqualTo("1");
    assertThat(get("/v1/accelerators?node=n2")).isEmpty();
  }

  @Test
  void readingsOfASilentNodeAreNotShown() throws Exception {
    fleet = Fleets.oneNode("n1", clock.nanos() - Duration.ofSeconds(7).toNanos(), 1);
    assertThat(get("/v1/nodes/n1").get("link").asText()).isEqualTo("stale");
    assertThat(get("/v1/accelerators/GPU-0").get("state").asText()).isEqualTo("unknown");
    assertThat(get("/v1/accelerators/GPU-0").has("power_watts")).isFalse();
    assertThat(get("/v1/fleet").has("power_watts")).isFalse();
    problem(send(request("/metrics/node/n1")), 503, "not connected");
    fleet = Fleets.oneNode("n1", clock.nanos() - Duration.ofSeconds(31).toNanos(), 0);
    assertThat(get("/v1/nodes/n1").get("link").asText()).isEqualTo("lost");
  }

  /** The first device is degraded, the second failed; the node itself is well. */
  private FleetState judged() {
    HealthReport report =
        new HealthReport(
            1,
            List.of(
                new Judgement(
                    new Subject.Node(),
                    Verdict.OK,
                    List.of(Fleets.evidence("disk-full", Verdict.DEGRADED, Advice.WATCH))),
                new Judgement(
                    new Subject.Device("0", "GPU-0"),
                    Verdict.DEGRADED,
                    List.of(Fleets.evidence("remap", Verdict.DEGRADED, Advice.RESET_DEVICE))),
                new Judgement(
                    new Subject.Device("1", "GPU-1"),
                    Verdict.FAILED,
                    List.of(Fleets.evidence("xid-79", Verdict.FAILED, Advice.REPLACE)))));
    return Fleets.oneNode(
        "n1",
        clock.nanos(),
        1,
        List.of(Verdict.OK, Verdict.DEGRADED, Verdict.FAILED),
        Findings.of(1, report));
  }

  private static List<String> texts(JsonNode list, String field) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(one -> one.path(field).asText())
        .toList();
  }

  @Test
  void aNodeIsAsItsWorstPartAndSaysWhy() throws Exception {
    fleet = judged();
    JsonNode node = get("/v1/nodes/n1");
    assertThat(node.get("verdict").asText()).isEqualTo("failed");
    assertThat(texts(node.get("evidence"), "rule"))
        .as("the worst first")
        .containsExactly("xid-79", "disk-full", "remap");
    assertThat(texts(node.get("evidence"), "accelerator")).containsExactly("1", "", "0");
    assertThat(get("/v1/nodes").get(0)).isEqualTo(node);
    JsonNode device = get("/v1/accelerators/GPU-1");
    assertThat(device.get("verdict").asText()).isEqualTo("failed");
    assertThat(JSON.writeValueAsString(device.get("evidence")))
        .isEqualTo(
            "[{\"accelerator\":\"1\",\"rule\":\"xid-79\",\"version\":2,\"verdict\":\"failed\","
                + "\"advice\":\"replace\",\"scope\":\"device\",\"observed\":\"3 errors\","
                + "\"since_ms\":1700000000500,\"clears\":\"a reset of the device\","
                + "\"observe_only\":false}]");
    assertThat(get("/v1/accelerators/GPU-0").get("verdict").asText()).isEqualTo("degraded");
  }

  @Test
  void theFleetIsCountedByVerdict() throws Exception {
    fleet = judged();
    JsonNode seen = get("/v1/fleet");
    assertThat(seen.get("verdict").asText()).isEqualTo("failed");
    assertThat(seen.get("nodes_failed").asInt()).isEqualTo(1);
    assertThat(seen.get("nodes_ok").asInt()).isZero();
    assertThat(seen.get("accelerators_degraded").asInt()).isEqualTo(1);
    assertThat(seen.get("accelerators_failed").asInt()).isEqualTo(1);
    assertThat(send(request("/metrics")).body())
        .contains(
            "millwright_collector_nodes{verdict=\"failed\",link=\"connected\"} 1\n",
            "millwright_collector_nodes{verdict=\"ok\",link=\"connected\"} 0\n");
    fleet = FleetState.EMPTY;
    assertThat(get("/v1/fleet").get("verdict").asText()).isEqualTo("unknown");
  }

  @Test
  void aDeviceCountsAsFreeAllocatedOrFailed() throws Exception {
    fleet = judged();
    String counted =
        "millwright_collector_accelerators{vendor=\"nvidia\",model=\"NVIDIA B200\",state=";
    assertThat(send(request("/metrics")).body())
        .contains(counted + "\"free\"} 1\n", counted + "\"failed\"} 1\n");
    held.addAll(Set.of(new DeviceKey("n1", "GPU-0"), new DeviceKey("n1", "GPU-1")));
    assertThat(send(request("/metrics")).body())
        .contains(counted + "\"allocated\"} 1\n", counted + "\"failed\"} 1\n")
        .doesNotContain(counted + "\"free\"}");
    held.clear();
    fleet =
        Fleets.oneNode(
            "n1",
            clock.nanos(),
            1,
            List.of(Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.OK),
            Findings.NONE);
    assertThat(send(request("/metrics")).body())
        .as("the first is unknown, the second is ok and does not answer")
        .contains(counted + "\"failed\"} 1\n", counted + "\"unknown\"} 1\n")
        .doesNotContain(counted + "\"free\"}", counted + "\"allocated\"}");
  }

  @Test
  void anAgentThatJudgesNothingIsUnknown() throws Exception {
    assertThat(get("/v1/nodes/n1").get("verdict").asText()).isEqualTo("unknown");
    assertThat(get("/v1/nodes/n1").get("evidence")).isEmpty();
    assertThat(get("/v1/accelerators/GPU-0").get("verdict").asText()).isEqualTo("unknown");
    assertThat(get("/v1/fleet").get("accelerators_unknown").asInt()).isEqualTo(2);
  }

  @Test
  void ofASilentNodeNothingIsKnownAndTheRuleSaysSo() throws Exception {
    FleetState heard = judged();
    NodeState node = heard.node("n1").orElseThrow();
    fleet =
        Fleets.oneNode(
            "n1",
            clock.nanos() - Duration.ofSeconds(7).toNanos(),
            1,
            List.of(Verdict.OK, Verdict.OK, Verdict.OK),
            node.findings());
    for (JsonNode seen : List.of(get("/v1/nodes/n1"), get("/v1/accelerators/GPU-1"))) {
      assertThat(seen.get("verdict").asText()).isEqualTo("unknown");
      assertThat(seen.get("evidence")).hasSize(1);
      JsonNode evidence = seen.get("evidence").get(0);
      assertThat(evidence.get("rule").asText()).isEqualTo("agent-silent");
      assertThat(evidence.get("version").asInt()).isEqualTo(1);
      assertThat(evidence.get("advice").asText()).isEqualTo("inspect");
      assertThat(evidence.get("scope").asText()).isEqualTo("node");
      assertThat(evidence.get("since_ms").asLong()).isEqualTo(1_700_000_000_000L);
      assertThat(evidence.get("observed").asText())
          .startsWith("nothing was heard of it since ")
          .endsWith(" s");
      assertThat(evidence.get("clears").asText()).isEqualTo("a frame of its agent");
    }
    assertThat(send(request("/metrics")).body())
        .contains("millwright_collector_nodes{verdict=\"unknown\",link=\"stale\"} 1\n");
  }

  @Test
  void whichJobIsTouchedIsForThoseWhoMaySeeJobs() throws Exception {
    fleet = judged();
    for (String path : List.of("/v1/nodes/n1", "/v1/accelerators/GPU-1")) {
      assertThat(get(path).get("evidence").get(0).has("job")).isFalse();
      HttpResponse<String> seen = send(request(path).header("authorization", "Bearer " + VIEWER));
      assertThat(JSON.readTree(seen.body()).get("evidence").get(0).get("job").asText())
          .isEqualTo("hello-r1");
    }
  }

  /** What the document requires and names is what is sent. */
  @ParameterizedTest
  @CsvSource({
    "/v1/fleet, Fleet",
    "/v1/nodes/n1, Node",
    "/v1/accelerators/GPU-0, Accelerator",
    "/v1/accelerators/GPU-1, Accelerator",
  })
  void theApiDocumentNamesEachField(String path, String schema) throws Exception {
    fleet = judged();
    JsonNode schemas = get("/v1/openapi.json").at("/components/schemas");
    matches(get(path), schemas.get(schema));
    if (!schema.equals("Fleet")) {
      matches(get(path).get("evidence").get(0), schemas.get("Evidence"));
    }
  }

  private static void matches(JsonNode seen, JsonNode schema) {
    List<String> named = new ArrayList<>();
    schema.get("properties").fieldNames().forEachRemaining(named::add);
    List<String> sent = new ArrayList<>();
    seen.fieldNames().forEachRemaining(sent::add);
    assertThat(named).containsAll(sent);
    schema.get("required").forEach(field -> assertThat(sent).contains(field.asText()));
  }

  @Test
  void aFailedPartNamesItsRunbookWhichIsServed() throws Exception {
    fleet =
        Fleets.oneNode(
            "n1",
            clock.nanos(),
            1,
            List.of(Verdict.OK, Verdict.FAILED, Verdict.DEGRADED),
            Findings.of(
                1,
                new HealthReport(
                    1,
                    List.of(
                        new Judgement(
                            new Subject.Device("0", "GPU-0"),
                            Verdict.FAILED,
                            List.of(
                                Fleets.evidence("xid-reset", Verdict.FAILED, Advice.RESET_DEVICE))),
                        new Judgement(
                            new Subject.Device("1", "GPU-1"),
                            Verdict.DEGRADED,
                            List.of(
                                Fleets.evidence(
                                    "xid-remap", Verdict.DEGRADED, Advice.RESET_DEVICE)))))));
    JsonNode evidence = get("/v1/nodes/n1").get("evidence");
    assertThat(evidence.get(0).get("runbook").asText()).isEqualTo("/runbooks/xid-reset.md");
    assertThat(evidence.get(1).has("runbook")).isFalse();
    HttpResponse<String> page = send(request("/runbooks/xid-reset.md"));
    assertThat(page.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    assertThat(page.body()).startsWith("# xid-reset\n").contains("## Do\n");
    assertThat(send(request("/runbooks/README.md")).body()).contains("[xid-reset](xid-reset.md)");
    problem(send(request("/runbooks/xid-none.md")), 404, "/runbooks/README.md lists them");
    problem(send(request("/runbooks/..xid-reset.md")), 404, "no runbook");
    assertThat(send(request("/runbooks/..%2Fweb%2Findex.html")).statusCode()).isBetween(400, 404);
  }

  /** A browser gives a host six connections, over all of its pages. */
  @Test
  void thePageHoldsNoConnection() throws Exception {
    assertThat(send(request("/")).body()).contains("/v1/events").doesNotContain("EventSource");
  }

  @Test
  void hardwareIsToldByWhatIsWrittenOnIt() throws Exception {
    assertThat(get("/v1/accelerators/GPU-0").get("serial").asText()).isEqualTo("165000");
    assertThat(get("/v1/accelerators/GPU-0").get("pci_bus_id").asText()).isEqualTo("1b:00.0");
    assertThat(get("/v1/accelerators/GPU-0").has("module")).isFalse();
    assertThat(get("/v1/accelerators/GPU-1").get("module").asText()).isEqualTo("3");
    JsonNode node = get("/v1/nodes/n1");
    assertThat(node.get("serial").asText()).isEqualTo("S-of-n1");
    assertThat(node.get("place").toString())
        .isEqualTo("{\"rack\":\"r7\",\"chassis\":\"1820\",\"slot\":\"14\",\"tray\":\"4\"}");
  }

  @Test
  void whatRunsWhereIsForThoseWhoMaySeeJobs() throws Exception {
    assertThat(get("/v1/accelerators/GPU-0").has("job")).isFalse();
    HttpResponse<String> seen =
        send(request("/v1/accelerators/GPU-0").header("authorization", "Bearer " + VIEWER));
    assertThat(JSON.readTree(seen.body()).get("job").asText()).isEqualTo("hello-r1");
  }

  @Test
  void whoseProcessesHaveADeviceIsForThemToo() throws Exception {
    assertThat(get("/v1/accelerators/GPU-1").has("job")).isFalse();
    assertThat(jobOfTheSecond()).isEqualTo("slurm 7, slurm 8");
    fleet = Fleets.oneNode("n1", clock.nanos() - Duration.ofSeconds(31).toNanos(), 0);
    assertThat(jobOfTheSecond()).as("of a silent node nothing is known").isEmpty();
  }

  private String jobOfTheSecond() throws Exception {
    HttpResponse<String> seen =
        send(request("/v1/accelerators/GPU-1").header("authorization", "Bearer " + VIEWER));
    return JSON.readTree(seen.body()).path("job").asText();
  }

  @Test
  void aChangeNeedsATokenOfItsRole() throws Exception {
    HttpRequest.Builder change =
        request("/v1/changes").POST(HttpRequest.BodyPublishers.ofString("12345"));
    problem(send(change.copy()), 401, "role operator");
    problem(
        send(change.copy().header("authorization", "Bearer " + VIEWER)),
        403,
        "token of ann has viewer");
    problem(
        send(change.copy().header("authorization", "Bearer wrong-wrong-wrong-wrong")),
        401,
        "Nobody has this token");
    assertThat(send(change.copy().header("authorization", "Bearer " + OPERATOR)).body())
        .isEqualTo("bob5\n");
  }

  @Test
  void mistakesArePlainlyTold() throws Exception {
    problem(send(request("/v1/nodes/nowhere")), 404, "No node 'nowhere'");
    problem(send(request("/v1/accelerators/GPU-9")), 404, "GPU-9");
    problem(send(request("/v1/elsewhere")), 404, "openapi.json");
    problem(send(request("/v1/fleet").DELETE()), 405, "GET");
    assertThat(send(request("/v1/fleet").DELETE()).headers().firstValue("allow")).hasValue("GET");
    problem(send(request("/v1/fleet").header("origin", "http://evil.example")), 403, "Origin");
  }

  @Test
  void aBodyBeyondTheBoundIsRefused() throws Exception {
    byte[] large = new byte[10 << 20];
    HttpRequest.Builder change =
        request("/v1/changes")
            .header("authorization", "Bearer " + OPERATOR)
            .expectContinue(true)
            .POST(HttpRequest.BodyPublishers.ofByteArray(large));
    assertThat(send(change).statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/fleet HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /v1/fleet HTTP/1.1\r\n\r\n",
        "GET /v1/fleet HTTP/1.1\r\nHost: evil.example:9461\r\nConnection: close\r\n\r\n"
      })
  void anotherHostIsMisdirected(String raw) throws Exception {
    assertThat(exchange(raw)).startsWith("HTTP/1.1 421 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rubbish\r\n\r\n", "GET\r\n\r\n", "\u0000\u0001\u0002\r\n\r\n"})
  void whatIsNoHttpIsRefused(String raw) throws Exception {
    assertThat(exchange(raw)).startsWith("HTTP/1.1 400 ");
  }

  private String exchange(String raw) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(raw.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      InputStream in = socket.getInputStream();
      byte[] start = in.readNBytes(20);
      return new String(start, StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void eachRouteStandsInTheApiDocument() throws Exception {
    JsonNode paths = get("/v1/openapi.json").get("paths");
    for (Route route : routes) {
      String path = "/" + String.join("/", route.segments());
      if (!path.equals("/") && !path.equals("/v1/changes")) {
        assertThat(paths.has(path)).as(path).isTrue();
        assertThat(paths.get(path).has(route.method().toLowerCase(java.util.Locale.ROOT)))
            .as(route.method() + " " + path)
            .isTrue();
      }
    }
  }

  @Test
  void aCollectorThatCannotKeepJobsIsNotReady() throws Exception {
    assertThat(send(request("/readyz")).statusCode()).isEqualTo(200);
    missing = Optional.of("store x: the disk is full");
    assertThat(send(request("/readyz")).statusCode()).isEqualTo(503);
    assertThat(send(request("/readyz")).body()).isEqualTo("store x: the disk is full\n");
    assertThat(send(request("/livez")).statusCode()).isEqualTo(200);
  }

  @Test
  void prometheusFindsANodeAndItsReadings() throws Exception {
    JsonNode targets = get("/sd/targets");
    assertThat(targets).hasSize(1);
    assertThat(targets.get(0).get("targets").get(0).asText()).isEqualTo("127.0.0.1:9461");
    String path = targets.get(0).get("labels").get("__metrics_path__").asText();
    assertThat(send(request(path)).body())
        .contains("millwright_accelerator_up{node=\"n1\",accelerator=\"0\"", " 500\n");
    assertThat(send(request("/metrics")).body())
        .contains(
            "millwright_collector_nodes{verdict=\"unknown\",link=\"connected\"} 1",
            "millwright_collector_accelerators{vendor=\"nvidia\",model=\"NVIDIA"
                + " B200\",state=\"failed\"} 1",
            "millwright_collector_ingested_samples_total 42");
  }

  @Test
  void thePageRunsNothingButItsOwn() throws Exception {
    HttpResponse<String> page = send(request("/"));
    assertThat(page.body())
        .contains("<title>Millwright</title>")
        .doesNotContain("http://", "https://");
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'", "script-src 'sha256-", "connect-src 'self'")
        .doesNotContain("unsafe");
  }

  @Test
  void aTokenFileThatOthersMayReadIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("open"), "viewer ann " + VIEWER);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokens.read(file))
        .withMessageContaining("chmod 600");
    Path bad = Files.writeString(directory.resolve("bad"), "king ann " + VIEWER);
    Files.setPosixFilePermissions(bad, PosixFilePermissions.fromString("rw-------"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokens.read(bad))
        .withMessageContaining("bad:1")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(VIEWER));
  }

  @Test
  void aPortThatIsTakenIsSaid() {
    RestServer second =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
            routes,
            Tokens.none(),
            Set.of());
    assertThatExceptionOfType(RestException.class)
        .isThrownBy(second::start)
        .withMessageContaining("port taken");
  }
}
