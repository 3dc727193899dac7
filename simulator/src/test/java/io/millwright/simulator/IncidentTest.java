package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.paging.WebhookOptions;
import io.millwright.collector.trust.DemoTrust;
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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broken link from the simulated library through an agent's process and a collector to whoever is
 * told. The collector's wall clock is moved on instead of waited for.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class IncidentTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEVICES = 8;
  private static final int BROKEN = 3;

  @TempDir private Path directory;
  private final AtomicLong aheadMs = new AtomicLong();
  private final Clock clock = new AheadClock();
  private final List<JsonNode> told = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
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
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("node1"), clock);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    hook = HttpServer.create(any, 0);
    hook.createContext(
        "/",
        exchange -> {
          told.add(JSON.readTree(exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    hook.start();
    Path racks = directory.resolve("racks.csv");
    Files.writeString(racks, "node,rack,domain\nnode1,r1,nvl-1\n");
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "a secret of this test");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    String url = "http://127.0.0.1:%d/".formatted(hook.getAddress().getPort());
    collector =
        new Collector(
            new CollectorOptions(
                any,
                any,
                trust.collector(),
                directory.resolve("data"),
                Optional.empty(),
                Set.of(),
                Optional.empty(),
                new CollectorOptions.Paging(
                    Optional.of(racks), Optional.of(WebhookOptions.of(url, secret))),
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

  private String text(String path) throws Exception {
    URI uri = URI.create("http://" + collector.httpAddress() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private JsonNode open() throws Exception {
    return JSON.readTree(text("/v1/incidents?state=open"));
  }

  private long up() {
    return collector.fleet().node("node1").stream()
        .flatMap(node -> node.accelerators().stream())
        .filter(AcceleratorState::up)
        .count();
  }

  @Test
  void aBrokenLinkIsOneIncidentHoweverManyComplain() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile b200");
    try (AgentProcess agent =
        AgentProcess.up(
            simulated,
            "--set",
            "node.name=node1",
            "--set",
            "collector.address=127.0.0.1:" + collector.uplinkPort(),
            "--set",
            "collector.credentials=" + trust.node("node1"))) {
      AgentProcess.soon().until(() -> up() == DEVICES);
      AgentProcess.soon()
          .until(() -> simulated.command("calls").contains("nvmlDeviceRegisterEvents=8"));
      simulated.fault(BROKEN, "xid 149"); // which is 145 on the seven others
      AgentProcess.soon().until(() -> open().size() == 1 && open().get(0).has("root"));
      String id = open().get(0).get("id").asText();
      AgentProcess.soon().until(() -> text("/v1/incidents/" + id).contains("\"codes\":[\"149\"]"));
      JsonNode root = open().get(0).get("root");
      assertThat(root.get("accelerator").asText()).isEqualTo(Integer.toString(BROKEN));
      assertThat(root.get("serial").asText()).isNotEmpty();
      assertThat(open()).hasSize(1);

      aheadMs.addAndGet(11_000);
      AgentProcess.soon().until(() -> !told.isEmpty());
      assertThat(told.getFirst().get("id").asText()).isEqualTo(id);
      assertThat(told.getFirst().get("page").asBoolean()).isTrue();
      assertThat(told.getFirst().at("/root/serial")).isEqualTo(root.get("serial"));
      assertThat(text("/metrics"))
          .contains("millwright_collector_incidents{severity=\"critical\"} 1\n");

      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
      assertThat(told.stream().filter(one -> one.get("page").asBoolean())).hasSize(1);
      assertThat(open()).as("whose node is not heard has not recovered").hasSize(1);
    }
  }
}
