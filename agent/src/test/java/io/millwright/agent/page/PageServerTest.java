package io.millwright.agent.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.millwright.agent.page.Caller.Response;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scraper that behaves itself sees. */
class PageServerTest {
  private static final String OPENMETRICS = "Accept: application/openmetrics-text;version=1.0.0";

  private final StillClock clock = new StillClock();
  private NodeFixture node = NodeFixture.started(options(), clock);

  @BeforeEach
  void takeASnapshot() {
    node.snapshot.set(NodeFixture.everyFamily());
  }

  @AfterEach
  void close() {
    node.close();
  }

  private static PageOptions options() {
    return NodeFixture.options(16, Duration.ofSeconds(10), Duration.ofSeconds(10));
  }

  @Test
  void servesPlainTextByDefault() throws IOException {
    Response response = Caller.get(node.port(), "/metrics");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("content-type"))
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.header("vary")).isEqualTo("accept, accept-encoding");
    assertThat(response.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(response.text())
        .contains("\nmillwright_accelerator_up{node=\"n1\",accelerator=\"0\"")
        .contains("\nmillwright_agent_build_info{build_date=\"2026-11-21\",")
        .endsWith("\n")
        .doesNotContain("# EOF");
  }

  /** As a socket unit passes it: the second one is an agent beside one that is stuck. */
  @Test
  void twoServersShareASocketThatNeitherCloses() throws IOException {
    try (ServerSocketChannel inherited =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      int port = ((InetSocketAddress) inherited.getLocalAddress()).getPort();
      try (NodeFixture first = NodeFixture.startedOn(inherited)) {
        assertThat(Caller.get(port, "/livez").status()).isEqualTo(200);
        assertThat(first.port()).isEqualTo(port);
      }
      assertThat(inherited.isOpen()).isTrue();
      try (NodeFixture second = NodeFixture.startedOn(inherited)) {
        assertThat(Caller.get(second.port(), "/livez").status()).isEqualTo(200);
      }
    }
  }

  @Test
  void servesOpenMetricsWithOneEnd() throws IOException {
    Response response = Caller.get(node.port(), "/metrics", OPENMETRICS);
    assertThat(response.header("content-type"))
        .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(response.text())
        .contains("# TYPE millwright_agent_build info\n")
        .contains("# TYPE millwright_accelerator info\n")
        .endsWith("\n# EOF\n")
        .containsOnlyOnce("# EOF");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/v1/snapshot"})
  void compressesToTheSameBytes(String path) throws IOException {
    Response plain = Caller.get(node.port(), path);
    Response gzip = Caller.get(node.port(), path, "Accept-Encoding: gzip");
    assertThat(plain.header("content-encoding")).isEmpty();
    assertThat(gzip.header("content-encoding")).isEqualTo("gzip");
    assertThat(gzip.unzipped()).isEqualTo(plain.text());
    assertThat(gzip.body().length).isLessThan(plain.body().length / 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/livez", "/readyz", "/v1/snapshot", "/", "/nothing"})
  void answersHeadWithTheHeadersOfGetAndNoBody(String path) throws IOException {
    try (Caller caller = Caller.to(node.port())) {
      caller.ask("GET", path);
      Response get = caller.response();
      caller.ask("HEAD", path);
      Response head = caller.headResponse();
      assertThat(head.headers()).isEqualTo(get.headers());
      assertThat(head.status()).isEqualTo(get.status());
      caller.ask("GET", "/livez", "Connection: close");
      assertThat(caller.response().text()).isEqualTo("ok\n");
      assertThat(caller.drained()).isZero();
    }
  }

  @Test
  void answersPipelinedRequestsInTheirOrder() throws IOException {
    try (Caller caller = Caller.to(node.port())) {
      String get = " HTTP/1.1\r\nHost: x\r\n\r\n";
      caller.send("GET /livez" + get + "GET /metrics" + get + "HEAD /" + get + "GET /x" + get);
      assertThat(caller.response().text()).isEqualTo("ok\n");
      assertThat(caller.response().text()).contains("millwright_");
      assertThat(caller.headResponse().status()).isEqualTo(200);
      assertThat(caller.response().status()).isEqualTo(404);
    }
  }

  @Test
  void endsTheConnectionWhereTheCallerDoesNotKeepIt() throws IOException {
    try (Caller caller = Caller.to(node.port())) {
      caller.send("GET /livez HTTP/1.0\r\n\r\n");
      assertThat(caller.response().text()).isEqualTo("ok\n");
      assertThat(caller.drained()).isZero();
    }
  }

  /** The page holds the number of renders before it, so an equal page is the same render. */
  @Test
  void rendersASnapshotOnceForAllScrapers() throws IOException {
    String first = Caller.get(node.port(), "/metrics").text();
    assertThat(Caller.get(node.port(), "/metrics").text()).isEqualTo(first);
    assertThat(Caller.get(node.port(), "/metrics", "Accept-Encoding: gzip").unzipped())
        .isEqualTo(first);
    node.snapshot.set(NodeFixture.everyFamily());
    String second = Caller.get(node.port(), "/metrics").text();
    assertThat(second).isNotEqualTo(first);
    assertThat(renders(second)).isEqualTo(renders(first) + 1);
  }

  @Test
  void rendersAnUnchangedSnapshotAgainAfterASecond() throws IOException {
    String first = Caller.get(node.port(), "/metrics").text();
    clock.advance(Duration.ofSeconds(1));
    assertThat(renders(Caller.get(node.port(), "/metrics").text())).isEqualTo(renders(first) + 1);
  }

  @Test
  void saysHowManySeriesThePreviousPageHad() throws IOException {
    String first = Caller.get(node.port(), "/metrics").text();
    clock.advance(Duration.ofSeconds(1));
    String second = Caller.get(node.port(), "/metrics").text();
    assertThat(value(second, "millwright_agent_series{"))
        .isEqualTo((double) first.lines().filter(line -> !line.startsWith("#")).count());
  }

  @Test
  void servesItsOwnMetricsBeforeTheFirstSnapshot() throws IOException {
    node.snapshot.set(NodeFixture.EMPTY);
    assertThat(Caller.get(node.port(), "/metrics").text())
        .contains("millwright_agent_start_timestamp_seconds")
        .doesNotContain("millwright_accelerator");
    assertThat(Caller.get(node.port(), "/v1/snapshot").text())
        .isEqualTo("{\"schema_version\":1,\"sequence\":0,\"series\":[\n]}\n");
  }

  @Test
  void showsEachReadingAsJson() throws IOException {
    node.snapshot.set(NodeFixture.threeReadings());
    Response response = Caller.get(node.port(), "/v1/snapshot");
    assertThat(response.header("content-type")).isEqualTo("application/json");
    assertThat(response.text())
        .isEqualTo(
            """
            {"schema_version":1,"sequence":7,"series":[
            {"metric":"millwright_node_load_average","labels":{"node":"n1","window":"1m"},"state":"measured","value":0.25,"age_seconds":0.5},
            {"metric":"millwright_node_load_average","labels":{"node":"n1","window":"5m"},"state":"unsupported"},
            {"metric":"millwright_node_load_average","labels":{"node":"n1","window":"\\"15\\\\m\\""},"state":"unavailable","fault":"permission"}
            ]}
            """);
  }

  @Test
  void isReadyOnlyWhenNothingIsMissing() throws IOException {
    assertThat(Caller.get(node.port(), "/readyz").text()).isEqualTo("ready\n");
    node.missing.set(Optional.of("The first reading of the host is not there yet."));
    Response response = Caller.get(node.port(), "/readyz");
    assertThat(response.status()).isEqualTo(503);
    assertThat(response.text()).isEqualTo("The first reading of the host is not there yet.\n");
    assertThat(Caller.get(node.port(), "/livez").status()).isEqualTo(200);
  }

  @Test
  void listsItsEndpoints() throws IOException {
    assertThat(Caller.get(node.port(), "/").text())
        .contains("/metrics", "/v1/snapshot", "/livez", "/readyz");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nothing, 404, lists what there is",
    "GET, /metrics/, 404, lists what there is",
    "GET, /metrics?name[]=x, 200, millwright_",
    "POST, /metrics, 405, use GET or HEAD",
    "DELETE, /v1/snapshot, 405, use GET or HEAD",
    "OPTIONS, /, 405, use GET or HEAD"
  })
  void answersWithOneSentence(String method, String path, int status, String sentence)
      throws IOException {
    try (Caller caller = Caller.to(node.port())) {
      caller.ask(method, path);
      Response response = caller.response();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.text()).contains(sentence);
      assertThat(response.header("allow")).isEqualTo(status == 405 ? "GET, HEAD" : "");
    }
  }

  @Test
  void oneFailedRenderFailsNothingElse() throws IOException {
    node.snapshot.set(new NodeSnapshot(1, 1, List.of(Histograms.sample())));
    Response response = Caller.get(node.port(), "/metrics");
    assertThat(response.status()).isEqualTo(500);
    assertThat(response.text()).contains("the agent's log says why");
    assertThat(Caller.get(node.port(), "/livez").status()).isEqualTo(200);
    node.snapshot.set(NodeFixture.everyFamily());
    assertThat(Caller.get(node.port(), "/metrics").status()).isEqualTo(200);
  }

  @Test
  void saysInOneSentenceThatThePortIsTaken() {
    PageOptions taken =
        new PageOptions(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()),
            1,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            List.of());
    assertThatExceptionOfType(PageException.class)
        .isThrownBy(() -> NodeFixture.started(taken))
        .withMessage(
            "listening on localhost:%d failed: another process has the port; stop it (ss -ltnp names"
                + " it) or listen on another (--listen HOST:PORT)",
            node.port())
        .withCauseInstanceOf(IOException.class);
  }

  @Test
  void saysInOneSentenceThatTheAddressIsNotHere() {
    assertThatExceptionOfType(PageException.class)
        .isThrownBy(() -> NodeFixture.started(at(new InetSocketAddress("192.0.2.1", 0))))
        .withMessageStartingWith("listening on 192.0.2.1:0 failed: no interface of this machine");
    assertThatExceptionOfType(PageException.class)
        .isThrownBy(
            () -> NodeFixture.started(at(InetSocketAddress.createUnresolved("no.such.host", 9460))))
        .withMessageStartingWith("listening on no.such.host:9460 failed: the name has no address");
  }

  private static PageOptions at(InetSocketAddress address) {
    return new PageOptions(address, 1, Duration.ofSeconds(1), Duration.ofSeconds(1), List.of());
  }

  @Test
  void freesThePortAndTheThreadWhenClosed() throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port());
    try (Caller idle = Caller.to(node.port())) {
      idle.ask("GET", "/livez");
      assertThat(idle.response().status()).isEqualTo(200);
      node.close();
      node.close();
      assertThat(idle.drained()).isZero();
      assertThatIllegalStateException().isThrownBy(() -> node.port());
    }
    node = NodeFixture.started(at(address));
    assertThat(Caller.get(address.getPort(), "/livez").status()).isEqualTo(200);
    node.close();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(t -> t.getName().equals("edge")));
  }

  private static double renders(String page) {
    return value(page, "millwright_agent_scrape_duration_seconds_count{");
  }

  private static double value(String page, String series) {
    return page.lines()
        .filter(line -> line.startsWith(series))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .mapToDouble(Double::parseDouble)
        .findFirst()
        .orElseThrow();
  }
}
