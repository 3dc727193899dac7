package io.millwright.collector.join;

import io.millwright.collector.trust.Enrolment;
import io.millwright.collector.trust.EnrolmentDesk;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.MutualTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for joining.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} once or more. <i>Threading:</i> the
 * event loop thread {@code join-edge} and the worker {@code join}. <i>Failure:</i> {@link
 * JoinException} where it cannot listen.
 */
public final class JoinServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JoinServer.class);
  private static final int BACKLOG = 256;
  private static final long PATIENCE_SECONDS = 5;

  private final InetSocketAddress listen;
  private final MutualTls tls;
  private final Enrolment enrolment;
  private final JoinLimits limits;
  private final Clock clock;
  private volatile @Nullable Running running;

  private record Running(
      EventLoopGroup loop, Channel listening, ChannelGroup admitted, EnrolmentDesk desk) {}

  /**
   * @param tls of this port alone: what a stranger begins here must not be resumed elsewhere
   */
  public JoinServer(InetSocketAddress listen, MutualTls tls, Enrolment enrolment, Clock clock) {
    this(listen, tls, enrolment, JoinLimits.USUAL, clock);
  }

  JoinServer(
      InetSocketAddress listen,
      MutualTls tls,
      Enrolment enrolment,
      JoinLimits limits,
      Clock clock) {
    this.listen = listen;
    this.tls = tls;
    this.enrolment = enrolment;
    this.limits = limits;
    this.clock = clock;
  }

  /** Binds. */
  public void start() {
    ThreadFactory threads = task -> Threads.platform("join-edge", task);
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    ChannelGroup admitted = new DefaultChannelGroup(loop.next());
    EnrolmentDesk desk = new EnrolmentDesk("join", enrolment, limits.connections());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false)
            .handler(new Gate(limits, clock))
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Pipeline(admitted, desk))
            .bind(listen)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      desk.close();
      release(loop);
      throw new JoinException(
          "listening on %s:%d failed: is the port taken? (ss -ltnp names who has it)"
              .formatted(listen.getHostString(), listen.getPort()),
          bound.cause());
    }
    running = new Running(loop, bound.channel(), admitted, desk);
    LOG.info("nodes may join address={} port={}", listen.getHostString(), port());
  }

  private final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final ChannelGroup admitted;
    private final EnrolmentDesk desk;

    Pipeline(ChannelGroup admitted, EnrolmentDesk desk) {
      this.admitted = admitted;
      this.desk = desk;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      admitted.add(channel);
      SslHandler ssl = new SslHandler(tls.joinEngine());
      ssl.setHandshakeTimeoutMillis(0); // the conversation's own deadline spans the handshake
      channel.pipeline().addLast(ssl, new Conversation(ssl, tls, desk, limits.patience()));
    }
  }

  /** Requests to join that wait. */
  public int waiting() {
    Running now = running;
    return now == null ? 0 : now.desk().waiting();
  }

  /** The most that may wait. */
  public int mostWaiting() {
    return limits.connections();
  }

  /** Those that were refused because too many waited, since the start. */
  public long refused() {
    Running now = running;
    return now == null ? 0 : now.desk().refused();
  }

  /** The port that was bound. */
  public int port() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("nobody may join");
    }
    return ((InetSocketAddress) now.listening().localAddress()).getPort();
  }

  /** Who has asked gets its answer; nobody else does. */
  @Override
  public void close() {
    Running ending = running;
    running = null;
    if (ending == null) {
      return;
    }
    ending.listening().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    ending.desk().close();
    ending
        .loop()
        .submit(() ->
            ending
                .admitted()
                .forEach(channel -> channel.pipeline().get(Conversation.class).closing()))
        .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    ending.admitted().newCloseFuture().awaitUninterruptibly(1, TimeUnit.SECONDS);
    ending.admitted().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    release(ending.loop());
    LOG.info("nodes may no longer join");
  }

  private static void release(EventLoopGroup loop) {
    loop.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
