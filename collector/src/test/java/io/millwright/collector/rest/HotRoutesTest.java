package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.hot.HotMetric;
import io.millwright.collector.hot.Nodes;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Readings;
import java.io.ByteArrayInputStream;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hot set over real sockets. */
@SuppressWarnings("NullAway.Init") // set before each test
class HotRoutesTest {
  private static final int DEVICES = 8;
  private static final String TYPE = "# TYPE";
  private static final long START = 1_000 * Nodes.SECOND;

  private final HttpClient http = HttpClient.newHttpClient();
  private final HotFleet hot = new HotFleet(1 << 26);
  private final AtomicLong now = new AtomicLong(START);
  private RestServer server;

  /** One that the test sets. */
  private final class TestTime implements Clock {
    @Override
    public long nanos() {
      return now.get();
    }

    @Override
    public Instant wall() {
      return Instant.ofEpochMilli(Nodes.wallMs(now.get()));
    }

    @Override
    public void parkUntil(long nanos) {
      throw new AssertionError("nobody waits here");
    }
  }

  @BeforeEach
  void start() {
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new HotRoutes(hot, new TestTime()).routes(),
            Tokens.none(),
            Set.of());
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private static List<String> uuids(String node) {
    return IntStream.range(0, DEVICES).mapToObj(i -> node + "-" + i).toList();
  }

  /** All readings of a node are this number and that of the device. */
  private void tell(String node, String rack, double value) {
    Readings readings = new Readings(Nodes.table(node, rack, uuids(node)));
    for (int device = 0; device < DEVICES; device++) {
      for (HotMetric metric : HotMetric.all()) {
        readings.measured(Nodes.place(device, metric), value + device);
      }
    }
    hot.look(Nodes.heard(node, 1, now.get(), readings), now.get());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()).resolve(path))
        .timeout(Duration.ofSeconds(60));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private String text(String path) throws Exception {
    HttpResponse<byte[]> answer = send(request(path));
    assertThat(answer.statusCode()).isEqualTo(200);
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private JsonNode json(String path) throws Exception {
    return new ObjectMapper().readTree(text(path));
  }

  private static List<String> series(String page) {
    return page.lines().filter(line -> !line.startsWith("#")).toList();
  }

  // ---- the page

  @Test
  void thePageHasEachReadingOnceFamilyByFamily() throws Exception {
    int nodes = 60;
    for (int i = 0; i < nodes; i++) {
      tell("n" + i, "r" + i % 3, 100);
    }
    String page = text("/metrics/fleet?set=hot");
    assertThat(page.length()).as("more than a piece").isGreaterThan(5 * 64 * 1024);
    assertThat(series(page))
        .hasSize(nodes * DEVICES * HotMetric.COUNT)
        .doesNotHaveDuplicates()
        .contains(
            "millwright_accelerator_power_watts{node=\"n7\",accelerator=\"3\",uuid=\"n7-3\",vendor=\"nvidia\",model=\"NVIDIA B200\",scope=\"gpu\"} 103",
            "millwright_accelerator_up{node=\"n7\",accelerator=\"0\",uuid=\"n7-0\",vendor=\"nvidia\",model=\"NVIDIA B200\"} 100");
    assertThat(page.lines().filter(line -> line.startsWith(TYPE)).toList())
        .doesNotHaveDuplicates()
        .hasSize(HotMetric.families().size());
    assertThat(series(text("/metrics/fleet?rack=r1")))
        .hasSize(nodes / 3 * DEVICES * HotMetric.COUNT)
        .allMatch(line -> Integer.parseInt(line.replaceAll(".*node=\"n(\\d+)\".*", "$1")) % 3 == 1);
    assertThat(series(text("/metrics/fleet?rack=nowhere"))).isEmpty();
  }

  @Test
  void openMetricsEndsAsItMust() throws Exception {
    tell("n1", "r1", 100);
    HttpResponse<byte[]> answer =
        send(request("/metrics/fleet").header("accept", "application/openmetrics-text"));
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
        .contains("# UNIT millwright_accelerator_power_watts watts\n")
        .contains("# TYPE millwright_accelerator_energy_joules counter\n")
        .endsWith("# EOF\n");
  }

  @Test
  void thePageIsCompressedForWhoTakesThat() throws Exception {
    for (int i = 0; i < 60; i++) {
      tell("n" + i, "r1", 100);
    }
    HttpResponse<byte[]> answer = send(request("/metrics/fleet").header("accept-encoding", "gzip"));
    assertThat(answer.headers().firstValue("content-encoding")).hasValue("gzip");
    assertThat(answer.headers().firstValue("vary")).hasValue("accept, accept-encoding");
    try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      assertThat(new String(plain.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(text("/metrics/fleet"));
    }
  }

  @Test
  void aNodeThatIsNotHeardIsAbsentAndComesBack() throws Exception {
    tell("n1", "r1", 100);
    now.addAndGet(4 * Nodes.SECOND);
    tell("n2", "r1", 100);
    now.addAndGet(2 * Nodes.SECOND);
    assertThat(series(text("/metrics/fleet")))
        .hasSize(DEVICES * HotMetric.COUNT)
        .allMatch(line -> line.contains("node=\"n2\""));
    tell("n1", "r1", 100);
    assertThat(series(text("/metrics/fleet"))).hasSize(2 * DEVICES * HotMetric.COUNT);
  }

  @Test
  void anEmptyFleetIsAnEmptyPage() throws Exception {
    assertThat(text("/metrics/fleet")).isEmpty();
  }

  @Test
  void anotherSetIsRefused() throws Exception {
    HttpResponse<byte[]> answer = send(request("/metrics/fleet?set=all"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
        .contains("set: 'all' is refused; allowed is hot");
  }

  @Test
  void theConnectionServesFurtherRequests() throws Exception {
    for (int i = 0; i < 60; i++) {
      tell("n" + i, "r1", 100);
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          "HEAD /metrics/fleet HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /metrics/fleet HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /metrics/fleet?rack=none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(all.split("HTTP/1.1 200 OK", -1)).hasSize(4);
      assertThat(all).contains("node=\"n59\"").endsWith("0\r\n\r\n");
    }
  }

  /** Others are answered while somebody takes nothing of a page that no socket holds. */
  @Test
  void whoReadsNothingHoldsNobodyUp() throws Exception {
    for (int i = 0; i < 600; i++) {
      tell("n" + i, "r1", 100);
    }
    try (Socket still = new Socket()) {
      still.setReceiveBufferSize(4096);
      still.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
      still
          .getOutputStream()
          .write(
              "GET /metrics/fleet HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(still.getInputStream().read()).isEqualTo('H');
      assertThat(series(text("/metrics/fleet"))).hasSize(600 * DEVICES * HotMetric.COUNT);
    }
    assertThat(json("/v1/fleet/aggregate?metric=millwright_accelerator_power_watts").isObject())
        .as("whoever left in the middle did no harm")
        .isTrue();
  }

  // ---- sums

  @Test
  void aMetricIsSummedOverTheFleetAndByRack() throws Exception {
    tell("n1", "r1", 100);
    tell("n2", "r2", 200);
    tell("n3", "", 300);
    JsonNode seen =
        json("/v1/fleet/aggregate?metric=millwright_accelerator_power_watts&scope=gpu&by=rack");
    assertThat(seen.get("accelerators").asInt()).isEqualTo(24);
    assertThat(seen.get("sum").asDouble()).isEqualTo(8 * 600 + 3 * 28);
    assertThat(seen.get("min").asDouble()).isEqualTo(100);
    assertThat(seen.get("max").asDouble()).isEqualTo(307);
    assertThat(seen.get("mean").asDouble()).isCloseTo(203.5, within(1e-9));
    assertThat(seen.get("racks").findValuesAsText("rack")).containsExactly("", "r1", "r2");
    assertThat(seen.at("/racks/1/sum").asDouble()).isEqualTo(8 * 100 + 28);
    now.addAndGet(60 * Nodes.SECOND);
    JsonNode silent = json("/v1/fleet/aggregate?metric=millwright_accelerator_power_watts");
    assertThat(silent.get("accelerators").asInt()).isZero();
    assertThat(silent.has("sum")).isFalse();
    assertThat(silent.has("racks")).isFalse();
  }

  @Test
  void whatIsNotInTheHotSetIsRefusedWithWhatIs() throws Exception {
    for (String wrong :
        List.of(
            "/v1/fleet/aggregate?metric=millwright_node_info",
            "/v1/fleet/aggregate?metric=millwright_accelerator_power_watts&scope=module",
            "/v1/fleet/aggregate")) {
      HttpResponse<byte[]> answer = send(request(wrong));
      assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("metric", "millwright_accelerator_power_watts (scope=gpu)");
    }
  }

  // ---- the last minutes

  @Test
  void theLastMinutesOfASeriesAreTold() throws Exception {
    for (int second = 0; second < 120; second++) {
      tell("n1", "r1", second);
      now.addAndGet(Nodes.SECOND);
    }
    JsonNode whole =
        json(
            "/v1/accelerators/n1-3/history?metric=millwright_accelerator_temperature_celsius&sensor=memory");
    assertThat(whole.get("node").asText()).isEqualTo("n1");
    assertThat(whole.at("/labels/sensor").asText()).isEqualTo("memory");
    assertThat(whole.get("steps")).hasSize(120);
    assertThat(whole.at("/steps/0/mean").asDouble()).isEqualTo(3);
    assertThat(whole.at("/steps/119/max").asDouble()).isEqualTo(122);
    JsonNode minutes =
        json("/v1/accelerators/n1-0/history?metric=millwright_accelerator_power_watts&step=60");
    int readings = 0;
    for (JsonNode step : minutes.get("steps")) {
      assertThat(step.get("time_ms").asLong() % 60_000).isZero();
      assertThat(step.get("mean").asDouble())
          .isEqualTo((step.get("min").asDouble() + step.get("max").asDouble()) / 2);
      readings += step.get("readings").asInt();
    }
    assertThat(readings).isEqualTo(120);
    assertThat(
            json("/v1/accelerators/n1-0/history?metric=millwright_accelerator_power_watts&seconds=30")
                .get("steps")
                .size())
        .isBetween(29, 31);
  }

  @Test
  void mistakesAreToldPlainly() throws Exception {
    tell("n1", "r1", 1);
    String metric = "?metric=millwright_accelerator_power_watts";
    assertThat(send(request("/v1/accelerators/n9/history" + metric)).statusCode()).isEqualTo(404);
    for (String wrong : List.of("&seconds=0", "&seconds=601", "&step=x", "&step=-1")) {
      HttpResponse<byte[]> answer = send(request("/v1/accelerators/n1-0/history" + metric + wrong));
      assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("is refused; allowed is 1 to 600");
    }
  }
}
