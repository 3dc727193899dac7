package io.millwright.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.views.EventView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code events}: what happened of late, the oldest first, and on request what happens next. */
@Command(name = "events", description = "Lists what happened of late.")
final class EventsCommand implements Callable<Integer> {
  private static final Duration PERIOD = Duration.ofMillis(500);
  private static final int PAGE = 1_000;
  private static final int FEW = 20;

  private final Surroundings around;

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(
      names = "--since",
      paramLabel = "T",
      converter = SpanOption.class,
      description = "Only of so long, as in 1h.")
  private @Nullable Duration since;

  @Option(names = "--node", paramLabel = "N", description = "Only of this node.")
  private @Nullable String node;

  @Option(names = "--kind", paramLabel = "K", description = "Only of this kind.")
  private @Nullable String kind;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with what happens next, also over a restart of the collector.")
  private boolean follow;

  private long firstMs = Long.MIN_VALUE;

  EventsCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (since != null) {
      firstMs = Math.max(0, around.clock().wall().minus(since).toEpochMilli());
    }
    Collector collector = connection.collector();
    return follow ? follow(collector) : list(collector);
  }

  private int list(Collector collector) {
    Fetched<EventView> events =
        since == null ? asked(collector, PAGE) : Fetched.joined(pages(collector));
    view.screen().list(Views.EVENTS, wanted(events));
    return ExitCode.DONE;
  }

  /** All of a span of time, however many they are. */
  private List<Fetched<EventView>> pages(Collector collector) {
    List<Fetched<EventView>> pages = new ArrayList<>();
    long after = 0;
    while (true) {
      Fetched<EventView> page = behind(collector, after);
      pages.add(page);
      if (page.views().size() < PAGE) {
        return pages;
      }
      after = page.views().getLast().sequence();
    }
  }

  /**
   * What is behind the cursor as a list, then as a stream until that ends; and so on. Whoever is
   * away is waited for with the list.
   */
  private int follow(Collector collector) throws InterruptedException {
    Screen screen = view.screen();
    Patience patience =
        new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY, Kind.UNABLE));
    Tail tail = new Tail(screen, new ArrayList<>());
    Fetched<EventView> found =
        patience.ask(() -> since == null ? asked(collector, FEW) : behind(collector, 0));
    boolean streams = true;
    while (tail.show(found)) {
      if (found.views().size() < PAGE) {
        streams = streams && stream(collector, tail);
        if (tail.ended()) {
          return ExitCode.DONE;
        }
        patience.pause();
      }
      found = patience.ask(() -> behind(collector, tail.cursor()));
    }
    return ExitCode.DONE;
  }

  /** Shows what comes until it ends or breaks; whether it is worth asking for a stream again. */
  private boolean stream(Collector collector, Tail tail) {
    String path = path(PAGE) + "&after=" + tail.cursor();
    try {
      EventStream.Opened opened = EventStream.open(collector.address(), path);
      if (opened.events().isPresent()) {
        try (EventStream events = opened.events().get()) {
          shown(collector, events, tail);
        }
      }
      return opened.known();
    } catch (IOException broken) {
      return true; // the list that is asked for next says what is wrong
    }
  }

  private void shown(Collector collector, EventStream events, Tail tail) throws IOException {
    Optional<String> next = events.next();
    while (next.isPresent()) {
      JsonNode tree = Json.read(next.get().getBytes(StandardCharsets.UTF_8));
      Fetched<EventView> one = Fetched.one(collector, tree, Views.EVENTS);
      if (!tail.show(one.only(event -> event.sequence() > tail.cursor()))) {
        return;
      }
      next = events.next();
    }
  }

  /** What was shown. */
  private final class Tail {
    private final Screen screen;
    private final List<Integer> widths;
    private boolean first = true;
    private boolean ended;
    private long cursor;

    Tail(Screen screen, List<Integer> widths) {
      this.screen = screen;
      this.widths = widths;
    }

    /** Whether somebody still reads. */
    boolean show(Fetched<EventView> events) {
      ended = !screen.follow(Views.EVENTS, wanted(events), widths, first);
      first = false;
      cursor = events.views().isEmpty() ? cursor : events.views().getLast().sequence();
      return !ended;
    }

    boolean ended() {
      return ended;
    }

    long cursor() {
      return cursor;
    }
  }

  /** A collector that is older than this command knows fewer ways to ask. */
  private Fetched<EventView> wanted(Fetched<EventView> events) {
    return events.only(event -> event.atMs() >= firstMs);
  }

  /** The newest. */
  private Fetched<EventView> asked(Collector collector, int most) {
    return Fetched.of(collector, path(most), Views.EVENTS);
  }

  /** A collector of the version before knows no {@code after} and gives the newest each time. */
  private Fetched<EventView> behind(Collector collector, long after) {
    return Fetched.of(collector, path(PAGE) + "&after=" + after, Views.EVENTS)
        .only(event -> event.sequence() > after);
  }

  private String path(int most) {
    StringBuilder path = new StringBuilder("/v1/events?limit=").append(most);
    if (since != null) {
      path.append("&since=").append(firstMs);
    }
    if (node != null) {
      path.append("&node=").append(Collector.part(node));
    }
    if (kind != null) {
      path.append("&kind=").append(Collector.part(kind));
    }
    return path.toString();
  }
}
