package io.millwright.agent.uplink;

import io.millwright.agent.audit.KeptHeads;
import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.EventLog;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.inventory.AcceptedInventory;
import io.millwright.agent.power.PowerRoom;
import io.millwright.agent.spool.Spool;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.HostPort;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.Term;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session with the collector open for ever.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #stop} once. <i>Threading:</i> the event loop thread
 * {@code uplink}; {@link #offer} from the sampler, which never waits. <i>Failure:</i> every end of
 * a session is followed by the next attempt, after a pause with full jitter, at the collector of
 * the configuration or where that has sent this node ({@link Route}).
 */
public final class Uplink {
  private static final Logger LOG = LoggerFactory.getLogger(Uplink.class);

  /** A SYN that finds the queue of a busy collector full is sent again after 1, 3 and 7 s. */
  private static final int CONNECT_MS = 10_000;

  /** It begins when the collector's kernel has taken the connection, which may wait there. */
  private static final long HANDSHAKE_SECONDS = 30;

  private static final int MOST_OUTBOUND = 512 * 1024;
  private static final Duration HALF_CLOSE = Duration.ofSeconds(2);

  private final UplinkOptions options;
  private final Supplier<Peer> peers;
  private final Optional<Orders> orders;
  private final Optional<PowerRoom> power;
  private final Optional<EvidenceRoom> evidence;
  private final Optional<AcceptedInventory> inventory;
  private final Optional<KeptHeads> audit;
  private final EventLog events;
  private final Clock clock;
  private final Optional<UplinkLoops> own;
  private final EventLoop loop;
  private final Samples samples;
  private final Backoff backoff;
  private final Route route;
  private final AtomicReference<@Nullable NodeSnapshot> newest = new AtomicReference<>();
  private volatile Optional<HealthReport> health = Optional.empty();
  private @Nullable AgentSession session;
  private volatile boolean connected;
  private boolean stopping;
  private final Map<HostPort, String> told = new HashMap<>();
  private Term sender = Term.NONE;

  /**
   * @param credentials asked at each connection, as they are renewed in between
   * @param site whose collector is spoken to
   * @param orders the jobs of this node; empty where it carries out none
   * @param power the power limits of this node; empty where they are not ours to set
   * @param evidence of this node; empty where none is taken
   * @param inventory that was accepted of this node; empty where none is kept
   * @param audit what is kept of the collector's audit log; empty where nothing is
   * @param events of this node, which are sent until the collector has them
   * @param spool keeps the samples that the collector has not got; without one the oldest are lost
   * @param random for the incarnation and the jitter
   */
  public Uplink(
      UplinkOptions options,
      Supplier<MutualTls> credentials,
      String site,
      Optional<Orders> orders,
      Optional<PowerRoom> power,
      Optional<EvidenceRoom> evidence,
      Optional<AcceptedInventory> inventory,
      Optional<KeptHeads> audit,
      EventLog events,
      Optional<Spool> spool,
      RandomGenerator random,
      Clock clock) {
    UplinkLoops alone = new UplinkLoops(1);
    this.options = options;
    Door door = Door.forCollectors(site, clock);
    this.peers = () -> new Peer.Secured(credentials.get(), door);
    this.orders = orders;
    this.power = power;
    this.evidence = evidence;
    this.inventory = inventory;
    this.audit = audit;
    this.events = events;
    this.clock = clock;
    this.own = Optional.of(alone);
    this.loop = alone.group().next();
    this.samples = new Samples(random.nextLong(), spool, clock);
    this.backoff = new Backoff(random);
    this.route = new Route(new HostPort(options.host(), options.port()), clock);
  }

  private Uplink(
      UplinkOptions options,
      Peer peer,
      EventLog events,
      UplinkLoops shared,
      RandomGenerator random,
      Clock clock) {
    this.options = options;
    this.peers = () -> peer;
    this.orders = Optional.empty();
    this.power = Optional.empty();
    this.evidence = Optional.empty();
    this.inventory = Optional.empty();
    this.audit = Optional.empty();
    this.events = events;
    this.clock = clock;
    this.own = Optional.empty();
    this.loop = shared.group().next();
    this.samples = new Samples(random.nextLong(), Optional.empty(), clock);
    this.backoff = new Backoff(random);
    this.route = new Route(new HostPort(options.host(), options.port()), clock);
  }

  /**
   * That of a simulated node: it tells of samples, health and events, carries out nothing, and
   * keeps nothing on the disk.
   *
   * @param tls of the node; without it the session is in the clear, and the collector on loopback
   * @param shared whose threads it uses, and which outlives it
   * @throws IllegalArgumentException where the session would be in the clear beyond loopback
   */
  public static Uplink simulated(
      UplinkOptions options,
      Optional<MutualTls> tls,
      EventLog events,
      UplinkLoops shared,
      RandomGenerator random,
      Clock clock) {
    InetAddress address = new InetSocketAddress(options.host(), 0).getAddress();
    if (tls.isEmpty() && (address == null || !address.isLoopbackAddress())) {
      throw new IllegalArgumentException(
          "collector: '%s' is refused without credentials; allowed is an address of loopback"
              .formatted(options.host()));
    }
    Peer peer =
        tls.<Peer>map(
                own -> new Peer.Secured(own, Door.forCollectors(own.identity().site(), clock)))
            .orElseGet(Peer.Plain::new);
    return new Uplink(options, peer, events, shared, random, clock);
  }

  public void start() {
    orders.ifPresent(jobs -> jobs.listen(() -> loop.execute(this::report)));
    events.listen(() -> loop.execute(this::happened));
    loop.execute(this::connect);
  }

  /** The newest snapshot; one that the loop has not taken by the next tick is left out. */
  public void offer(NodeSnapshot taken) {
    if (newest.getAndSet(taken) == null) {
      loop.execute(this::take);
    }
  }

  /** The newest verdicts; told before the snapshot that is offered next. From the sampler. */
  public void judged(HealthReport report) {
    health = Optional.of(report);
  }

  /** Whether a session is open. */
  public boolean connected() {
    return connected;
  }

  /** Sessions that ended because the collector answered nothing. */
  long unansweredSessions() {
    return samples.unansweredSessions();
  }

  /** Whether the loop has taken what was offered. */
  boolean taken() {
    return newest.get() == null;
  }

  private void take() {
    NodeSnapshot taken = newest.getAndSet(null);
    if (taken == null) {
      return;
    }
    samples.add(taken);
    if (session != null) {
      session.sampled();
    }
    samples.told(orders.map(Orders::waiting).orElse(0));
  }

  private void report() {
    if (session != null) {
      session.reported();
    }
  }

  private void happened() {
    if (session != null) {
      session.happened();
    }
  }

  private void connect() {
    if (stopping) {
      return;
    }
    Peer peer = peers.get();
    HostPort place = route.place();
    AgentSession next =
        new AgentSession(
            options,
            peer,
            samples,
            () -> health,
            orders,
            power,
            evidence,
            inventory,
            audit,
            events,
            route.away() ? Optional.of(sender) : Optional.empty(),
            clock,
            this::opened);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_CLOSE, false)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(MOST_OUTBOUND / 2, MOST_OUTBOUND))
            .handler(new Pipeline(peer, place, next));
    options.source().ifPresent(from -> bootstrap.localAddress(from, 0));
    ChannelFuture connecting = bootstrap.connect(place.host(), place.port());
    connecting.addListener(done -> {
      if (done.isSuccess()) {
        attached(next, connecting.channel());
      } else {
        samples.failed(Spool.Failure.CONNECT);
        ended(
            "connecting to the collector failed: " + reason(done.cause()),
            Duration.ZERO,
            List.of());
      }
    });
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private static final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final Peer peer;
    private final HostPort place;
    private final AgentSession handler;

    Pipeline(Peer peer, HostPort place, AgentSession handler) {
      this.peer = peer;
      this.place = place;
      this.handler = handler;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (peer instanceof Peer.Secured secured) {
        SslHandler ssl = new SslHandler(secured.tls().clientEngine(place.host(), place.port()));
        ssl.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        channel.pipeline().addLast(ssl);
      }
      channel.pipeline().addLast(handler);
    }
  }

  private void attached(AgentSession next, Channel channel) {
    if (stopping) { // left while it was connecting
      var _ = channel.close();
      return;
    }
    session = next;
    channel
        .closeFuture()
        .addListener(closed -> {
          session = null;
          connected = false;
          samples.backfill().left(next.malformed());
          next.failure().filter(why -> !stopping).ifPresent(samples::failed);
          if (!next.elsewhere().isEmpty()) {
            sender = next.term();
          }
          ended(next.end(), next.retryAfter(), next.elsewhere());
        });
  }

  private void opened() {
    connected = true;
    told.clear();
    backoff.restart();
    route.opened();
    LOG.info("collector connected host={} port={}", route.place().host(), route.place().port());
  }

  private void ended(String why, Duration retryAfter, List<String> elsewhere) {
    if (stopping) {
      return;
    }
    HostPort place = route.place();
    if (!why.equals(told.put(place, why))) {
      LOG.warn("collector not connected host={} port={}: {}", place.host(), place.port(), why);
    }
    if (elsewhere.isEmpty() || !sent(place, elsewhere)) {
      route.ended();
    }
    Duration pause = backoff.next(retryAfter);
    var _ = loop.schedule(this::connect, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether it is followed. */
  private boolean sent(HostPort from, List<String> addresses) {
    boolean followed = route.sent(addresses);
    if (followed) {
      told.clear();
      LOG.info("the collector sends this node elsewhere from={} to={}", from, addresses);
    } else {
      LOG.warn(
          "the collector sends this node elsewhere and is not followed: it did so {} times within"
              + " {} min, or these are no addresses of others from={} to={}",
          Route.MOST,
          Route.WITHIN.toMinutes(),
          from,
          addresses);
    }
    return followed;
  }

  /**
   * Begins the end and does not wait for it: what is under way is sent, the connection half-closed,
   * and no other is made. It has ended when nothing is {@link #connected}.
   */
  public void leave() {
    loop.execute(this::ending);
  }

  private void ending() {
    stopping = true;
    if (session != null) {
      session.halfClose();
    }
  }

  /**
   * Sends what is under way, half-closes, reads to the end, and no longer than this; what is not
   * acknowledged then is in the spool.
   */
  public void stop(Duration longest) {
    loop.submit(this::ending).awaitUninterruptibly(longest.toMillis(), TimeUnit.MILLISECONDS);
    long until = clock.nanos() + Math.min(longest.toNanos(), HALF_CLOSE.toNanos());
    while (connected && clock.nanos() - until < 0) {
      clock.parkUntil(clock.nanos() + Duration.ofMillis(10).toNanos());
    }
    loop.submit(() -> samples.ring().flush())
        .awaitUninterruptibly(longest.toMillis(), TimeUnit.MILLISECONDS);
    own.ifPresent(alone -> alone.close(longest));
  }
}
