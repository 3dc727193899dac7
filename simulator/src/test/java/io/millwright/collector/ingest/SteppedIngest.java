package io.millwright.collector.ingest;

import io.millwright.collector.identity.Identities;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.MutualTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The agents' port of a collector without its socket. It stands in the package of what it opens.
 */
public final class SteppedIngest {
  private final IngestOptions options;
  private final Optional<Session.Secured> secured;
  private final Ingested ingested;
  private final Clock clock;
  private final Sessions sessions = new Sessions();

  public SteppedIngest(IngestOptions options, MutualTls tls, Ingested ingested, Clock clock) {
    this.options = options;
    this.secured =
        Optional.of(
            new Session.Secured(tls, Door.forNodes(options.site(), clock), Identities.NONE));
    this.ingested = ingested;
    this.clock = clock;
  }

  /** The handlers of a connection that an agent has opened. */
  public ChannelHandler next() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                new Session(options, secured, sessions, new Turns<>(), ingested, clock),
                new Turned());
      }
    };
  }

  /** Each connection has a loop of its own here, and so a timer. */
  private static final class Turned extends ChannelInboundHandlerAdapter {
    private @Nullable ScheduledFuture<?> turns;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      Session session = ctx.pipeline().get(Session.class);
      turns = ctx.executor().scheduleAtFixedRate(session::turned, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (turns != null) {
        turns.cancel(false);
      }
    }
  }
}
