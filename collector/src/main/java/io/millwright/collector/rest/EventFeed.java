package io.millwright.collector.rest;

import io.millwright.collector.events.EventKeeper;
import io.millwright.collector.store.EventFound;
import io.millwright.collector.store.EventQuery;
import io.millwright.protocol.clock.Clock;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events. What a slow reader has not taken is not queued: the next is asked of the
 * store when there is room. One that takes nothing for {@value #LONGEST_SECONDS} s is cut off with
 * a reason.
 *
 * <p><i>Threading:</i> the thread {@code rest}.
 */
final class EventFeed implements Feed {
  private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
  private static final int LONGEST_SECONDS = 30;
  private static final int MOST_AT_ONCE = 100;
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
  private static final String COMMENT = ":\n\n";

  private final EventKeeper events;
  private final EventQuery query;
  private final Caller caller;
  private final Clock clock;
  private final Runnable ended;
  private @Nullable ScheduledFuture<?> turns;
  private long cursor;
  private boolean asking;
  private boolean more;
  private boolean over;
  private long writtenNanos;
  private long roomNanos;

  /**
   * @param query whose cursor is where it begins
   * @param ended told once, when it is over
   */
  EventFeed(EventKeeper events, EventQuery query, Caller caller, Clock clock, Runnable ended) {
    this.events = events;
    this.query = query;
    this.caller = caller;
    this.clock = clock;
    this.ended = ended;
    this.cursor = query.after();
  }

  @Override
  public void refused() {
    ended.run();
  }

  @Override
  public void begin(ChannelHandlerContext ctx) {
    roomNanos = clock.nanos();
    Runnable listener = () -> woken(ctx);
    events.listen(listener);
    turns = ctx.executor().scheduleAtFixedRate(() -> turn(ctx), 1, 1, TimeUnit.SECONDS);
    ctx.channel()
        .closeFuture()
        .addListener(closed -> {
          over = true;
          events.forget(listener);
          if (turns != null) {
            turns.cancel(false);
          }
          ended.run();
        });
    write(ctx, COMMENT);
    ask(ctx);
  }

  private void woken(ChannelHandlerContext ctx) {
    try {
      ctx.executor().execute(() -> ask(ctx));
    } catch (RejectedExecutionException e) {
      LOG.debug("the port is closed already", e);
    }
  }

  private void turn(ChannelHandlerContext ctx) {
    long now = clock.nanos();
    if (ctx.channel().isWritable()) {
      roomNanos = now;
    } else if (now - roomNanos >= Duration.ofSeconds(LONGEST_SECONDS).toNanos()) {
      cutOff(ctx, "nothing was read for %d s".formatted(LONGEST_SECONDS));
      return;
    }
    if (now - writtenNanos >= KEEP_ALIVE.toNanos() && ctx.channel().isWritable()) {
      write(ctx, COMMENT);
    }
    ask(ctx);
  }

  private void ask(ChannelHandlerContext ctx) {
    if (asking) {
      more = true;
      return;
    }
    if (over || !ctx.channel().isWritable()) {
      return;
    }
    asking = true;
    more = false;
    EventQuery next =
        new EventQuery(
            cursor,
            query.sinceMs(),
            query.node(),
            query.kind(),
            Math.min(query.most(), MOST_AT_ONCE),
            false);
    var _ =
        events
            .find(next)
            .whenComplete(
                (found, failure) -> ctx.executor().execute(() -> found(ctx, found, failure)));
  }

  private void found(
      ChannelHandlerContext ctx, @Nullable EventFound found, @Nullable Throwable failure) {
    asking = false;
    if (over) {
      return;
    }
    if (found == null) {
      LOG.debug("events could not be found", failure);
      cutOff(ctx, "the events cannot be read now");
      return;
    }
    cursor = Math.max(cursor, found.seen());
    if (!found.rows().isEmpty()) {
      write(ctx, EventRoutes.text(found.rows(), caller));
    }
    more |= !found.ended() || !found.rows().isEmpty();
    if (more) {
      ask(ctx);
    }
  }

  private void write(ChannelHandlerContext ctx, String text) {
    writtenNanos = clock.nanos();
    var _ = ctx.writeAndFlush(content(text));
  }

  private static DefaultHttpContent content(String text) {
    return new DefaultHttpContent(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Says why to one that reads again in time, and does not wait for it. */
  private void cutOff(ChannelHandlerContext ctx, String reason) {
    over = true;
    LOG.info("a stream of events is cut off peer={}: {}", ctx.channel().remoteAddress(), reason);
    var _ = ctx.write(content("event: cut-off\ndata: {\"reason\":\"" + reason + "\"}\n\n"));
    var _ = ctx.writeAndFlush(new DefaultLastHttpContent());
    var _ = ctx.executor().schedule(() -> close(ctx), 1, TimeUnit.SECONDS);
  }

  private static void close(ChannelHandlerContext ctx) {
    var _ = ctx.close();
  }
}
