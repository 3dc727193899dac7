package io.millwright.collector.rest;

import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.exposition.PageBuffer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server. Bounded: connections, 64 KiB a body, one request of a connection at a time, 30 s
 * for it to arrive, 60 s of silence.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} once or more. <i>Threading:</i> the
 * event loop thread {@code rest}. <i>Failure:</i> {@link RestException} where it cannot listen.
 */
public final class RestServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);

  /** Connections at once; those beyond are closed. */
  public static final int MOST_CONNECTIONS = 512;

  private static final int LONGEST_BODY = 64 * 1024;
  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_HEADERS = 16 * 1024;
  private static final int CHUNK = 8192;
  private static final int FIRST_PIECE = 128 * 1024;
  private static final int SILENCE_SECONDS = 60;
  private static final long PATIENCE_SECONDS = 5;

  private final InetSocketAddress listen;
  private final String host;
  private final Routes routes;
  private final AtomicLong refused = new AtomicLong();
  private volatile @Nullable Running running;

  private record Running(EventLoopGroup loop, Channel listening, ChannelGroup admitted) {}

  /**
   * @param hosts names and addresses of this port beside those of loopback
   */
  public RestServer(
      InetSocketAddress listen, List<Route> routes, Tokens tokens, Set<String> hosts) {
    this(listen, routes, tokens, hosts, Optional.empty());
  }

  /**
   * One that refuses who asks too often.
   *
   * @param hosts names and addresses of this port beside those of loopback
   * @param rate of one caller; empty: as often as it wants
   */
  public RestServer(
      InetSocketAddress listen,
      List<Route> routes,
      Tokens tokens,
      Set<String> hosts,
      Optional<RequestRate> rate) {
    this.listen = listen;
    this.host = listen.getAddress().isAnyLocalAddress() ? ownName() : listen.getHostString();
    Set<String> names = new HashSet<>(hosts);
    names.add(host);
    this.routes = new Routes(routes, tokens, new KnownHosts(names), rate);
  }

  /** Connections that are open. */
  public int connections() {
    Running now = running;
    return now == null ? 0 : now.admitted().size();
  }

  /** Connections that were closed because too many were open, since the start. */
  public long refusedConnections() {
    return refused.get();
  }

  /** All that it answers. */
  public List<Route> routes() {
    return routes.all();
  }

  /** Binds. */
  public void start() {
    ThreadFactory threads = task -> Threads.platform("rest", task);
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    ChannelGroup admitted = new DefaultChannelGroup(loop.next());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Pipeline(admitted))
            .bind(listen)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      release(loop);
      throw new RestException(
          "listening on %s:%d failed: is the port taken? (ss -ltnp names who has it)"
              .formatted(listen.getHostString(), listen.getPort()),
          bound.cause());
    }
    running = new Running(loop, bound.channel(), admitted);
    LOG.info("REST is served address={} port={}", listen.getHostString(), port());
  }

  private final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final ChannelGroup admitted;
    private final PageBuffer buffer = new PageBuffer(FIRST_PIECE);

    Pipeline(ChannelGroup admitted) {
      this.admitted = admitted;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (admitted.size() >= MOST_CONNECTIONS) {
        refused.incrementAndGet();
        var _ = channel.close();
        return;
      }
      admitted.add(channel);
      RequestDeadline deadline = new RequestDeadline();
      channel
          .pipeline()
          .addLast(
              deadline,
              new IdleStateHandler(0, 0, SILENCE_SECONDS),
              new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, CHUNK),
              new HttpServerKeepAliveHandler(),
              new BoundedBodies(LONGEST_BODY),
              new FlowControlHandler(),
              new RestConversation(routes, deadline, buffer));
    }
  }

  /**
   * Runs a task on the thread {@code rest}.
   *
   * @throws RejectedExecutionException where it has ended
   */
  public void onLoop(Runnable task) {
    Running now = running;
    if (now == null) {
      throw new RejectedExecutionException("REST is not served");
    }
    now.loop().execute(task);
  }

  /** The port that was bound. */
  public int port() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("REST is not served");
    }
    return ((InetSocketAddress) now.listening().localAddress()).getPort();
  }

  private static String ownName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "localhost";
    }
  }

  /** {@code HOST:PORT} by which others reach it. */
  public String address() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port();
  }

  @Override
  public void close() {
    Running ending = running;
    running = null;
    if (ending == null) {
      return;
    }
    ending.listening().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    ending.admitted().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    release(ending.loop());
    LOG.info("REST is no longer served");
  }

  private static void release(EventLoopGroup loop) {
    loop.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
