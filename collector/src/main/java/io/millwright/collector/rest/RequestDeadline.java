package io.millwright.collector.rest;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Closes a connection whose request takes too long to arrive. On the thread {@code rest}. */
final class RequestDeadline extends ChannelInboundHandlerAdapter {
  private static final long SECONDS = 30;

  private @Nullable ScheduledFuture<?> deadline;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object bytes) {
    if (deadline == null) {
      deadline = ctx.executor().schedule(() -> close(ctx), SECONDS, TimeUnit.SECONDS);
    }
    ctx.fireChannelRead(bytes);
  }

  private static void close(ChannelHandlerContext ctx) {
    var _ = ctx.close();
  }

  /** The request is there; the next one has its own time. */
  void met() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    met();
    ctx.fireChannelInactive();
  }
}
