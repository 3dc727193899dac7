package io.millwright.simulator;

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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A collector of one node, {@code node1}, and whoever is told of its incidents. */
final class PagedSite implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final String NODE = "node1";

  private final List<JsonNode> told = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final DemoTrust trust;
  private final HttpServer hook;
  private final Collector collector;

  /**
   * @param directory for the files of it, empty
   */
  PagedSite(Path directory) throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of(NODE), Clock.system());
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
            Clock.system());
    collector.start();
  }

  /** What an agent of the node must be told to report here. */
  String[] settings() {
    return new String[] {
      "--set",
      "node.name=" + NODE,
      "--set",
      "collector.address=127.0.0.1:" + collector.uplinkPort(),
      "--set",
      "collector.credentials=" + trust.node(NODE)
    };
  }

  /** What the webhook was told, the oldest first. */
  List<JsonNode> told() {
    return told;
  }

  String text(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://" + collector.httpAddress() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return JSON.readTree(text(path));
  }

  /** Incidents that are open. */
  JsonNode open() throws IOException, InterruptedException {
    return json("/v1/incidents?state=open");
  }

  /** How many devices answer. */
  long up() {
    return collector.fleet().node(NODE).stream()
        .flatMap(node -> node.accelerators().stream())
        .filter(AcceleratorState::up)
        .count();
  }

  @Override
  public void close() {
    collector.close();
    hook.stop(0);
    http.close();
  }
}
