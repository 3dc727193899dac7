package io.millwright.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.events.EventSource;
import io.millwright.collector.fleet.FleetEvent;
import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.collector.store.EventTable;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.event.EventKind;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.millwright.protocol.vocabulary.event.Severity;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list that lies further apart than one question looks. */
class EventRoutesTest {
  private static final int LOOKED_AT = 10_000;

  @TempDir private Path directory;

  private static EventRow at(long atMs) {
    return new EventRow(0, "n1", atMs, "error-code", "n1", "a message", "", "");
  }

  /** An agent's event and one of the collector, as a list and as a stream. */
  @Test
  void aTicketIsForThoseWhoMaySeeJobs() throws Exception {
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "viewer ann viewer-token-viewer-token\n");
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    EventTable table = EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL);
    FleetEvent seen =
        new FleetEvent(1, 5, "returned-part-seen", "n2", "Serial S1 is in n2.", "RMA-4711");
    try (EventKeeper keeper =
            new EventKeeper(
                table,
                () -> List.of(seen),
                uuid -> Optional.of("RMA-4712"),
                accounted -> {},
                Clock.system());
        RestServer server =
            new RestServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new EventRoutes(keeper, Clock.system()).routes(),
                Tokens.read(tokens),
                Set.of());
        HttpClient http = HttpClient.newHttpClient()) {
      keeper.tell(new EventSink.Told("n1", UUID.randomUUID(), 1, 5, fault(), new Deaf()));
      keeper.start();
      server.start();
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> keeper.newest() == 2);
      URI list = URI.create("http://127.0.0.1:%d/v1/events".formatted(server.port()));
      HttpRequest anybody = HttpRequest.newBuilder(list).build();
      assertThat(http.send(anybody, HttpResponse.BodyHandlers.ofString()).body())
          .contains("returned-part-seen", "it fell off the bus")
          .doesNotContain("RMA-");
      HttpRequest viewer =
          HttpRequest.newBuilder(list)
              .header("authorization", "Bearer viewer-token-viewer-token")
              .build();
      assertThat(http.send(viewer, HttpResponse.BodyHandlers.ofString()).body())
          .contains("\"ticket\":\"RMA-4711\"", "\"ticket\":\"RMA-4712\"");
      HttpRequest stream =
          HttpRequest.newBuilder(URI.create(list + "?after=0"))
              .header("accept", "text/event-stream")
              .build();
      try (Stream<String> lines = http.send(stream, HttpResponse.BodyHandlers.ofLines()).body()) {
        assertThat(lines.filter(line -> line.startsWith("data: ")).limit(2))
            .hasSize(2)
            .noneMatch(line -> line.contains("RMA-"));
      }
    }
  }

  /** A session that listens to nothing. */
  private static final class Deaf implements EventSource {
    @Override
    public void durable(long sequence) {}

    @Override
    public void again(String why) {}
  }

  private static NodeEvent fault() {
    return new NodeEvent(
        "boot",
        EventKind.ERROR_CODE.word(),
        Severity.FATAL,
        "GPU-1",
        "3",
        "",
        "79",
        1,
        5,
        5,
        Optional.empty(),
        "it fell off the bus");
  }

  /** Whoever reads page by page takes a short one for the last. */
  @Test
  void onlyTheLastPageIsShort() {
    EventTable table = EventTable.open(directory.resolve("events.db"), EventTable.Limits.USUAL);
    List<EventRow> rows = new ArrayList<>(List.of(at(9)));
    for (int i = 0; i < LOOKED_AT; i++) {
      rows.add(at(5));
    }
    rows.addAll(List.of(at(9), at(9), at(9)));
    table.store(rows, Map.of(), Clock.system().wall().toEpochMilli());
    try (EventKeeper keeper = new EventKeeper(table, List::of, Clock.system())) {
      keeper.start();
      List<EventRow> page =
          new EventRoutes(keeper, Clock.system())
              .found(new EventQuery(0, 9, Optional.empty(), Optional.empty(), 3, false))
              .toCompletableFuture()
              .orTimeout(60, TimeUnit.SECONDS)
              .join();
      assertThat(page).extracting(EventRow::id).containsExactly(1L, LOOKED_AT + 2L, LOOKED_AT + 3L);
    }
  }
}
