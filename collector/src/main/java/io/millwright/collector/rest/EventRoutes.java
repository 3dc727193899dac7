package io.millwright.collector.rest;

import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** What happened, from the durable events: as a list, or as a stream that goes on. */
public final class EventRoutes {
  static final String LAST_EVENT = "last-event-id";

  private static final int MOST = 1_000;
  private static final int MOST_STREAMS = 64;
  private static final String STREAM = "text/event-stream";

  private final EventKeeper events;
  private final Clock clock;
  private final AtomicInteger streams = new AtomicInteger();

  public EventRoutes(EventKeeper events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(Route.ask("/v1/events", Role.ANYBODY, this::events));
  }

  private CompletionStage<Answer> events(Request request) {
    EventQuery query = query(request);
    if (query.after() > events.newest()) {
      throw new IllegalArgumentException(
          "after: %d is beyond the newest event, which is %d; the collector may have begun anew: ask without it"
              .formatted(query.after(), events.newest()));
    }
    return request.accept().contains(STREAM) ? stream(request, query) : list(request, query);
  }

  private CompletionStage<Answer> list(Request request, EventQuery query) {
    return found(query)
        .thenApply(rows ->
            Answer.json(rows.stream().map(row -> EventViews.of(row, request.caller())).toList()))
        .exceptionally(EventRoutes::failed);
  }

  /** A short list says that there is no more; so one question may follow another. */
  CompletionStage<List<EventRow>> found(EventQuery query) {
    return events
        .find(query)
        .thenCompose(found ->
            found.ended() || query.newest() || found.rows().size() == query.most()
                ? CompletableFuture.completedFuture(found.rows())
                : found(query.from(found.seen(), query.most() - found.rows().size()))
                    .thenApply(
                        more -> Stream.concat(found.rows().stream(), more.stream()).toList()));
  }

  /** Begins behind {@code after}; without it with what comes from now on. */
  private CompletionStage<Answer> stream(Request request, EventQuery query) {
    if (streams.incrementAndGet() > MOST_STREAMS) {
      streams.decrementAndGet();
      return CompletableFuture.completedFuture(
          Answer.problem(
              503,
              "%d streams of events are open already; ask again later.".formatted(streams.get())));
    }
    boolean fromNow = cursor(request).isEmpty() && request.query("since").isEmpty();
    EventQuery from =
        new EventQuery(
            fromNow ? events.newest() : query.after(),
            query.sinceMs(),
            query.node(),
            query.kind(),
            query.most(),
            false);
    return CompletableFuture.completedFuture(
        Answer.stream(
            STREAM,
            new EventFeed(events, from, request.caller(), clock, streams::decrementAndGet)));
  }

  private static EventQuery query(Request request) {
    Optional<String> after = cursor(request);
    return new EventQuery(
        after.map(given -> number("after", given)).orElse(0L),
        request.query("since").map(given -> number("since", given)).orElse(Long.MIN_VALUE),
        request.query("node"),
        request.query("kind"),
        request.query("limit").map(EventRoutes::limit).orElse(MOST),
        after.isEmpty());
  }

  /** What a browser has seen counts more than the address that it began with. */
  private static Optional<String> cursor(Request request) {
    return request.query(LAST_EVENT).or(() -> request.query("after"));
  }

  private static long number(String name, String given) {
    if (!given.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          name.equals("since")
              ? "since: '%s' is no time; give milliseconds since 1970, from 0".formatted(given)
              : "after: '%s' is no sequence number; give one of an event's, from 0"
                  .formatted(given));
    }
    return Long.parseLong(given);
  }

  private static int limit(String given) {
    if (!given.matches("[1-9][0-9]{0,3}") || Integer.parseInt(given) > MOST) {
      throw new IllegalArgumentException(
          "limit: '%s' is refused; allowed is 1 to %d".formatted(given, MOST));
    }
    return Integer.parseInt(given);
  }

  private static Answer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof StoreException) {
      return Answer.problem(503, String.valueOf(cause.getMessage()));
    }
    throw new CompletionException(failure);
  }

  /** The rows as one part of a stream. */
  static String text(List<EventRow> rows, Caller caller) {
    StringBuilder text = new StringBuilder();
    for (EventRow row : rows) {
      text.append("id: ")
          .append(row.id())
          .append("\ndata: ")
          .append(Json.text(EventViews.of(row, caller)))
          .append("\n\n");
    }
    return text.toString();
  }
}
