package io.millwright.agent.page;

import io.millwright.agent.self.SelfMetrics;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.PreferHeapByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's HTTP server. It shows the newest snapshot and never causes one to be taken.
 *
 * <p>What it holds is bounded: connections by {@link PageOptions#maxConnections()}, each connection
 * to one request of 12 KiB and one response, whose bytes all scrapers share.
 *
 * <p><i>Lifecycle:</i> {@link #start()} once, {@link #close()} once or more; a failed start leaves
 * nothing behind. <i>Threading:</i> started and closed by one thread; everything else on the event
 * loop thread {@code edge}. <i>Failure:</i> {@link PageException} where it cannot listen; later
 * trouble of one connection ends that connection.
 */
public final class PageServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);
  private static final int BACKLOG = 64;
  private static final int READ_BYTES = 2048;
  private static final int FIRST_FREE_PORT = 1024;
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(16 * 1024, 32 * 1024);
  private static final long PATIENCE_SECONDS = 5;

  private final PageOptions options;
  private final Supplier<NodeSnapshot> snapshots;
  private final Supplier<Optional<String>> missing;
  private final Supplier<HealthReport> health;
  private final SelfMetrics self;
  private final Clock clock;
  private volatile @Nullable Running running;

  /**
   * @param snapshots the newest snapshot; one without samples while there is none
   * @param missing one sentence about what keeps the agent from being ready; empty when it is
   * @param health the newest verdicts. All are called on the edge thread and must not block
   */
  public PageServer(
      PageOptions options,
      Supplier<NodeSnapshot> snapshots,
      Supplier<Optional<String>> missing,
      Supplier<HealthReport> health,
      SelfMetrics self,
      Clock clock) {
    this.options = options;
    this.snapshots = snapshots;
    this.missing = missing;
    this.health = health;
    this.self = self;
    this.clock = clock;
  }

  /** What is there between start and close. */
  private record Running(
      EventLoopGroup edge,
      Channel listening,
      boolean inherited,
      ChannelGroup admitted,
      Pages pages,
      Doorkeeper doorkeeper) {}

  /**
   * Renders the page once, then binds.
   *
   * @throws PageException where the address cannot be had
   */
  public void start() {
    requireResolved(options.listen());
    start(Optional.empty());
    LOG.info("page is served address={} port={}", shown(options.listen()), port());
  }

  /**
   * The same on a socket that listens already, and that belongs to whoever passed it: it is let go
   * of at the end and not closed.
   */
  public void start(ServerSocketChannel inherited) {
    start(Optional.of(inherited));
    LOG.info(
        "page is served on the socket of the service manager, listen={} is not used address={}",
        shown(options.listen()),
        shown(bound()));
  }

  private void start(Optional<ServerSocketChannel> inherited) {
    if (running != null) {
      throw new IllegalStateException("the page is served already");
    }
    ThreadFactory threads = task -> Threads.platform("edge", task);
    EventLoopGroup edge = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    Pages pages = new Pages(snapshots, options.dialects(), self, clock);
    try {
      edge.submit(() -> warm(pages)).syncUninterruptibly();
      running = listening(edge, pages, inherited);
    } catch (RuntimeException e) {
      release(edge, pages);
      throw e;
    }
  }

  private Running listening(
      EventLoopGroup edge, Pages pages, Optional<ServerSocketChannel> inherited) {
    ChannelGroup admitted = new DefaultChannelGroup(edge.next());
    Doorkeeper doorkeeper =
        new Doorkeeper(new Endpoints(pages, missing, health), options, admitted);
    ServerBootstrap bootstrap = bootstrap(edge, doorkeeper);
    ChannelFuture listening =
        inherited
            .map(socket ->
                bootstrap.channelFactory(() -> new NioServerSocketChannel(socket)).register())
            .orElseGet(() -> bootstrap.channel(NioServerSocketChannel.class).bind(options.listen()))
            .awaitUninterruptibly();
    if (!listening.isSuccess()) {
      throw new PageException(
          inherited.isPresent()
              ? "listening on the socket of the service manager failed: look at its socket unit (systemctl status millwright-agent.socket)"
              : "listening on %s failed: %s"
                  .formatted(shown(options.listen()), remedy(options.listen())),
          listening.cause());
    }
    return new Running(
        edge, listening.channel(), inherited.isPresent(), admitted, pages, doorkeeper);
  }

  private static ServerBootstrap bootstrap(EventLoopGroup edge, Doorkeeper doorkeeper) {
    return new ServerBootstrap()
        .group(edge)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(
            ChannelOption.ALLOCATOR,
            new PreferHeapByteBufAllocator(new UnpooledByteBufAllocator(false, true)))
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childHandler(doorkeeper);
  }

  /** A page that cannot be rendered now is not served now, but the server starts. */
  private static void warm(Pages pages) {
    try {
      pages.warm();
    } catch (RuntimeException e) {
      LOG.warn("page cannot be rendered before the start", e);
    }
  }

  /** The port that was bound. */
  public int port() {
    return bound().getPort();
  }

  private InetSocketAddress bound() {
    return (InetSocketAddress) running().listening().localAddress();
  }

  /** Where the page is, as a person on this machine asks for it. */
  public URI url() {
    InetAddress bound = bound().getAddress();
    InetAddress reached = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
    String host = reached.getHostAddress();
    return URI.create(
        "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port() + "/metrics");
  }

  /**
   * Runs a task on the edge thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException where the page is not served
   */
  public void onEdge(Runnable task) {
    Running now = running;
    if (now == null) {
      throw new RejectedExecutionException("the page is not served");
    }
    now.edge().execute(task);
  }

  /** How many connections were turned away because all were taken. */
  public long refusedConnections() {
    return running().doorkeeper().refused();
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("the page is not served");
    }
    return now;
  }

  /** Stops listening, ends the connections, then the thread. */
  @Override
  public void close() {
    Running ending = running;
    running = null;
    if (ending == null) {
      return;
    }
    ChannelFuture unheard =
        ending.inherited() ? ending.listening().deregister() : ending.listening().close();
    unheard.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    ending.admitted().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    release(ending.edge(), ending.pages());
    LOG.info("page is no longer served");
  }

  private static void release(EventLoopGroup edge, Pages pages) {
    var _ = edge.submit(pages::close);
    edge.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static void requireResolved(InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new PageException(
          "listening on %s failed: the name has no address; configure an address of this machine"
              .formatted(shown(address)));
    }
  }

  /** The kernel's reasons come as one exception with a text; what can be asked is asked instead. */
  private static String remedy(InetSocketAddress address) {
    if (!isOfThisMachine(address)) {
      return "no interface of this machine has the address; configure one that it has";
    }
    String taken =
        "another process has the port; stop it (ss -ltnp names it) or listen on another (--listen HOST:PORT)";
    return address.getPort() > 0 && address.getPort() < FIRST_FREE_PORT
        ? taken + ", or the agent lacks CAP_NET_BIND_SERVICE for a port below " + FIRST_FREE_PORT
        : taken;
  }

  private static boolean isOfThisMachine(InetSocketAddress address) {
    try {
      return address.getAddress().isAnyLocalAddress()
          || address.getAddress().isLoopbackAddress()
          || NetworkInterface.getByInetAddress(address.getAddress()) != null;
    } catch (IOException e) {
      return true; // cannot be told: the other remedies are the likelier ones
    }
  }

  private static String shown(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
