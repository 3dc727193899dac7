package io.millwright.collector.ingest;

import io.millwright.collector.identity.Identities;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.MutualTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agents' port.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, {@link #close} once or more. <i>Threading:</i> the
 * event loop thread {@code ingest} owns all sessions, {@code handshakes} does their arithmetic.
 * <i>Failure:</i> {@link IngestException} where it cannot listen.
 */
public final class IngestServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IngestServer.class);

  /** More would have waited for too long, where each handshake takes milliseconds. */
  private static final int BACKLOG = 128;

  private static final int MOST_OUTBOUND = 64 * 1024;

  /** Connections that have not said HELLO, give or take a few; others wait in the kernel. */
  public static final int MOST_UNGREETED = 256;

  /** Steps of handshakes that wait; connections beyond fail. */
  public static final int MOST_HANDSHAKES = 1024;

  private static final long HANDSHAKE_SECONDS = 10;
  private static final long PATIENCE_SECONDS = 5;

  private final IngestOptions options;
  private final Optional<Session.Secured> secured;
  private final Ingested ingested;
  private final Clock clock;
  private final Sessions sessions = new Sessions();
  private final Turns<Session> turns = new Turns<>();
  private final AtomicLong handshakesRefused = new AtomicLong();
  private volatile boolean welcoming;
  private boolean welcomed; // these two on the thread ingest
  private boolean crowded;
  private volatile @Nullable Running running;

  private record Running(
      EventLoopGroup loop,
      ThreadPoolExecutor handshakes,
      Channel listening,
      ChannelGroup admitted) {}

  /** Of a collector that knows nothing of nodes but their certificates. */
  public IngestServer(IngestOptions options, MutualTls tls, Ingested ingested, Clock clock) {
    this(options, tls, Identities.NONE, ingested, clock);
  }

  /**
   * @param tls with the grace of {@code identities}
   * @param identities who may have a session, and its next certificate
   */
  public IngestServer(
      IngestOptions options, MutualTls tls, Identities identities, Ingested ingested, Clock clock) {
    this(
        options,
        Optional.of(
            new Session.Secured(
                tls, Door.forNodes(options.site(), clock).refusing(identities), identities)),
        ingested,
        clock);
  }

  private IngestServer(
      IngestOptions options, Optional<Session.Secured> secured, Ingested ingested, Clock clock) {
    this.options = options;
    this.secured = secured;
    this.ingested = ingested;
    this.clock = clock;
  }

  /**
   * One without TLS, which believes whoever connects: for measurements, on loopback alone, which
   * the caller sees to.
   */
  public static IngestServer plain(IngestOptions options, Ingested ingested, Clock clock) {
    return new IngestServer(options, Optional.empty(), ingested, clock);
  }

  /** Binds and lets agents in. */
  public void start() {
    bind();
    welcome();
  }

  /** Binds; who connects waits in the kernel's queue for {@link #welcome}. */
  public void bind() {
    ThreadFactory threads = task -> Threads.platform("ingest", task);
    IoHandlerFactory handler =
        NioIoHandler.newFactory(
            SelectorProvider.provider(), () -> new Gathering(sessions::open, clock));
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, threads, handler);
    ChannelGroup admitted = new DefaultChannelGroup(loop.next());
    ThreadPoolExecutor handshakes = arithmetic();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_CLOSE, false)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(MOST_OUTBOUND / 2, MOST_OUTBOUND))
            .childHandler(new Pipeline(admitted, handshakes))
            .bind(options.listen())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      release(loop, handshakes);
      throw new IngestException(
          "listening on %s:%d failed: is the port taken? (ss -ltnp names who has it)"
              .formatted(options.listen().getHostString(), options.listen().getPort()),
          bound.cause());
    }
    Running now = new Running(loop, handshakes, bound.channel(), admitted);
    var _ =
        loop.next()
            .scheduleAtFixedRate(
                () -> {
                  heed(now);
                  turns.turn(Session::turned);
                },
                Turns.EVERY_MS,
                Turns.EVERY_MS,
                TimeUnit.MILLISECONDS);
    running = now;
    LOG.info("agents are awaited address={} port={}", options.listen().getHostString(), port());
    if (secured.isEmpty()) {
      LOG.warn(
          "the agents' port is without TLS: any program of this machine may speak for any node");
    }
  }

  /** Lets in whoever connects, and has connected since {@link #bind}. */
  public void welcome() {
    welcoming = true;
  }

  /**
   * Who is not known yet shares few places, so that a crowd at the door shuts out no session; it
   * waits in the kernel's queue, for who is closed comes again after longer and longer pauses, and
   * a fleet that comes back would take as long.
   */
  private void heed(Running now) {
    boolean room = crowded && ungreeted(now.admitted()) < MOST_UNGREETED;
    if (room || (welcoming && !welcomed)) { // where accepting has failed, Netty itself waits
      welcomed = true;
      crowded = false;
      now.listening().config().setAutoRead(true);
    }
  }

  private int ungreeted(ChannelGroup admitted) {
    return Math.max(0, admitted.size() - sessions.open());
  }

  /** The arithmetic of a handshake takes milliseconds, in which the samples of others wait. */
  private ThreadPoolExecutor arithmetic() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(MOST_HANDSHAKES),
        task -> Threads.platform("handshakes", task),
        (task, executor) -> {
          handshakesRefused.incrementAndGet();
          throw new RejectedExecutionException("too many handshakes wait");
        });
  }

  private final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final ChannelGroup admitted;
    private final ExecutorService handshakes;

    Pipeline(ChannelGroup admitted, ExecutorService handshakes) {
      this.admitted = admitted;
      this.handshakes = handshakes;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      admitted.add(channel);
      if (ungreeted(admitted) >= MOST_UNGREETED) {
        crowded = true;
        channel.parent().config().setAutoRead(false); // until there is room
      }
      secured.ifPresent(by -> {
        SslHandler ssl = new SslHandler(by.tls().serverEngine(), handshakes);
        ssl.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        channel.pipeline().addLast(ssl);
      });
      channel.pipeline().addLast(new Session(options, secured, sessions, turns, ingested, clock));
    }
  }

  /**
   * Runs a task on the thread {@code ingest}.
   *
   * @throws RejectedExecutionException where it has ended
   */
  public void onLoop(Runnable task) {
    Running now = running;
    if (now == null) {
      throw new RejectedExecutionException("agents are not awaited");
    }
    now.loop().execute(task);
  }

  /** Connections that have not said HELLO. */
  public int ungreeted() {
    Running now = running;
    return now == null ? 0 : ungreeted(now.admitted());
  }

  /** Steps of handshakes that wait. */
  public int handshakes() {
    Running now = running;
    return now == null ? 0 : now.handshakes().getQueue().size();
  }

  /** Those that were refused because too many waited, since the start. */
  public long handshakesRefused() {
    return handshakesRefused.get();
  }

  /** The port that was bound. */
  public int port() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("agents are not awaited");
    }
    return ((InetSocketAddress) now.listening().localAddress()).getPort();
  }

  /** Tells the agents to come back soon or to go on elsewhere, and ends their sessions. */
  @Override
  public void close() {
    Running ending = running;
    running = null;
    if (ending == null) {
      return;
    }
    ending.listening().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    ending
        .loop()
        .submit(() ->
            ending.admitted().forEach(channel -> channel.pipeline().get(Session.class).goAway()))
        .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    ending.admitted().newCloseFuture().awaitUninterruptibly(1, TimeUnit.SECONDS);
    ending.admitted().close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    release(ending.loop(), ending.handshakes());
    LOG.info("agents are no longer awaited");
  }

  private static void release(EventLoopGroup loop, ExecutorService handshakes) {
    handshakes.shutdown();
    loop.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
