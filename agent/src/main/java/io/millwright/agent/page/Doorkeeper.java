package io.millwright.agent.page;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.flow.FlowControlHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets connections in, up to the limit; the others get a 503 and are closed at once.
 *
 * <p><i>Threading:</i> the edge thread; {@link #refused()} from anywhere.
 */
final class Doorkeeper extends ChannelInitializer<SocketChannel> {
  private static final Logger LOG = LoggerFactory.getLogger(Doorkeeper.class);
  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_HEADERS = 8192;

  private final Endpoints endpoints;
  private final PageOptions options;
  private final ChannelGroup admitted;
  private boolean full;
  private volatile long refused;

  Doorkeeper(Endpoints endpoints, PageOptions options, ChannelGroup admitted) {
    this.endpoints = endpoints;
    this.options = options;
    this.admitted = admitted;
  }

  /** How many connections were turned away so far. */
  long refused() {
    return refused;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    channel.pipeline().addLast(codec());
    if (admitted.size() >= options.maxConnections()) {
      refuse(channel);
      return;
    }
    notFull();
    admitted.add(channel);
    channel.pipeline().addLast(new FlowControlHandler(), new Conversation(endpoints, options));
  }

  private static HttpServerCodec codec() {
    return new HttpServerCodec(
        new HttpDecoderConfig()
            .setInitialBufferSize(256)
            .setMaxInitialLineLength(LONGEST_LINE)
            .setMaxHeaderSize(LONGEST_HEADERS));
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer, the edge thread
  private void refuse(SocketChannel channel) {
    refused++;
    if (!full) {
      full = true;
      LOG.warn("page turns connections away limit={}", options.maxConnections());
    }
    channel.pipeline().addLast(new Refusal());
  }

  private void notFull() {
    if (full) {
      full = false;
      LOG.info("page admits connections again refused={}", refused);
    }
  }

  /** Says one sentence and hangs up. */
  private static final class Refusal extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      FullHttpResponse response = Answers.tooMany();
      HttpUtil.setKeepAlive(response, false);
      ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      Conversation.hangUp(ctx);
    }
  }
}
