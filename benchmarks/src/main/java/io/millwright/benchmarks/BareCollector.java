package io.millwright.benchmarks;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.KnownSchemas;
import io.millwright.protocol.frames.MalformedFrame;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.vocabulary.job.Term;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A bare reader of what a fleet sends: sessions are opened, samples decoded to their last values
 * and acknowledged by Netty's usual loop, and that is all. No TLS, no writer, no history, no
 * verdicts, no pages. It tells machines apart and is no bound: the collector itself wakes less
 * often and joins what it writes.
 *
 * <pre>
 * BareCollector PORT
 * </pre>
 *
 * <p>Prints each second how many sessions are open and how many samples have come.
 * <i>Threading:</i> one event loop.
 */
final class BareCollector {
  private static final Clock CLOCK = Clock.system();
  private static final int BACKLOG = 128;
  private static final int CREDITS = 64;
  private static final int INTERVAL_MS = 1000;

  /** As often as the collector answers a node at 1 Hz, whose ACKs go with a PING each 5 s. */
  private static final int ACK_EVERY = 5;

  private final KnownSchemas schemas = new KnownSchemas();
  private int sessions;
  private long samples;

  private BareCollector() {}

  public static void main(String[] arguments) throws Exception {
    BareCollector bare = new BareCollector();
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(bare.new Session());
                  }
                })
            .bind("127.0.0.1", Integer.parseInt(arguments[0]))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      var _ = loop.shutdownGracefully();
      throw new BenchmarkException("listening on " + arguments[0], bound.cause());
    }
    var _ = loop.next().scheduleAtFixedRate(bare::tell, 1, 1, TimeUnit.SECONDS);
    bound.channel().closeFuture().sync();
  }

  private void tell() {
    System.out.println("sessions=%d samples=%d".formatted(sessions, samples));
    System.out.flush();
  }

  /** One agent's. */
  private final class Session extends ByteToMessageDecoder {
    private final FrameReader reader = new FrameReader(Side.AGENT);
    private final FrameWriter writer = new FrameWriter(512);
    private @Nullable SampleDecoder live;
    private Position newest = Position.NONE;
    private Position backfilled = Position.NONE;
    private int unacknowledged;
    private boolean greeted;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      while (true) {
        ByteBuffer received = in.nioBuffer();
        Inbound next = reader.next(received);
        in.skipBytes(received.position());
        switch (next) {
          case MalformedFrame malformed -> throw new BenchmarkException(malformed.reason());
          case Frame frame -> received(ctx, frame);
          default -> {
            return;
          }
        }
      }
    }

    private void received(ChannelHandlerContext ctx, Frame frame) {
      switch (frame) {
        case Frame.Hello hello -> {
          sessions++;
          greeted = true;
          write(ctx, welcome(hello));
          reader.open();
        }
        case Frame.Schema schema -> {
          if (SeriesSchema.decode(schema, schemas) instanceof SeriesSchema known
              && !schema.backfill()) {
            live = new SampleDecoder(known);
          }
        }
        case Frame.Key key -> {
          if (key.backfill()) {
            backfilled = key.at();
            counted(ctx);
          } else if (live != null) {
            shown(ctx, live, live.apply(key));
          }
        }
        case Frame.Delta delta -> {
          if (delta.backfill()) {
            counted(ctx);
          } else if (live != null) {
            shown(ctx, live, live.apply(delta));
          }
        }
        case Frame.Ping ping ->
            write(
                ctx,
                new Frame.Pong(
                    ping.number(),
                    ping.sent().monotonicNanos(),
                    new Moment(CLOCK.wall().toEpochMilli(), CLOCK.nanos())));
        default -> {}
      }
    }

    private Frame welcome(Frame.Hello hello) {
      return new Frame.Welcome(
          ProtocolVersion.common(hello.versions()).orElseThrow(),
          "bare",
          1,
          Position.NONE,
          0,
          CREDITS,
          INTERVAL_MS,
          true,
          CLOCK.wall().toEpochMilli(),
          Term.NONE);
    }

    private void shown(ChannelHandlerContext ctx, SampleDecoder decoder, SampleResult result) {
      if (result instanceof SampleResult.Complete) {
        newest = decoder.at();
        samples += decoder.schema().size();
      }
      counted(ctx);
    }

    private void counted(ChannelHandlerContext ctx) {
      unacknowledged++;
      if (unacknowledged >= ACK_EVERY) {
        unacknowledged = 0;
        write(ctx, new Frame.Ack(newest, backfilled, 0, CREDITS));
      }
    }

    private void write(ChannelHandlerContext ctx, Frame frame) {
      writer.clear();
      writer.write(frame);
      var _ = ctx.writeAndFlush(Unpooled.copiedBuffer(writer.written()));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      super.channelInactive(ctx);
      sessions -= greeted ? 1 : 0;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      System.out.println("a session failed: " + cause);
      var _ = ctx.close();
    }
  }
}
