package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.events.EventSource;
import io.millwright.collector.store.EventTable;
import io.millwright.collector.store.UsageTable;
import io.millwright.collector.usage.UsageDesk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.HostAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts from the event to the sums, over a real store and socket. */
class UsageRoutesTest {
  private static final long DAY_MS = 86_400_000;

  @TempDir private Path directory;

  private final long nowMs = Clock.system().wall().toEpochMilli();

  private static DeviceAccount device(OptionalDouble joules, OptionalDouble utilization) {
    return new DeviceAccount(
        "GPU-1",
        100,
        joules,
        joules.isPresent() ? "gpu" : "",
        utilization,
        utilization,
        OptionalDouble.of(1 << 20),
        utilization.isPresent() ? OptionalDouble.of(400) : OptionalDouble.empty(),
        utilization.isPresent() ? OptionalDouble.of(900) : OptionalDouble.empty(),
        Map.of("errors", Map.of("xid 79", 1.0)));
  }

  private RunAccount account(String job, String user, long endedMs, DeviceAccount device) {
    return new RunAccount(
        new RunId(job, 1),
        "slurm",
        user,
        "llm",
        endedMs - 100_000,
        endedMs,
        "",
        false,
        1,
        List.of(device),
        HostAccount.UNKNOWN);
  }

  private static EventSink.Told told(UUID journal, long sequence, RunAccount account) {
    NodeEvent event =
        new NodeEvent(
            "boot",
            EventKind.JOB_ACCOUNTED.word(),
            Severity.INFO,
            "",
            "",
            "",
            "",
            1,
            account.endedMs(),
            account.endedMs(),
            Optional.of(account.run().text()),
            "A run is accounted.",
            Optional.of(account));
    return new EventSink.Told("n1", journal, sequence, account.endedMs(), event, new Deaf());
  }

  /** A session that listens to nothing. */
  private static final class Deaf implements EventSource {
    @Override
    public void durable(long sequence) {}

    @Override
    public void again(String why) {}
  }

  private EventKeeper keeper(UsageDesk usage) {
    return new EventKeeper(
        EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL),
        List::of,
        uuid -> Optional.empty(),
        accounted ->
            usage.keep(
                accounted.stream()
                    .map(one -> new UsageDesk.Told(one.node(), one.event().account().orElseThrow()))
                    .toList()),
        Clock.system());
  }

  private UsageDesk desk() {
    return new UsageDesk(
        UsageTable.open(directory.resolve("usage.db"), Duration.ofDays(30)), Clock.system());
  }

  @Test
  void accountsAreAddedUpOnceEachAndGoInTime() throws Exception {
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann viewer-token-viewer-token\n");
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    UUID journal = UUID.randomUUID();
    RunAccount full =
        account("slurm-1", "anna", nowMs, device(OptionalDouble.of(5000), OptionalDouble.of(0.75)));
    try (UsageDesk usage = desk();
        EventKeeper keeper = keeper(usage);
        RestServer server =
            new RestServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new UsageRoutes(usage).routes(),
                Tokens.read(tokens),
                Set.of());
        HttpClient http = HttpClient.newHttpClient()) {
      keeper.tell(told(journal, 1, full));
      keeper.tell(told(journal, 2, full)); // an agent that was killed tells it again
      keeper.tell(
          told(
              journal,
              3,
              account(
                  "slurm-2",
                  "anna",
                  nowMs - DAY_MS,
                  device(OptionalDouble.empty(), OptionalDouble.empty()))));
      keeper.tell(
          told(
              journal,
              4,
              account(
                  "slurm-3",
                  "ben",
                  nowMs - 2 * DAY_MS,
                  device(OptionalDouble.of(70), OptionalDouble.of(1)))));
      usage.start();
      keeper.start();
      server.start();
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> keeper.newest() == 4);

      JsonNode all = json(http, server, "?by=user");
      assertThat(all).hasSize(2);
      JsonNode anna = all.get(0);
      assertThat(anna.path("user").asText()).isEqualTo("anna");
      assertThat(anna.has("project")).isFalse();
      assertThat(anna.path("runs").asLong()).isEqualTo(2);
      assertThat(anna.path("device_seconds").asDouble()).isEqualTo(200);
      assertThat(anna.path("joules").asDouble()).isEqualTo(5000);
      assertThat(anna.path("energy_scope").asText()).isEqualTo("gpu");
      assertThat(anna.path("joules_device_seconds").asDouble()).isEqualTo(100);
      assertThat(anna.path("idle_ratio").asDouble()).isEqualTo(0.25);
      assertThat(anna.path("errors").asLong()).isEqualTo(2);
      assertThat(anna.has("cpu_seconds")).isFalse();
      assertThat(anna.path("mean_watts").asDouble()).isEqualTo(400);
      assertThat(anna.path("watts_device_seconds").asDouble()).isEqualTo(100);
      assertThat(anna.path("peak_watts").asDouble()).isEqualTo(900);
      assertThat(anna.path("peak_memory_bytes").asDouble()).isEqualTo(1 << 20);
      JsonNode late = json(http, server, "?since=" + (nowMs - DAY_MS / 2));
      assertThat(late).hasSize(1);
      assertThat(late.get(0).path("project").asText()).isEqualTo("llm");
      assertThat(late.get(0).path("runs").asLong()).isEqualTo(1);

      assertThat(ask(http, server, "?by=user,user").body()).contains("each once");
      assertThat(ask(http, server, "?by=colour").statusCode()).isEqualTo(400);
      assertThat(ask(http, server, "?since=1h").statusCode()).isEqualTo(400);
      HttpRequest anybody = HttpRequest.newBuilder(uri(server, "")).build();
      assertThat(http.send(anybody, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(401);
    }
    try (UsageTable table = UsageTable.open(directory.resolve("usage.db"), Duration.ofDays(1))) {
      assertThat(table.sums(List.of(UsageTable.By.JOB), 0)).hasSize(3);
      table.expire(nowMs + DAY_MS / 2);
      assertThat(table.sums(List.of(UsageTable.By.JOB), 0)).hasSize(1);
    }
  }

  private static JsonNode json(HttpClient http, RestServer server, String query) throws Exception {
    HttpResponse<String> answer = ask(http, server, query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static HttpResponse<String> ask(HttpClient http, RestServer server, String query)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri(server, query))
            .header("authorization", "Bearer viewer-token-viewer-token")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static URI uri(RestServer server, String query) {
    return URI.create("http://127.0.0.1:%d/v1/usage%s".formatted(server.port(), query));
  }
}
