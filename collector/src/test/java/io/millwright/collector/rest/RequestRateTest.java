package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks too often is refused, over real sockets and with a clock that stands. */
@SuppressWarnings("NullAway.Init") // set before each test
class RequestRateTest {
  private static final String ANN = "ann-token-ann-token-ann";
  private static final String BOB = "bob-token-bob-token-bob";
  private static final int PER_SECOND = 5;

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final HandClock clock = new HandClock();
  private final AtomicInteger changes = new AtomicInteger();
  private RequestRate rate;
  private RestServer server;

  private static final class HandClock implements Clock {
    private final AtomicLong nanos = new AtomicLong(1);

    void pass(Duration time) {
      nanos.addAndGet(time.toNanos());
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH;
    }

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public void parkUntil(long until) {
      throw new IllegalStateException("nobody waits by this clock");
    }
  }

  @BeforeEach
  void start() throws IOException {
    Path tokens = directory.resolve("tokens");
    Files.writeString(
        tokens, "operator ann %s\noperator bob %s\n".formatted(ANN, Tokens.hashed(BOB)));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    rate = new RequestRate(PER_SECOND, clock);
    server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            List.of(
                Route.get("/v1/look", Role.ANYBODY, request -> Answer.text(200, "seen")),
                Route.get("/metrics/node/{node}", Role.ANYBODY, one -> Answer.text(200, "page")),
                Route.post(
                    "/v1/change",
                    Role.OPERATOR,
                    request ->
                        CompletableFuture.completedFuture(
                            Answer.text(200, String.valueOf(changes.incrementAndGet()))))),
            Tokens.read(tokens),
            Set.of(),
            Optional.of(rate));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private HttpResponse<String> ask(String path, Optional<String> token) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)), token);
  }

  private HttpResponse<String> change(String token) throws Exception {
    return send(
        HttpRequest.newBuilder(uri("/v1/change")).POST(HttpRequest.BodyPublishers.noBody()),
        Optional.of(token));
  }

  private HttpResponse<String> send(HttpRequest.Builder request, Optional<String> token)
      throws Exception {
    token.ifPresent(one -> request.header("Authorization", "Bearer " + one));
    return http.send(
        request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  @Test
  void aPathThatIsSpelledOtherwiseCountsAlike() throws Exception {
    for (int i = 0; i < 2 * PER_SECOND; i++) {
      assertThat(ask("/%761/look", Optional.empty()).body()).startsWith("seen");
    }
    assertThat(ask("/%761/look", Optional.empty()).statusCode()).isEqualTo(429);
  }

  @Test
  void aTokenThatAsksTooOftenWaitsAndNobodyElseDoes() throws Exception {
    for (int i = 0; i < 2 * PER_SECOND; i++) {
      assertThat(change(ANN).statusCode()).as("request %d", i).isEqualTo(200);
    }
    HttpResponse<String> refused = change(ANN);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
    assertThat(refused.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(refused.body())
        .contains("\"title\":\"Too Many Requests\"")
        .contains(
            "The token of ann asked more than 5 times a second; allowed is that many: ask again in 1 s")
        .doesNotContain(ANN);
    assertThat(changes).as("what is refused reaches no route, and so no audit log").hasValue(10);
    assertThat(rate.refused()).isEqualTo(1);
    assertThat(change(BOB).statusCode()).as("another token").isEqualTo(200);
    assertThat(ask("/v1/look", Optional.empty()).statusCode()).as("no token").isEqualTo(200);

    clock.pass(Duration.ofSeconds(1));

    for (int i = 0; i < PER_SECOND; i++) {
      assertThat(change(ANN).statusCode()).as("a second later, request %d", i).isEqualTo(200);
    }
    assertThat(change(ANN).statusCode()).isEqualTo(429);
    assertThat(rate.refused()).isEqualTo(2);
  }

  @Test
  void whoGuessesTokensIsRefusedByItsAddress() throws Exception {
    for (int i = 0; i < 2 * PER_SECOND; i++) {
      assertThat(ask("/v1/look", Optional.of("guess-" + i)).statusCode()).isEqualTo(401);
    }
    HttpResponse<String> refused = ask("/", Optional.of("guess-again"));
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body())
        .contains("The address 127.0.0.1 without a token asked more than 5 times a second");
    assertThat(ask("/v1/look", Optional.of(ANN)).statusCode())
        .as("a token from the same address")
        .isEqualTo(200);
  }

  @Test
  void pagesOfPrometheusAreNotLimited() throws Exception {
    for (int i = 0; i < 5 * PER_SECOND; i++) {
      assertThat(ask("/metrics/node/n" + i, Optional.empty()).statusCode()).isEqualTo(200);
    }
    assertThat(rate.refused()).isZero();
  }

  @Test
  void ofMoreCallersThanItKnowsApartTheOneThatWasSilentLongestBeginsAnew() {
    RequestRate one = new RequestRate(1, clock);
    assertThat(one.wait("first")).isEmpty();
    assertThat(one.wait("first")).isEmpty();
    assertThat(one.wait("first")).isEqualTo(OptionalInt.of(1));
    for (int i = 0; i < 4096; i++) {
      assertThat(one.wait("caller " + i)).isEmpty();
    }
    assertThat(one.wait("first")).isEmpty();
  }
}
