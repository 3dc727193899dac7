package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.rest.Role;
import io.millwright.collector.rest.Route;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API document has all that a collector answers, and no more, as the collector serves it. */
@SuppressWarnings("NullAway.Init") // set before each test
class ApiRoutesTest {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    Clock clock = Clock.system();
    DemoTrust trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("n1"), clock);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    collector =
        new Collector(
            new CollectorOptions(
                any, any, trust.collector(), directory.resolve("data"), Optional.empty(), Set.of()),
            clock);
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.close();
    http.close();
  }

  private JsonNode paths() throws Exception {
    return new ObjectMapper().readTree(ask("GET", "/v1/openapi.json").body()).path("paths");
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + collector.httpPort() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** {@code GET /v1/nodes/{node}} with the least role that may ask. */
  private Map<String, Role> answered() {
    Map<String, Role> answered = new TreeMap<>();
    for (Route route : collector.routes()) {
      answered.put(route.method() + " /" + String.join("/", route.segments()), route.role());
    }
    answered.remove("GET /"); // the web page
    return answered;
  }

  private static Map<String, JsonNode> described(JsonNode paths) {
    Map<String, JsonNode> described = new TreeMap<>();
    paths
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(method -> {
                  if (METHODS.contains(method.getKey())) {
                    described.put(
                        method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                        method.getValue());
                  }
                }));
    return described;
  }

  @Test
  void eachRouteIsDescribedWithItsRoleAndItsErrors() throws Exception {
    Map<String, Role> answered = answered();
    Map<String, JsonNode> described = described(paths());
    assertThat(described.keySet()).isEqualTo(new TreeSet<>(answered.keySet()));
    assertThat(answered).as("the canary").hasSizeGreaterThan(50);
    List<String> wrong = new ArrayList<>();
    answered.forEach(
        (route, role) -> look(route, role, Objects.requireNonNull(described.get(route)), wrong));
    assertThat(wrong).isEmpty();
  }

  private static void look(String route, Role role, JsonNode one, List<String> wrong) {
    if (!one.path("x-role").asText().equals(role.word())) {
      wrong.add(
          "%s is for %s and its x-role is %s".formatted(route, role.word(), one.path("x-role")));
    }
    List<String> errors = new ArrayList<>();
    if (role != Role.ANYBODY) {
      errors.addAll(List.of("401", "403"));
      if (one.path("security").isMissingNode()) {
        wrong.add(route + " needs a token and says no security");
      }
    }
    if (route.contains(" /v1/")) {
      errors.add("429");
    }
    if (one.has("requestBody")) {
      errors.add("400");
    }
    for (String error : errors) {
      String response = one.path("responses").path(error).path("$ref").asText();
      if (!response.equals(
          "#/components/responses/" + (error.equals("429") ? "Limited" : "Problem"))) {
        wrong.add(route + " may answer " + error + " and does not say so");
      }
    }
    for (String segment : route.split("/", -1)) {
      String name = segment.replaceAll("[{}]", "");
      boolean said =
          one.path("parameters").findValuesAsText("name").contains(name) || segment.equals(name);
      if (!said) {
        wrong.add(route + " does not name its part " + name);
      }
    }
  }

  /** What the document says of roles is what the port does. */
  @Test
  void withoutATokenEachRouteIsRefusedThatNeedsOne() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Role> route : answered().entrySet()) {
      if (route.getValue() == Role.ANYBODY) {
        continue;
      }
      String[] words = route.getKey().split(" ", 2);
      int status = ask(words[0], words[1].replaceAll("\\{[a-z]+}", "x")).statusCode();
      if (status != 401) {
        wrong.add(route.getKey() + " answers " + status);
      }
    }
    assertThat(wrong).isEmpty();
  }
}
