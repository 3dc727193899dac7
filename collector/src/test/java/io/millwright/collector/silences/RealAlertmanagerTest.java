package io.millwright.collector.silences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.protocol.clock.Clock;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the Alertmanager itself, where there is one; 0.25 of Debian 12 was tried. */
class RealAlertmanagerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Clock clock = Clock.system();
  private volatile List<Silence> wanted = List.of();

  private static Optional<Path> alertmanager() {
    String given = System.getProperty("alertmanager", "");
    Stream<Path> places =
        given.isEmpty()
            ? Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(at ->
                    Stream.of(Path.of(at, "prometheus-alertmanager"), Path.of(at, "alertmanager")))
            : Stream.of(Path.of(given));
    return places.filter(Files::isExecutable).findFirst();
  }

  @Test
  void aWindowSilencesTheAlertsOfItsNodesAndNoOthers() throws Exception {
    Optional<Path> program = alertmanager();
    assumeTrue(program.isPresent(), "no Alertmanager is at -Dalertmanager or on the PATH");
    int port = freePort();
    Path settings = directory.resolve("alertmanager.yml");
    Files.writeString(settings, "route: {receiver: none}\nreceivers: [{name: none}]\n");
    Process process =
        new ProcessBuilder(
                program.get().toString(),
                "--config.file=" + settings,
                "--storage.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--cluster.listen-address=")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + port);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> get(uri, "/-/ready").statusCode() == 200);
      mirrored(uri, new SilenceMirror(uri, "5d1c", () -> wanted, clock));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private void mirrored(URI uri, SilenceMirror mirror) throws Exception {
    alert(uri, "n1");
    alert(uri, "n2");
    wanted = List.of(silence("n1"));
    mirror.mirror();
    mirror.mirror();
    awaitStates(uri, "suppressed", "active");
    assertThat(silences(uri)).hasSize(1);
    wanted = List.of(silence("n1|n2"));
    mirror.mirror();
    mirror.mirror();
    awaitStates(uri, "suppressed", "suppressed");
    wanted = List.of();
    mirror.mirror();
    mirror.mirror();
    awaitStates(uri, "active", "active");
    assertThat(silences(uri))
        .allSatisfy(one -> assertThat(one.at("/status/state").asText()).isEqualTo("expired"));
  }

  private Silence silence(String nodes) {
    return new Silence(
        "m7",
        nodes,
        clock.wall().minusSeconds(5),
        clock.wall().plusSeconds(3_600),
        Silence.author("5d1c"),
        "new pumps " + Silence.mark("5d1c", "m7"));
  }

  private void alert(URI uri, String node) throws Exception {
    String body =
        "[{\"labels\":{\"alertname\":\"Broken\",\"node\":\"%s\"},\"endsAt\":\"%s\"}]"
            .formatted(node, clock.wall().plusSeconds(600));
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri.resolve("/api/v2/alerts"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private void awaitStates(URI uri, String first, String second) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(state(uri, "n1")).isEqualTo(first);
          assertThat(state(uri, "n2")).isEqualTo(second);
        });
  }

  private String state(URI uri, String node) throws Exception {
    for (JsonNode alert : JSON.readTree(get(uri, "/api/v2/alerts").body())) {
      if (alert.at("/labels/node").asText().equals(node)) {
        return alert.at("/status/state").asText();
      }
    }
    return "absent";
  }

  private List<JsonNode> silences(URI uri) throws Exception {
    JsonNode all = JSON.readTree(get(uri, "/api/v2/silences").body());
    return java.util.stream.StreamSupport.stream(all.spliterator(), false).toList();
  }

  private HttpResponse<String> get(URI uri, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
