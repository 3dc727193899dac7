package io.millwright.agent.page;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: a request, its whole response, the next request. Nothing is read while a response
 * is on its way, so a connection never owes more than one, however many requests were sent ahead
 * and however slowly it reads; and it always stands under one deadline.
 *
 * <p>A conversation that ends with a response stops writing and then throws away what still comes,
 * until the other side ends it too or the deadline passes: to close at once with bytes unread would
 * reset the connection, and the other side might never see the response.
 *
 * <p><i>Threading:</i> the edge thread. <i>Failure:</i> closes this connection and no other.
 */
final class Conversation extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);

  private final Endpoints endpoints;
  private final PageOptions options;
  private boolean listening;
  private boolean ending;
  private @Nullable ScheduledFuture<?> deadline;

  Conversation(Endpoints endpoints, PageOptions options) {
    this.endpoints = endpoints;
    this.options = options;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    within(options.requestTimeout(), ctx);
    listen(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    listening = false;
    if (message instanceof HttpRequest request && !ending) {
      respond(ctx, request);
    } else {
      listen(ctx);
    }
    ReferenceCountUtil.release(message);
  }

  /** What came was less than a message: a read counts as answered all the same. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (listening) {
      ctx.read();
    }
  }

  private void listen(ChannelHandlerContext ctx) {
    listening = true;
    ctx.read();
  }

  private void respond(ChannelHandlerContext ctx, HttpRequest request) {
    FullHttpResponse response = endpoints.answer(request);
    boolean last =
        request.decoderResult().isFailure()
            || Endpoints.hasBody(request)
            || !HttpUtil.isKeepAlive(request);
    HttpUtil.setKeepAlive(response.headers(), request.protocolVersion(), !last);
    within(options.requestTimeout(), ctx);
    ctx.writeAndFlush(response).addListener(written -> responded(ctx, written.isSuccess(), last));
  }

  private void responded(ChannelHandlerContext ctx, boolean success, boolean last) {
    if (!success) {
      hangUp(ctx);
      return;
    }
    if (last) {
      end(ctx);
    } else {
      within(options.idleTimeout(), ctx);
    }
    listen(ctx);
  }

  private void end(ChannelHandlerContext ctx) {
    ending = true;
    var _ = ((DuplexChannel) ctx.channel()).shutdownOutput();
  }

  static void hangUp(ChannelHandlerContext ctx) {
    var _ = ctx.close();
  }

  /** Closes the connection unless it comes to its next step in time. */
  private void within(Duration limit, ChannelHandlerContext ctx) {
    cancelDeadline();
    deadline = ctx.executor().schedule(() -> hangUp(ctx), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    cancelDeadline();
  }

  /** Mostly a connection that the other side reset. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("connection failed peer={}", ctx.channel().remoteAddress(), cause);
    hangUp(ctx);
  }
}
