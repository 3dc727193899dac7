package io.millwright.collector.rest;

import io.millwright.collector.page.Pieces;
import io.millwright.protocol.exposition.PageBuffer;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the REST port. On the thread {@code rest}. */
final class RestConversation extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RestConversation.class);

  private final Routes routes;
  private final RequestDeadline deadline;
  private final PageBuffer buffer;
  private boolean streaming;
  private @Nullable PiecesFeed feeding;

  /**
   * @param buffer of the thread {@code rest}, in which pieces of pages are made
   */
  RestConversation(Routes routes, RequestDeadline deadline, PageBuffer buffer) {
    this.routes = routes;
    this.deadline = deadline;
    this.buffer = buffer;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    deadline.met();
    if (streaming) {
      var _ = ctx.close(); // the answer before has no end
      return;
    }
    boolean head = HttpMethod.HEAD.equals(request.method());
    ctx.channel().config().setAutoRead(false); // the next when this one's answer is written
    routes
        .answer(request, peer(ctx))
        .whenComplete(
            (answer, failure) -> ctx.executor().execute(() -> respond(ctx, head, answer, failure)));
  }

  private static String peer(ChannelHandlerContext ctx) {
    return ctx.channel().remoteAddress() instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : "that nobody knows";
  }

  private void respond(ChannelHandlerContext ctx, boolean head, Answer answer, Throwable failure) {
    Answer sent = answer;
    if (failure != null) {
      LOG.error("request failed", failure);
      sent = Answer.problem(500, "The collector could not answer; its log says why.");
    }
    if (sent.feed().isPresent()) {
      stream(ctx, head, sent, sent.feed().get());
      return;
    }
    if (sent.pieces().isPresent()) {
      feed(ctx, head, sent, sent.pieces().get());
      return;
    }
    ctx.writeAndFlush(response(sent, head))
        .addListener(written -> ctx.channel().config().setAutoRead(true));
  }

  /** The next request is read when all of it is written. */
  private void feed(ChannelHandlerContext ctx, boolean head, Answer answer, Pieces pieces) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()));
    headers(response, answer).set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    var _ = ctx.write(response);
    if (head || !ctx.channel().isActive()) {
      pieces.close();
      ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
          .addListener(written -> ctx.channel().config().setAutoRead(true));
      return;
    }
    PiecesFeed next = new PiecesFeed(pieces, buffer, () -> feeding = null);
    feeding = next;
    next.go(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    PiecesFeed now = feeding;
    if (now != null && ctx.channel().isWritable()) {
      now.go(ctx);
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    PiecesFeed now = feeding;
    if (now != null) {
      now.end();
    }
    ctx.fireChannelInactive();
  }

  /** Goes on reading, because that is how the end of the other side is seen. */
  private void stream(ChannelHandlerContext ctx, boolean head, Answer answer, Feed feed) {
    if (head || !ctx.channel().isActive()) {
      feed.refused();
      var _ = ctx.close();
      return;
    }
    streaming = true;
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()));
    headers(response, answer).set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    var _ = ctx.write(response);
    ctx.channel().config().setAutoRead(true);
    feed.begin(ctx);
  }

  private static HttpHeaders headers(HttpResponse response, Answer answer) {
    return response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, answer.policy())
        .set("x-content-type-options", "nosniff")
        .set("referrer-policy", "no-referrer");
  }

  static FullHttpResponse response(Answer answer, boolean head) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
    headers(response, answer).set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    if (answer.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
      response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    return response;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent) {
      var _ = ctx.close();
    }
  }

  /** Mostly a connection that the other side reset, or a body beyond the bound. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("connection failed peer={}", ctx.channel().remoteAddress(), cause);
    ctx.writeAndFlush(response(Answer.problem(400, "This is no HTTP/1.1 request."), false))
        .addListener(ChannelFutureListener.CLOSE);
  }
}
