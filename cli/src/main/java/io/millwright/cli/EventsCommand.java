package io.millwright.cli;

import io.millwright.protocol.views.EventView;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code events}: what happened of late, the oldest first. */
@Command(name = "events", description = "Lists what happened of late.")
final class EventsCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(
      names = "--since",
      paramLabel = "T",
      converter = SpanOption.class,
      description = "Only of so long, as in 1h.")
  private @Nullable Duration since;

  EventsCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    Fetched<EventView> events = Fetched.of(connection.collector(), "/v1/events", Views.EVENTS);
    long first = since == null ? Long.MIN_VALUE : around.clock().wall().minus(since).toEpochMilli();
    view.screen().list(Views.EVENTS, events.only(event -> event.atMs() >= first));
    return ExitCode.DONE;
  }
}
