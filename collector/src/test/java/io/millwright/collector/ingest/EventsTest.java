package io.millwright.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SpoolRange;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
import io.millwright.protocol.vocabulary.job.Term;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events through a whole collector and its real store: in as an agent's bytes over mutual TLS, out
 * as REST. The agent is played by this test.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class EventsTest {
  private static final UUID JOURNAL = new UUID(5, 6);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();
  private DemoTrust trust;
  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("node1", "node2"), clock);
    collector = collector();
  }

  private Collector collector() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Collector made =
        new Collector(
            new CollectorOptions(
                any, any, trust.collector(), directory.resolve("data"), Optional.empty(), Set.of()),
            clock);
    made.start();
    return made;
  }

  @AfterEach
  void stop() {
    collector.close();
    http.close();
  }

  private record Opened(Peer peer, Frame.Welcome welcome) implements AutoCloseable {
    void tell(long sequence, String code) throws IOException {
      NodeEvent event =
          new NodeEvent(
              "boot",
              "error-code",
              Severity.FATAL,
              "GPU-3",
              "3",
              "",
              code,
              2,
              10,
              20,
              Optional.of("train-r1"),
              "Xid " + code);
      peer.send(
          new Frame.Event(
              sequence, 1_000 + sequence, event.kind(), Payload.of(EventBody.json(event))));
    }

    void awaitDurable(long sequence) throws IOException {
      while (!(peer.next() instanceof Frame.Ack ack && ack.event() >= sequence)) {
        // another frame
      }
    }

    @Override
    public void close() throws IOException {
      peer.close();
    }
  }

  private Opened open(String node, UUID journal) throws IOException {
    Peer peer = new Peer(trust.node(node), collector.uplinkPort());
    peer.send(
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin(node, UUID.randomUUID(), 7, "0.1"),
            Hash128.NONE,
            new SpoolRange(Position.NONE, Position.NONE),
            new Moment(1, 1),
            List.of(),
            new JournalHead(new UUID(1, 2), 0, 0, Term.NONE, 0),
            journal));
    return new Opened(peer, (Frame.Welcome) peer.next());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + collector.httpPort() + path);
  }

  private List<String> codes(String query) throws IOException, InterruptedException {
    HttpResponse<String> answer = get("/v1/events" + query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body()).findValuesAsText("code");
  }

  @Test
  void anAcknowledgedEventIsThereAlsoAfterARestart() throws Exception {
    try (Opened agent = open("node1", JOURNAL)) {
      assertThat(agent.welcome().resumeEvent()).isZero();
      agent.tell(3, "79");
      agent.tell(7, "48");
      agent.awaitDurable(7);
    }
    assertThat(codes("?node=node1&kind=error-code")).containsExactly("79", "48");
    collector.close();
    collector = collector();
    assertThat(codes("?node=node1&kind=error-code")).containsExactly("79", "48");
    try (Opened agent = open("node1", JOURNAL)) {
      assertThat(agent.welcome().resumeEvent()).isEqualTo(7);
      agent.tell(3, "79");
      agent.tell(7, "48");
      agent.tell(8, "94");
      agent.awaitDurable(8);
      assertThat(codes("?node=node1&kind=error-code")).containsExactly("79", "48", "94");
      assertThat(get("/metrics").body())
          .contains("millwright_collector_events_received_total 1\n")
          .contains("millwright_collector_events_duplicate_total 2\n");
    }
  }

  @Test
  void anotherJournalBeginsTheNumbersAnewAndAnotherNodeHasItsOwn() throws Exception {
    try (Opened agent = open("node1", JOURNAL);
        Opened other = open("node2", JOURNAL)) {
      agent.tell(7, "79");
      agent.awaitDurable(7);
      other.tell(1, "31");
      other.awaitDurable(1);
    }
    try (Opened agent = open("node1", new UUID(8, 9))) {
      assertThat(agent.welcome().resumeEvent()).isZero();
      agent.tell(1, "48");
      agent.awaitDurable(1);
    }
    assertThat(codes("?node=node1&kind=error-code")).containsExactly("79", "48");
    assertThat(codes("?node=node2&kind=error-code")).containsExactly("31");
  }

  @Test
  void theCursorGoesThroughAllAndTheFleetsOwnStandAmongThem() throws Exception {
    try (Opened agent = open("node1", JOURNAL)) {
      for (int i = 1; i <= 25; i++) {
        agent.tell(i, Integer.toString(i));
      }
      agent.awaitDurable(25);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> get("/v1/events").body().contains("node-disconnected"));
    List<Long> seen = new ArrayList<>();
    long after = 0;
    while (true) {
      JsonNode page = JSON.readTree(get("/v1/events?limit=4&after=" + after).body());
      page.forEach(event -> seen.add(event.get("sequence").asLong()));
      if (page.size() < 4) {
        break;
      }
      after = seen.getLast();
    }
    assertThat(seen).isSorted().doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(27);
    JsonNode newest = JSON.readTree(get("/v1/events?limit=2").body());
    assertThat(newest.get(1).get("sequence").asLong()).isEqualTo(seen.getLast());
    assertThat(get("/v1/events?since=1025&kind=error-code").body()).contains("\"code\":\"25\"");
    assertThat(codes("?since=1024&kind=error-code")).containsExactly("24", "25");
    JsonNode one = JSON.readTree(get("/v1/events?kind=error-code&limit=1").body()).get(0);
    assertThat(one.get("subject").asText()).isEqualTo("node1 accelerator 3");
    assertThat(one.get("count").asLong()).isEqualTo(2);
    assertThat(one.has("job")).as("whoever has no token sees no job").isFalse();
  }

  @Test
  void whatIsAskedWronglyIsRefusedInOneSentence() throws Exception {
    for (String query :
        List.of("?after=-1", "?after=x", "?since=yesterday", "?limit=0", "?limit=1001")) {
      HttpResponse<String> answer = get("/v1/events" + query);
      assertThat(answer.statusCode()).as(query).isEqualTo(400);
      assertThat(JSON.readTree(answer.body()).get("detail").asText()).as(query).isNotEmpty();
    }
    assertThat(get("/v1/events?after=999999").body()).contains("beyond the newest event");
  }

  /** One of before this version: its events have no journal, and it is not told of any. */
  @Test
  void anAgentThatNamesNoJournalGoesOn() throws Exception {
    try (Opened agent = open("node1", Frame.Hello.NO_EVENTS)) {
      agent.tell(1, "79");
      agent.peer().send(new Frame.Ping(1, new Moment(1, 1)));
      assertThat(agent.peer().next()).isInstanceOf(Frame.Pong.class);
    }
    assertThat(codes("?kind=error-code")).isEmpty();
  }

  @Test
  void aStreamGoesOnWhereItsReaderHasEnded() throws Exception {
    try (Opened agent = open("node1", JOURNAL)) {
      agent.tell(1, "79");
      agent.awaitDurable(1);
      HttpResponse<java.io.InputStream> stream =
          http.send(
              HttpRequest.newBuilder(uri("/v1/events?kind=error-code&after=0"))
                  .header("accept", "text/event-stream")
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      String seen;
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
        assertThat(stream.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(event(lines)).contains("\"code\":\"79\"");
        agent.tell(2, "48");
        String second = event(lines);
        assertThat(second).contains("\"code\":\"48\"");
        seen = second.replaceAll("(?s).*id: (\\d+).*", "$1");
      }
      agent.tell(3, "94");
      HttpResponse<java.io.InputStream> again =
          http.send(
              HttpRequest.newBuilder(uri("/v1/events?kind=error-code&after=0"))
                  .header("accept", "text/event-stream")
                  .header("last-event-id", seen)
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(again.body(), StandardCharsets.UTF_8))) {
        assertThat(event(lines)).contains("\"code\":\"94\"");
      }
    }
  }

  /** The next event with its id; comments are left out. */
  private static String event(BufferedReader lines) throws IOException {
    StringBuilder event = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() && event.length() > 0) {
        return event.toString();
      }
      if (!line.isEmpty() && !line.startsWith(":")) {
        event.append(line).append('\n');
      }
    }
    throw new IOException("the stream has ended: " + event);
  }
}
