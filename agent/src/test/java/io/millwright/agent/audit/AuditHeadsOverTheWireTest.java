package io.millwright.agent.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.Main;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole collector with its store, and a real session over TLS that keeps its heads on disk. */
@SuppressWarnings("NullAway.Init") // set before each test
class AuditHeadsOverTheWireTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String NODE = "n1";
  private static final String OPERATOR = "o".repeat(43);

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();
  private DemoTrust trust;
  private Path tokens;
  private Path data;
  private Path state;
  private Collector collector;
  private KeptHeads kept;
  private volatile boolean conflict;
  private Optional<Uplink> uplink = Optional.empty();

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "hall-a", List.of(NODE), clock);
    tokens = directory.resolve("tokens");
    Files.writeString(tokens, "operator bob %s\n".formatted(OPERATOR));
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    data = directory.resolve("data");
    state = Files.createDirectory(directory.resolve("state"));
    collectorStarts();
  }

  @AfterEach
  void stop() {
    agentStops();
    collector.close();
    http.close();
  }

  private void collectorStarts() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    collector =
        new Collector(
            new CollectorOptions(any, any, trust.collector(), data, Optional.of(tokens), Set.of()),
            clock);
    collector.start();
  }

  /** A session tells at its beginning; within one it is once a minute. */
  private void agentStarts() {
    kept = new KeptHeads(NODE, state, now -> conflict = now, clock);
    kept.start();
    Uplink next =
        new Uplink(
            new UplinkOptions("127.0.0.1", collector.uplinkPort(), NODE, new UUID(0, 1), "test"),
            () -> new MutualTls(Credentials.read(trust.node(NODE)), clock),
            "hall-a",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(kept),
            new Chronicle(
                new Chronicle.Settings(
                    NODE, "boot", directory.resolve("events"), Limits.USUAL, false),
                clock),
            Optional.empty(),
            new Random(1),
            clock);
    uplink = Optional.of(next);
    next.start();
    await().atMost(SOON).until(next::connected);
  }

  private void agentStops() {
    uplink.ifPresent(open -> {
      open.stop(Duration.ofSeconds(5));
      kept.turn();
    });
    uplink = Optional.empty();
  }

  private void keptUpTo(long sequence) {
    await()
        .atMost(SOON)
        .until(() ->
            !kept.heads().heads().isEmpty()
                && kept.heads().heads().getLast().head().sequence() == sequence);
  }

  private JsonNode rest(String method, String path, String body) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + path))
                  .header("Authorization", "Bearer " + OPERATOR)
                  .header("Content-Type", "application/json")
                  .method(method, HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return new ObjectMapper().readTree(answer.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Two entries each time. */
  private void change() {
    await().atMost(SOON).until(() -> collector.fleet().node(NODE).isPresent());
    rest("POST", "/v1/nodes/n1/cordon", "{\"reason\":\"a test\"}");
    rest("POST", "/v1/nodes/n1/uncordon", "{\"reason\":\"a test\"}");
  }

  private String verdict() {
    JsonNode heads = rest("GET", "/v1/audit/heads", "");
    return heads.isEmpty() ? "" : heads.get(0).path("verdict").asText();
  }

  private void awaitVerdict(String verdict) {
    await().atMost(SOON).until(() -> verdict().equals(verdict));
  }

  private void backup(String name) {
    assertThat(
            Main.run(
                "collector",
                "backup",
                "--data",
                data.toString(),
                "--to",
                directory.resolve(name).toString()))
        .isZero();
  }

  @Test
  void aStoreThatWasPutBackIsFoundOutAndARestoredOneIsKnown() throws IOException {
    agentStarts();
    change();
    agentStops();
    agentStarts();
    keptUpTo(2);
    awaitVerdict("agrees");
    backup("backup");
    Path copy = directory.resolve("copy.db");
    collector.close();
    Files.copy(data.resolve("collector.db"), copy);
    collectorStarts();
    agentStops();
    agentStarts();
    change();
    agentStops();
    agentStarts();
    keptUpTo(4);
    assertThat(conflict).isFalse();

    collector.close(); // somebody puts back what was there before, so that two entries are gone
    Files.copy(copy, data.resolve("collector.db"), StandardCopyOption.REPLACE_EXISTING);
    collectorStarts();
    agentStops();
    agentStarts();
    awaitVerdict("contradicts");
    await().atMost(SOON).until(() -> conflict);
    assertThat(readyz()).contains("the audit log is not the one that 1 nodes saw");
    change(); // nothing is stopped by it
    agentStops();
    Path file = state.resolve(HeadsFile.NAME);
    assertThat(Files.readString(file)).contains("\"conflict\":");
    assertThat(verified(file)).isEqualTo(1);

    agentStarts(); // the log is as long again as it was
    awaitVerdict("contradicts");
    assertThat(conflict).isTrue();
    assertThat(kept.heads().heads().getLast().head().sequence()).isEqualTo(4);

    collector.close(); // the right way back
    data = directory.resolve("restored");
    assertThat(
            Main.run(
                "collector",
                "restore",
                "--from",
                directory.resolve("backup").toString(),
                "--data",
                data.toString()))
        .isZero();
    collectorStarts();
    agentStops();
    agentStarts();
    awaitVerdict("restored");
    await().atMost(SOON).until(() -> !conflict);
    agentStops();
    assertThat(verified(file)).isZero();
  }

  private int verified(Path file) {
    return Main.run(
        "collector", "verify-audit", "--data", data.toString(), "--heads", file.toString());
  }

  private String readyz() throws IOException {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + "/readyz"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
