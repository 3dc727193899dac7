package io.millwright.collector.join;

import io.millwright.collector.trust.EnrolmentDesk;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.JoinAnswer.Reason;
import io.millwright.protocol.tls.JoinFrame;
import io.millwright.protocol.tls.JoinRequest;
import io.millwright.protocol.tls.MutualTls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: TLS handshake, request, answer, end.
 *
 * <p><i>Threading:</i> the event loop. <i>Failure:</i> one sentence on both sides, and the end.
 */
final class Conversation extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
  private static final Duration LINGER = Duration.ofSeconds(5);

  /**
   * So much is read and thrown away after the answer: a close with unread bytes would reset the
   * connection and take the answer from the peer.
   */
  private static final long MOST_IGNORED = 16 << 20;

  private final SslHandler ssl;
  private final MutualTls tls;
  private final EnrolmentDesk desk;
  private final Duration patience;
  private Stage stage = Stage.HANDSHAKE;
  private @Nullable ChannelHandlerContext own;
  private @Nullable Future<?> deadline;
  private long ignored;

  private enum Stage {
    HANDSHAKE,
    REQUEST,
    ANSWER,
    END
  }

  Conversation(SslHandler ssl, MutualTls tls, EnrolmentDesk desk, Duration patience) {
    this.ssl = ssl;
    this.tls = tls;
    this.desk = desk;
    this.patience = patience;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    own = ctx;
    deadline = ctx.executor().schedule(() -> late(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion) {
      shaken(ctx, completion);
    }
    ctx.fireUserEventTriggered(event);
  }

  private void shaken(ChannelHandlerContext ctx, SslHandshakeCompletionEvent completion) {
    if (completion.isSuccess()) {
      stage = Stage.REQUEST;
      return;
    }
    if (stage == Stage.HANDSHAKE) {
      stage = Stage.END;
      LOG.warn("join refused peer={}: {}", peer(ctx), why(completion.cause()));
    }
  }

  private String why(Throwable cause) {
    return cause instanceof IOException failure
        ? tls.explain(failure).sentence()
        : "the TLS handshake failed: " + cause.getClass().getSimpleName();
  }

  /** The length is looked at before anything of it is taken. */
  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (stage != Stage.REQUEST) {
      ignore(ctx, in);
      return;
    }
    if (in.readableBytes() < JoinFrame.HEADER_BYTES) {
      return;
    }
    int length = in.getUnsignedShort(in.readerIndex());
    if (length > JoinRequest.LARGEST_BYTES) {
      end(ctx, malformed("a request to join has at most 4 KiB, and this one says more"));
      return;
    }
    if (in.readableBytes() >= JoinFrame.HEADER_BYTES + length) {
      byte[] body = new byte[length];
      in.skipBytes(JoinFrame.HEADER_BYTES).readBytes(body);
      ask(ctx, body);
    }
  }

  private void ignore(ChannelHandlerContext ctx, ByteBuf in) {
    ignored += in.readableBytes();
    in.skipBytes(in.readableBytes());
    if (ignored > MOST_IGNORED) {
      var _ = ctx.close();
    }
  }

  private void ask(ChannelHandlerContext ctx, byte[] body) {
    stage = Stage.ANSWER;
    forgetDeadline();
    desk.answer(
        body,
        () -> ctx.channel().isActive(),
        answer -> ctx.executor().execute(() -> end(ctx, answer)));
  }

  private void late(ChannelHandlerContext ctx) {
    if (stage == Stage.REQUEST) {
      end(
          ctx,
          malformed(
              "no whole request to join came within %d ms: try again"
                  .formatted(patience.toMillis())));
      return;
    }
    LOG.warn("join refused peer={}: the TLS handshake did not end in time", peer(ctx));
    stage = Stage.END;
    var _ = ctx.close();
  }

  private static JoinAnswer malformed(String sentence) {
    return new JoinAnswer.Refused(Reason.MALFORMED, sentence);
  }

  /** Says it once, and hangs up when that was sent. */
  private void end(ChannelHandlerContext ctx, JoinAnswer answer) {
    stage = Stage.END;
    forgetDeadline();
    log(ctx, answer);
    ctx.writeAndFlush(Unpooled.wrappedBuffer(JoinFrame.of(answer.bytes())))
        .addListener(sent -> hangUp(ctx));
    deadline =
        ctx.executor()
            .schedule(
                () -> {
                  var _ = ctx.close();
                },
                LINGER.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private static void log(ChannelHandlerContext ctx, JoinAnswer answer) {
    switch (answer) {
      case JoinAnswer.Issued issued ->
          LOG.info(
              "node joined peer={} serial={}",
              peer(ctx),
              issued.certificate().getSerialNumber().toString(16));
      case JoinAnswer.Refused(Reason reason, String sentence) ->
          LOG.warn("join refused peer={} reason={}: {}", peer(ctx), reason.word(), sentence);
    }
  }

  private void hangUp(ChannelHandlerContext ctx) {
    ssl.closeOutbound()
        .addListener(told -> {
          var _ = ((SocketChannel) ctx.channel()).shutdownOutput();
        });
  }

  /** The collector stops: who has not asked yet is let go. */
  void closing() {
    if (own != null && (stage == Stage.HANDSHAKE || stage == Stage.REQUEST)) {
      stage = Stage.END;
      var _ = own.close();
    }
  }

  private void forgetDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    forgetDeadline();
    if (stage == Stage.REQUEST) {
      LOG.warn("join refused peer={}: it left without a whole request", peer(ctx));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("connection failed peer={}", peer(ctx), cause);
    var _ = ctx.close();
  }

  private static String peer(ChannelHandlerContext ctx) {
    return ctx.channel().remoteAddress() instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : "unknown";
  }
}
