package io.millwright.collector.join;

import io.millwright.protocol.clock.Clock;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts one connection at a time, as long as there is room and the pace allows it. Who comes too
 * early waits in the kernel's queue and is not turned away: a whole rack may join at once.
 *
 * <p><i>Threading:</i> the event loop.
 */
final class Gate extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int most;
  private final Pace pace;
  private final Clock clock;
  private int open;
  private boolean asked;
  private long pausedUntil;

  Gate(JoinLimits limits, Clock clock) {
    this.most = limits.connections();
    this.pace = new Pace(limits.perSecond());
    this.clock = clock;
    this.pausedUntil = clock.nanos();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.fireChannelActive();
    next(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    open++;
    pace.pass(clock.nanos());
    ((Channel) accepted).closeFuture().addListener(closed -> left(ctx));
    ctx.fireChannelRead(accepted);
  }

  private void left(ChannelHandlerContext ctx) {
    open--;
    next(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    asked = false;
    next(ctx);
    ctx.fireChannelReadComplete();
  }

  /** Without files or memory left, asking again at once would only burn a core. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.warn("accepting a connection failed", cause);
    pausedUntil = clock.nanos() + PAUSE_NANOS;
  }

  private void next(ChannelHandlerContext ctx) {
    if (asked || open >= most || !ctx.channel().isActive()) {
      return;
    }
    asked = true;
    long now = clock.nanos();
    long wait = Math.max(pace.left(now), pausedUntil - now);
    if (wait <= 0) {
      ctx.read();
      return;
    }
    var _ = ctx.executor().schedule(() -> ctx.read(), wait, TimeUnit.NANOSECONDS);
  }
}
