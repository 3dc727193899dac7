package io.millwright.cli;

import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.views.EventView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
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

  private int follow(Collector collector) throws InterruptedException {
    Screen screen = view.screen();
    Patience patience =
        new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY, Kind.UNABLE));
    List<Integer> widths = new ArrayList<>();
    Fetched<EventView> found =
        patience.ask(() -> since == null ? asked(collector, FEW) : behind(collector, 0));
    boolean first = true;
    long cursor = 0;
    while (screen.follow(Views.EVENTS, wanted(found), widths, first)) {
      first = false;
      cursor = found.views().isEmpty() ? cursor : found.views().getLast().sequence();
      if (found.views().size() < PAGE) {
        patience.pause();
      }
      long after = cursor;
      found = patience.ask(() -> behind(collector, after));
    }
    return ExitCode.DONE;
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
