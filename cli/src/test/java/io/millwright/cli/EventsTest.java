package io.millwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millwright.cli.StandIn.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verb against a real HTTP server that keeps events as a collector does. */
class EventsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final StandIn collector = new StandIn();
  private final List<Long> kept = new CopyOnWriteArrayList<>();
  private volatile boolean broken;
  private volatile boolean old;

  @TempDir private Path home;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(home, collector);
    collector.on("GET /v1/events", this::events);
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private Reply events(StandIn.Asked asked) {
    if (broken) {
      return Reply.problem(400, "that is enough");
    }
    String target = old ? asked.target().replaceFirst("&after=\\d+", "") : asked.target();
    long after =
        target.contains("after=") ? Long.parseLong(target.replaceFirst(".*after=", "")) : 0;
    int limit = Integer.parseInt(target.replaceFirst(".*limit=(\\d+).*", "$1"));
    List<Long> found = kept.stream().filter(sequence -> sequence > after).toList();
    List<Long> page =
        target.contains("after=")
            ? found.subList(0, Math.min(limit, found.size()))
            : found.subList(Math.max(0, found.size() - limit), found.size());
    return Reply.json(
        200,
        page.stream()
            .map(sequence -> Samples.event(sequence, 1_763_751_000_000L, "event-" + sequence))
            .collect(Collectors.joining(",", "[", "]")));
  }

  private void keep(long from, long to) {
    for (long sequence = from; sequence <= to; sequence++) {
      kept.add(sequence);
    }
  }

  @Test
  void followsOverARestartWithoutLossOrDoubling() {
    keep(1, 30);
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> shell.run("events", "--follow", "-o", "json"));
    await().atMost(LONG).until(() -> shell.out().contains("event-30\""));
    assertThat(shell.out().lines()).as("the newest 20").hasSize(20);
    keep(31, 33);
    await().atMost(LONG).until(() -> shell.out().contains("event-33\""));
    collector.goAway();
    keep(34, 2_100); // more than a page meanwhile
    await().atMost(LONG).until(() -> shell.err().contains("is away"));
    collector.comeBack();
    await().atMost(LONG).until(() -> shell.out().contains("event-2100\""));
    broken = true;
    await().atMost(LONG).until(code::isDone);
    assertThat(code).isCompletedWithValue(1);
    assertThat(shell.out().lines().map(line -> line.replaceAll(".*event-(\\d+)\".*", "$1")))
        .containsExactlyElementsOf(
            kept.stream().filter(sequence -> sequence > 10).map(String::valueOf).toList());
  }

  @Test
  void ofACollectorOfTheVersionBeforeNothingIsShownTwice() {
    old = true; // it knows no cursor
    keep(1, 5);
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> shell.run("events", "--follow", "-o", "json"));
    await().atMost(LONG).until(() -> shell.out().contains("event-5\""));
    keep(6, 6);
    await().atMost(LONG).until(() -> shell.out().contains("event-6\""));
    broken = true;
    await().atMost(LONG).until(code::isDone);
    assertThat(shell.out().lines()).hasSize(6);
    broken = false;
    keep(7, 1_500);
    assertThat(shell.run("events", "--since=36500d", "-o", "csv")).isZero(); // it ends
  }

  /** Each stream brings two events and breaks; the list in between brings what came meanwhile. */
  @Test
  void followsByTheStreamAndGoesOnBehindTheLastThatItBrought() {
    keep(1, 3);
    collector.on(
        "GET /v1/events",
        asked -> {
          if (!asked.wantsStream() || broken) {
            return events(asked);
          }
          long after = Long.parseLong(asked.target().replaceFirst(".*after=", ""));
          keep(after + 1, after + 3);
          return Reply.stream(":\n\n%s%s".formatted(streamed(after + 1), streamed(after + 2)));
        });
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> shell.run("events", "--follow", "-o", "json"));
    await().atMost(LONG).until(() -> shell.out().contains("event-12\""));
    broken = true;
    await().atMost(LONG).until(code::isDone);
    assertThat(shell.out().lines().map(line -> line.replaceAll(".*event-(\\d+)\".*", "$1")))
        .containsExactlyElementsOf(
            kept.stream().limit(shell.out().lines().count()).map(String::valueOf).toList());
    assertThat(collector.asked())
        .filteredOn(StandIn.Asked::wantsStream)
        .first()
        .satisfies(one -> assertThat(one.target()).endsWith("&after=3"));
  }

  private static String streamed(long sequence) {
    return "id: %d\ndata: %s\n\n"
        .formatted(sequence, Samples.event(sequence, 1_763_751_000_000L, "event-" + sequence));
  }

  @Test
  void goesThroughAllOfASpan() {
    keep(1, 2_345);
    assertThat(shell.run("events", "--since=36500d", "--node=node 1", "--kind=a", "-o", "csv"))
        .isZero();
    assertThat(shell.out().lines()).hasSize(1 + 2_345);
    assertThat(collector.lines())
        .hasSize(3)
        .allMatch(line -> line.contains("&node=node%201&kind=a&after="));
  }

  @Test
  void titlesStandOnce() {
    keep(1, 2);
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(() -> shell.run("events", "-f"));
    await().atMost(LONG).until(() -> shell.out().contains("event-2"));
    keep(3, 3);
    await().atMost(LONG).until(() -> shell.out().contains("event-3"));
    broken = true;
    await().atMost(LONG).until(code::isDone);
    assertThat(shell.out().lines().filter(line -> line.startsWith("TIME"))).hasSize(1);
    assertThat(shell.out().lines()).hasSize(4);
  }
}
