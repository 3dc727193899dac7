package io.millwright.collector.silences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millwright.collector.operations.Area;
import io.millwright.collector.operations.Operations;
import io.millwright.collector.operations.Window;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Against a server on loopback that stands in for an Alertmanager: it keeps silences as its API v2
 * does, and a silence that was changed in its matchers gets another id.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SilenceMirrorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STORE = "5d1c";

  private final Map<String, ObjectNode> kept = new LinkedHashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final Clock clock = Clock.system();
  private List<Silence> wanted = List.of();
  private boolean broken;
  private HttpServer server;
  private SilenceMirror mirror;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/am/api/v2/", this::answer);
    server.start();
    URI uri = URI.create("http://127.0.0.1:%d/am/".formatted(server.getAddress().getPort()));
    mirror = new SilenceMirror(uri, STORE, () -> wanted, clock);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring("/am/api/v2".length());
      asked.add(exchange.getRequestMethod() + " " + path.replaceAll("[0-9a-f-]{36}", "ID"));
      byte[] body = exchange.getRequestBody().readAllBytes();
      byte[] answer =
          switch (exchange.getRequestMethod()) {
            case "GET" -> listed();
            case "POST" -> posted(JSON.readTree(body));
            case "DELETE" -> deleted(path.substring(path.lastIndexOf('/') + 1));
            default -> new byte[0];
          };
      exchange.sendResponseHeaders(broken ? 500 : 200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private byte[] listed() throws IOException {
    ArrayNode all = JSON.createArrayNode();
    kept.forEach((id, silence) -> {
      ObjectNode one = all.addObject().put("id", id);
      one.setAll(silence);
      boolean over = Instant.parse(silence.get("endsAt").asText()).isBefore(clock.wall());
      one.putObject("status").put("state", over ? "expired" : "active");
    });
    return JSON.writeValueAsBytes(all);
  }

  private byte[] posted(JsonNode silence) throws IOException {
    String id = UUID.randomUUID().toString();
    if (silence.has("id")) {
      ObjectNode before = known(silence.get("id").asText());
      if (before.get("matchers").equals(silence.get("matchers"))) {
        id = silence.get("id").asText();
      } else {
        before.put("endsAt", clock.wall().minusMillis(1).toString());
      }
    }
    for (String field : List.of("matchers", "startsAt", "endsAt", "createdBy", "comment")) {
      assertThat(silence.has(field)).as(field).isTrue();
    }
    ObjectNode stored = silence.deepCopy();
    stored.remove("id");
    kept.put(id, stored);
    return JSON.writeValueAsBytes(JSON.createObjectNode().put("silenceID", id));
  }

  private ObjectNode known(String id) {
    return Objects.requireNonNull(kept.get(id), "no such silence");
  }

  private byte[] deleted(String id) {
    known(id).put("endsAt", clock.wall().minusMillis(1).toString());
    return new byte[0];
  }

  private List<String> active() throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (JsonNode one : JSON.readTree(listed())) {
      if (one.at("/status/state").asText().equals("active")) {
        found.put(one.get("comment").asText(), one.at("/matchers/0/value").asText());
      }
    }
    return List.copyOf(found.values());
  }

  private List<Silence> silences(RackMap racks, List<String> nodes, OptionalLong endedMs) {
    long now = clock.wall().toEpochMilli();
    Window window =
        new Window(
            "m7",
            new Area(Area.Kind.RACK, "r1"),
            "ops",
            "new pumps",
            now - 60_000,
            1_000 * (now / 1_000 + 3_600),
            OptionalLong.empty(),
            "anna",
            endedMs);
    Operations operations =
        new Operations(Map.of(), Map.of("m7", window), Map.of(), new TreeMap<>());
    return WindowSilences.of(STORE, operations, nodes, racks::place, now);
  }

  @Test
  void aWindowIsMadeChangedAndEndedOnceEach() throws IOException {
    kept.put("11111111-1111-1111-1111-111111111111", foreign());
    RackMap racks = RackMap.of(List.of("node,rack", "n.1,r1", "n2,r1", "n3,r2"));
    wanted = silences(racks, List.of("n.1", "n3"), OptionalLong.empty());
    mirror.mirror();
    assertThat(active()).containsExactlyInAnyOrder("n\\.1", "elsewhere");
    assertThat(Pattern.matches("n\\.1", "nx1")).isFalse();
    asked.clear();
    mirror.mirror();
    mirror.mirror();
    assertThat(asked).containsOnly("GET /silences"); // nothing is done twice
    wanted = silences(racks, List.of("n.1", "n2", "n3"), OptionalLong.empty());
    mirror.mirror();
    assertThat(active()).containsExactlyInAnyOrder(wanted.getFirst().nodes(), "elsewhere");
    assertThat("n2").matches(wanted.getFirst().nodes());
    wanted = silences(racks, List.of("n.1", "n2"), OptionalLong.of(1));
    assertThat(wanted).isEmpty();
    mirror.mirror();
    assertThat(active()).containsExactly("elsewhere"); // what others silenced is theirs
    asked.clear();
    mirror.mirror();
    assertThat(asked).containsOnly("GET /silences");
  }

  @Test
  void aCopyOfOursAndThatOfAnotherStoreAreLeftAlone() throws IOException {
    RackMap racks = RackMap.of(List.of("node,rack", "n1,r1"));
    wanted = silences(racks, List.of("n1"), OptionalLong.empty());
    String comment = wanted.getFirst().comment();
    assertThat(comment).endsWith("millwright-window=5d1c/m7");
    kept.put(
        "22222222-2222-2222-2222-222222222222", foreign().put("comment", comment)); // "Recreate"
    kept.put(
        "33333333-3333-3333-3333-333333333333",
        foreign()
            .put("createdBy", Silence.author("77aa"))
            .put("comment", "pumps " + Silence.mark("77aa", "m7")));
    kept.put(
        "44444444-4444-4444-4444-444444444444",
        foreign().put("createdBy", Silence.author(STORE)).put("comment", comment + ", longer"));
    wanted = List.of();
    asked.clear();
    mirror.mirror();
    assertThat(asked).containsOnly("GET /silences");
  }

  private ObjectNode foreign() {
    ObjectNode silence =
        JSON.createObjectNode()
            .put("startsAt", clock.wall().toString())
            .put("endsAt", clock.wall().plusSeconds(600).toString())
            .put("createdBy", "somebody")
            .put("comment", "of somebody");
    silence
        .putArray("matchers")
        .addObject()
        .put("name", "node")
        .put("value", "elsewhere")
        .put("isRegex", false);
    return silence;
  }

  @Test
  void anAlertmanagerThatFailsIsSaidInOneSentence() {
    broken = true;
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(mirror::mirror)
        .withMessageContaining("GET /api/v2/silences was answered with status 500");
    server.stop(0);
    assertThatExceptionOfType(IOException.class).isThrownBy(mirror::mirror);
  }

  @Test
  void anAddressThatIsNoneIsRefused() {
    for (String bad :
        List.of("127.0.0.1:9093", "ftp://x/", "http:///x", "file:/etc/passwd", "http://x/?a=b")) {
      assertThatIllegalArgumentException()
          .as(bad)
          .isThrownBy(() -> new SilenceMirror(URI.create(bad), STORE, List::of, clock));
    }
  }
}
