package io.millwright.collector.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millwright.collector.incidents.Cause;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Nature;
import io.millwright.collector.incidents.Notice;
import io.millwright.collector.store.SqliteStore;
import io.millwright.collector.store.Txn;
import io.millwright.collector.store.Versioned;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The webhook against a real web server that fails in all ways, over the real store. */
@SuppressWarnings("NullAway.Init") // set before each test
class WebhookTest {
  private static final String SECRET = "a secret of the site";
  private static final Duration LIMIT = Duration.ofMillis(300);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Clock clock = Clock.system();
  private final List<Taken> taken = new CopyOnWriteArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile int status = 200;
  private volatile String refused = "none";
  private volatile boolean hangs;
  @TempDir private Path directory;
  private HttpServer server;
  private SqliteStore store;
  private Webhook webhook;

  /** What arrived. */
  private record Taken(String path, String key, String at, String signature, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new AssertionError(body, e);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::take);
    server.setExecutor(threads);
    server.start();
    store = SqliteStore.open(directory.resolve("collector.db"));
    webhook = webhook();
    webhook.start();
  }

  @AfterEach
  void stop() {
    ended.countDown();
    webhook.close();
    server.stop(0);
    threads.shutdownNow();
    store.close();
  }

  private void take(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    taken.add(
        new Taken(
            exchange.getRequestURI().getPath(),
            header(exchange, "Idempotency-Key"),
            header(exchange, "Millwright-Timestamp"),
            header(exchange, "Millwright-Signature"),
            body));
    if (hangs) {
      try {
        ended.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (status == 302) {
      exchange.getResponseHeaders().add("Location", "/elsewhere");
    }
    exchange.sendResponseHeaders(body.contains(refused) ? 500 : status, -1);
    exchange.close();
  }

  private static String header(HttpExchange exchange, String name) {
    return String.valueOf(exchange.getRequestHeaders().getFirst(name));
  }

  private Webhook webhook() throws IOException {
    Path secret = directory.resolve("secret");
    Files.writeString(secret, SECRET + "\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    WebhookOptions options =
        WebhookOptions.of(
            "http://127.0.0.1:%d/hook".formatted(server.getAddress().getPort()), secret);
    return new Webhook(options, store, clock, LIMIT, Duration.ofMillis(20));
  }

  static Incident incident(String id, int revision, boolean open) {
    return new Incident(
        id,
        List.of(),
        new Cause(Cause.Kind.SWITCH, "leaf-1", Nature.SILENCE),
        "Loss of switch leaf-1",
        open,
        Incident.Severity.CRITICAL,
        revision,
        1,
        1,
        OptionalLong.empty(),
        open ? OptionalLong.empty() : OptionalLong.of(9),
        Incident.Page.SENT,
        Optional.empty(),
        1,
        18,
        List.of(),
        Optional.empty());
  }

  private static Notice notice(Notice.Kind kind, boolean page, int revision) {
    return new Notice(
        kind, page, incident("inc-2026-1122-7", revision, kind != Notice.Kind.CLOSED));
  }

  @Test
  void tellsWithAKeyAndASignature() throws Exception {
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    Taken one = taken.getFirst();
    assertThat(one.path()).isEqualTo("/hook");
    assertThat(one.key()).isEqualTo("inc-2026-1122-7/3");
    assertThat(one.json().get("kind").asText()).isEqualTo("opened");
    assertThat(one.json().get("page").asBoolean()).isTrue();
    assertThat(one.json().get("summary").asText()).isEqualTo("Loss of switch leaf-1");
    assertThat(one.signature())
        .isEqualTo(
            Webhook.signature(
                SECRET.getBytes(StandardCharsets.UTF_8),
                one.at(),
                one.body().getBytes(StandardCharsets.UTF_8)));
  }

  /** The vector was made with Python: hmac.new(b"key", b"1.body", "sha256").hexdigest(). */
  @Test
  void signsAsOthersDo() {
    assertThat(
            Webhook.signature(
                "key".getBytes(StandardCharsets.UTF_8),
                "1",
                "body".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("sha256=91b5374b153842ad05b2c4eab9349b8321b14703165bd3fb8b034dfb8be98ae5");
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 429, 401, 302})
  void sendsAgainWithTheSameKeyUntilItIsTaken(int refusal) {
    status = refusal;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 3);
    assertThat(webhook.waiting()).isEqualTo(1);
    status = 200;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    assertThat(taken).allMatch(one -> one.key().equals("inc-2026-1122-7/3"));
    assertThat(taken).allMatch(one -> one.path().equals("/hook"));
    assertThat(webhook.waiting()).isZero();
  }

  @Test
  void whatIsCalledWrongIsDroppedAndKeepsNothingBack() {
    status = 422;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.dropped() == 1);
    status = 200;
    webhook.tell(notice(Notice.Kind.UPDATED, false, 4));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
  }

  @Test
  void aServerThatHangsHoldsNobodyUpAndOnlyTheNewestIsToldLater() {
    hangs = true;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 1);
    for (int revision = 4; revision < 50; revision++) {
      webhook.tell(notice(Notice.Kind.UPDATED, false, revision));
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 3);
    hangs = false;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    Taken last = taken.getLast();
    assertThat(last.key()).isEqualTo("inc-2026-1122-7/49");
    assertThat(last.json().get("kind").asText()).isEqualTo("opened");
    assertThat(last.json().get("page").asBoolean()).isTrue();
  }

  @Test
  void nobodyIsCalledForWhatIsOverBeforeItCouldBeTold() {
    status = 500;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 1);
    webhook.tell(notice(Notice.Kind.CLOSED, false, 4));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 3);
    status = 200;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    assertThat(taken.getLast().json().get("kind").asText()).isEqualTo("closed");
    assertThat(taken.getLast().json().get("page").asBoolean()).isFalse();
  }

  private List<String> kept() {
    return store.range(IncidentDesk.OUTBOX).values().stream().map(Versioned::key).toList();
  }

  @Test
  void whoWasToBeCalledIsCalledWhenItComesBackWhileTheAddressIsAway() {
    status = 500;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 1);
    webhook.tell(notice(Notice.Kind.CLOSED, false, 4));
    webhook.tell(notice(Notice.Kind.OPENED, false, 5));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> kept().equals(List.of("/mw/incidents/outbox/inc-2026-1122-7/5/opened")));
    status = 200;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    assertThat(taken.getLast().key()).isEqualTo("inc-2026-1122-7/5");
    assertThat(taken.getLast().json().get("page").asBoolean()).isTrue();
    await().atMost(Duration.ofSeconds(60)).until(() -> kept().isEmpty());
  }

  @Test
  void whoWasToBeCalledIsCalledWhenItComesBackAfterItsEndWasTold() {
    status = 500;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 1);
    webhook.tell(notice(Notice.Kind.CLOSED, false, 4));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> kept().equals(List.of("/mw/incidents/outbox/inc-2026-1122-7/4/closed")));
    status = 200;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    webhook.tell(notice(Notice.Kind.OPENED, false, 5));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 2);
    assertThat(taken.getLast().json().get("page").asBoolean()).isTrue();
  }

  @Test
  void inWhichOrderTheyComeIsTheSame() {
    status = 500;
    webhook.tell(notice(Notice.Kind.UPDATED, false, 10));
    webhook.tell(notice(Notice.Kind.OPENED, true, 9));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> kept().equals(List.of("/mw/incidents/outbox/inc-2026-1122-7/10/opened")));
    status = 200;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    assertThat(taken.getLast().key()).isEqualTo("inc-2026-1122-7/10");
    assertThat(taken.getLast().json().get("kind").asText()).isEqualTo("opened");
    assertThat(taken.getLast().json().get("page").asBoolean()).isTrue();
  }

  @Test
  void whatTheAddressNeverTakesHoldsNothingElseUp() {
    refused = "inc-2026-1122-7";
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 2);
    for (int i = 100; i < 105; i++) {
      webhook.tell(new Notice(Notice.Kind.OPENED, true, incident("inc-2026-1122-" + i, 1, true)));
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 5);
    assertThat(webhook.waiting()).isEqualTo(1);
  }

  @Test
  void callsAreToldBeforeNews() throws IOException {
    Webhook later = webhook();
    for (int i = 100; i < 105; i++) {
      later.tell(new Notice(Notice.Kind.UPDATED, false, incident("inc-2026-1122-" + i, 1, true)));
    }
    later.tell(notice(Notice.Kind.OPENED, true, 3));
    later.start();
    await().atMost(Duration.ofSeconds(60)).until(() -> later.delivered() == 6);
    later.close();
    assertThat(taken.getFirst().key()).isEqualTo("inc-2026-1122-7/3");
  }

  @Test
  void whatNobodyWillBeToldLeavesTheStore() throws IOException {
    Webhook later = webhook();
    for (int i = 0; i < Webhook.MOST_WAITING; i++) {
      later.tell(notice(Notice.Kind.UPDATED, false, i + 1));
    }
    Notice tooMuch = new Notice(Notice.Kind.UPDATED, false, incident("inc-2026-1122-8", 1, true));
    store.txn(
        new Txn(
            List.of(),
            List.of(IncidentJson.put(IncidentDesk.outbox(tooMuch), tooMuch).orElseThrow())));
    later.tell(tooMuch);
    assertThat(later.dropped()).isEqualTo(1);
    later.start();
    await().atMost(Duration.ofSeconds(60)).until(() -> later.delivered() == 1 && kept().isEmpty());
    later.close();
    assertThat(taken).noneMatch(one -> one.key().startsWith("inc-2026-1122-8"));
  }

  @Test
  void whereAMergedOneGoesOnIsTold() {
    webhook.tell(
        new Notice(
            Notice.Kind.CLOSED,
            false,
            incident("inc-2026-1122-7", 4, false),
            Optional.of("inc-2026-1122-5")));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    assertThat(taken.getFirst().json().get("merged_into").asText()).isEqualTo("inc-2026-1122-5");
  }

  @Test
  void aServerThatWasAwayIsToldWhenItIsBack() throws IOException {
    InetSocketAddress address = server.getAddress();
    server.stop(0);
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 2);
    server = HttpServer.create(address, 0);
    server.createContext("/", this::take);
    server.setExecutor(threads);
    server.start();
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.delivered() == 1);
    assertThat(taken.getFirst().key()).isEqualTo("inc-2026-1122-7/3");
  }

  @Test
  void aFloodIsBoundedAndKeepsThePages() {
    status = 500;
    webhook.tell(notice(Notice.Kind.OPENED, true, 3));
    for (int i = 0; i < 3 * Webhook.MOST_WAITING; i++) {
      webhook.tell(
          new Notice(Notice.Kind.UPDATED, false, incident("inc-2026-1122-" + (100 + i), 1, true)));
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.failed() >= 2);
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.waiting() <= Webhook.MOST_WAITING);
    assertThat(webhook.dropped()).isPositive();
    status = 200;
    await().atMost(Duration.ofSeconds(60)).until(() -> webhook.waiting() == 0);
    assertThat(taken)
        .anyMatch(
            one -> one.key().equals("inc-2026-1122-7/3") && one.json().get("page").asBoolean());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://host/x", "host/x", "http://user:word@host/", "http:///x", "http://h word/"})
  void anAddressThatIsNoneIsRefused(String given) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebhookOptions.of(given, directory.resolve("secret")))
        .withMessageContaining(" is refused; allowed is an address such as")
        .withMessageNotContaining("word")
        .withNoCause();
  }

  @Test
  void aPasswordInARefusedAddressIsNotShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> WebhookOptions.of("https://user:word@host/token", directory.resolve("secret")))
        .withMessage(
            "--webhook: 'https://host' is refused; allowed is an address such as https://HOST/PATH without a user");
  }

  @Test
  void aSecretThatOthersMayReadIsRefused() throws IOException {
    Path secret = directory.resolve("open");
    Files.writeString(secret, SECRET);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> WebhookOptions.of("http://host/", secret))
        .withMessageContaining("chmod 600");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(secret, "short");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> WebhookOptions.of("http://host/", secret))
        .withMessageContaining("a secret of 5 bytes is refused")
        .withMessageNotContaining("short");
  }
}
