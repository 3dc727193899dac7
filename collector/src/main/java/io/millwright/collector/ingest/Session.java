package io.millwright.collector.ingest;

import io.millwright.collector.downlink.Heartbeat;
import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.collector.events.EventSink;
import io.millwright.collector.events.EventSource;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.Findings;
import io.millwright.collector.identity.Identities;
import io.millwright.collector.jobs.Report;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.EventBody;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Incomplete;
import io.millwright.protocol.frames.MalformedFrame;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.Position;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.frames.UnknownFrame;
import io.millwright.protocol.tls.Admission;
import io.millwright.protocol.tls.Door;
import io.millwright.protocol.tls.JoinAnswer;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.Names;
import io.millwright.protocol.tls.PeerIdentity;
import io.millwright.protocol.tls.Refusal;
import io.millwright.protocol.vocabulary.LogHead;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.event.NodeEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent's session.
 *
 * <p><i>Lifecycle:</i> TLS handshake, door, HELLO, WELCOME, frames until either side ends.
 * <i>Threading:</i> the thread {@code ingest}. <i>Failure:</i> a GOAWAY with one sentence, then the
 * end of this session; a write that fails does not throw away what the agent has sent before.
 */
final class Session extends ByteToMessageDecoder implements Line, EventSource {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Duration HELLO_WITHIN = Duration.ofSeconds(10);
  private static final Duration PING_EVERY = Duration.ofSeconds(5);

  /** So much before it is due a PING goes with the answer to the agent's. */
  private static final Duration PING_EARLY = Duration.ofMillis(500);

  /** A session that is spoken to as often takes its turn then, while it is in the caches. */
  private static final Duration TURN_EVERY = Duration.ofMillis(900);

  /** A peer that does not read our last word is not waited for. */
  private static final Duration LAST_WORD = Duration.ofSeconds(5);

  private static final Duration JUDGE_EVERY = Duration.ofSeconds(5);
  private static final Duration HEAD_EVERY = Duration.ofMinutes(1);
  private static final Duration SILENCE = Duration.ofSeconds(15);

  /** A backfill that pauses for longer is taken for ended. */
  private static final Duration LATE_WITHIN = Duration.ofMinutes(2);

  private static final Duration LATE_RESTS = Duration.ofSeconds(2);

  /** A wall clock that says more than this beside the monotonic one was set in between. */
  private static final long SET_MS = 2000;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int ACK_EVERY = 16;
  private static final int CREDITS = 64;
  private static final int MOST_UNCHAINED = 32;
  private static final int LARGE_WRITE = 32 * 1024;
  private static final int MOST_TOLD_A_TURN = 500;

  /** A report of health takes as long to read as so many other frames. */
  private static final int WEIGHT_OF_HEALTH = 50;

  static final int MOST_TOLD_WAITING = 20_000;
  private static final int LONGEST_DETAIL = 200;
  private static final long RETRY_SOON_MS = 1000;

  /** A session's share of the time over which a fleet comes back: 500 a second. */
  private static final long SPREAD_MS = 2;

  private static final long RETRY_LATER_MS = 30_000;

  private final IngestOptions options;
  private final Optional<Secured> secured;
  private final Sessions sessions;
  private final Turns<Session> turns;
  private final Ingested ingested;
  private final Clock clock;
  private final FrameReader reader = new FrameReader(Side.AGENT);
  private final FrameWriter writer = new FrameWriter(512);
  private final ClockOffset offset = new ClockOffset();
  private @Nullable ChannelHandlerContext connection;
  private volatile @Nullable ChannelHandlerContext own;
  private @Nullable Origin origin;
  private long epoch;
  private int share;
  private @Nullable LiveChain live;
  private @Nullable LateChain backfill;
  private @Nullable SeriesSchema lateSchema;
  private long lateNanos;
  private Position backfilled = Position.NONE;
  private int unacknowledged;
  private int told;
  private int unchained;
  private boolean acknowledge;
  private UUID eventJournal = Frame.Hello.NO_EVENTS;
  private long durableEvent;
  private long openedNanos;

  /** When the agent sent its HELLO, by its own clock. */
  private long greetedNanos;

  private long greetedAheadMs;
  private long greetedAheadNanos;
  private long heardNanos;
  private long turnedNanos;
  private long pings;
  private long answered;
  private long pingedNanos;
  private boolean ending;
  private Optional<X509Certificate> certificate = Optional.empty();
  private long judgedNanos;
  private List<String> hardware = List.of();
  private boolean witness;
  private Optional<LogHead> toldHead = Optional.empty();
  private long toldHeadNanos;
  private volatile Heartbeat heartbeat = Heartbeat.NONE;
  private boolean beatenTwice = true;
  private volatile long pinged;
  private volatile long pingedThereNanos;

  Session(
      IngestOptions options,
      Optional<Secured> secured,
      Sessions sessions,
      Turns<Session> turns,
      Ingested ingested,
      Clock clock) {
    this.options = options;
    this.secured = secured;
    this.sessions = sessions;
    this.turns = turns;
    this.ingested = ingested;
    this.clock = clock;
  }

  /** How agents show who they are: by their certificates, at the door. */
  record Secured(MutualTls tls, Door door, Door renewals, Identities identities) {
    Secured(MutualTls tls, Door door, Identities identities) {
      this(tls, door, door.renewing(identities.grace()), identities);
    }
  }

  // ---- opening

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    openedNanos = clock.nanos();
    heardNanos = openedNanos;
    turnedNanos = openedNanos;
    connection = ctx;
    share = turns.add(this);
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion) {
      if (completion.isSuccess()) {
        secured.ifPresent(by -> greeted(ctx, by.renewals().admit(tlsSession(ctx))));
      } else {
        ingested.refused(reason(completion.cause()));
        LOG.warn("agent refused peer={}: {}", peer(ctx), why(completion.cause()));
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  private static SSLSession tlsSession(ChannelHandlerContext ctx) {
    return ctx.pipeline().get(SslHandler.class).engine().getSession();
  }

  private String why(Throwable cause) {
    return cause instanceof IOException failure && secured.isPresent()
        ? secured.get().tls().explain(failure).sentence()
        : "the TLS handshake failed: " + cause.getClass().getSimpleName();
  }

  private Refusal.Reason reason(Throwable cause) {
    return cause instanceof IOException failure && secured.isPresent()
        ? secured.get().tls().explain(failure).reason()
        : Refusal.Reason.HANDSHAKE;
  }

  private void greeted(ChannelHandlerContext ctx, Admission admission) {
    if (admission instanceof Admission.Refused(var refusal)) {
      refused(ctx, refusal);
    }
  }

  private void refused(ChannelHandlerContext ctx, Refusal refusal) {
    ingested.refused(refusal.reason());
    GoAwayReason reason =
        refusal.reason() == Refusal.Reason.OTHER_HARDWARE
            ? GoAwayReason.CLONE
            : GoAwayReason.REFUSED;
    boolean renews = refusal.reason() == Refusal.Reason.EXPIRED; // it is at it, or has done so
    end(ctx, reason, refusal.sentence(), renews ? RETRY_SOON_MS : RETRY_LATER_MS);
  }

  /** The one thing that a certificate which has ended is still good for. */
  private void renew(ChannelHandlerContext ctx, Frame.Renew asked) {
    if (secured.isEmpty()) {
      end(ctx, GoAwayReason.REFUSED, "without TLS there is nothing to renew", RETRY_LATER_MS);
      return;
    }
    Identities identities = secured.get().identities();
    switch (secured.get().renewals().admit(tlsSession(ctx))) {
      case Admission.Refused(var refusal) -> refused(ctx, refusal);
      case Admission.Admitted(PeerIdentity.Node node) -> {
        Optional<Refusal> elsewhere = identities.seen(node.name(), asked.hardware(), peer(ctx));
        Optional<X509Certificate> shown = Door.certificate(tlsSession(ctx));
        if (elsewhere.isPresent() || shown.isEmpty()) {
          elsewhere.ifPresent(refusal -> refused(ctx, refusal));
          return;
        }
        ending = true; // nothing is read any more
        identities.renew(
            node,
            shown.get(),
            asked.request().toByteArray(),
            () -> ctx.channel().isActive(),
            answer -> ctx.executor().execute(() -> renewed(ctx, node.name(), answer)));
      }
      case Admission.Admitted ignored -> throw new IllegalStateException("a door for nodes");
    }
  }

  private void renewed(ChannelHandlerContext ctx, String node, JoinAnswer answer) {
    switch (answer) {
      case JoinAnswer.Issued issued ->
          LOG.info(
              "certificate renewed node={} peer={} ends={}",
              node,
              peer(ctx),
              issued.certificate().getNotAfter().toInstant());
      case JoinAnswer.Refused(var reason, String sentence) ->
          LOG.warn(
              "certificate not renewed node={} peer={} reason={}: {}",
              node,
              peer(ctx),
              reason.word(),
              sentence);
    }
    ctx.writeAndFlush(bytes(new Frame.Renewed(Payload.of(answer.bytes()))))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private void hello(ChannelHandlerContext ctx, Frame.Hello hello) {
    if (!admitted(ctx, hello.origin().node())) {
      return;
    }
    OptionalInt version = ProtocolVersion.common(hello.versions());
    if (version.isEmpty()) {
      end(
          ctx,
          GoAwayReason.NO_COMMON_VERSION,
          "the agent speaks versions %s of the protocol and this collector %s: upgrade the older"
              .formatted(hello.versions(), ProtocolVersion.SUPPORTED),
          RETRY_LATER_MS);
      return;
    }
    Optional<Refusal> elsewhere =
        secured.flatMap(
            by -> by.identities().seen(hello.origin().node(), hello.hardware(), peer(ctx)));
    if (elsewhere.isPresent()) {
      refused(ctx, elsewhere.get());
      return;
    }
    if (sessions.of(hello.origin().node()).filter(open -> open.greetedAfter(hello)).isPresent()) {
      end(
          ctx,
          GoAwayReason.REPLACED,
          "the node has opened its session after it sent this HELLO",
          RETRY_SOON_MS);
      return;
    }
    replaceOlder(ctx, hello.origin());
    open(ctx, hello, version.getAsInt());
  }

  /**
   * Whether this session was asked for later, in the same boot. What a connection brings from an
   * agent that has ended since may come after its successor's first words: a network that mends
   * delivers it.
   */
  private boolean greetedAfter(Frame.Hello hello) {
    return origin != null
        && origin.bootId().equals(hello.origin().bootId())
        && greetedNanos > hello.sent().monotonicNanos();
  }

  /** Whether a node of this name may speak here; without TLS any may whose name is one. */
  private boolean admitted(ChannelHandlerContext ctx, String node) {
    if (secured.isPresent()) {
      if (secured.get().door().admit(tlsSession(ctx), node)
          instanceof Admission.Refused(var refusal)) {
        refused(ctx, refusal);
        return false;
      }
      return true;
    }
    try {
      Names.node(node);
      return true;
    } catch (IllegalArgumentException noName) {
      end(ctx, GoAwayReason.REFUSED, String.valueOf(noName.getMessage()), RETRY_LATER_MS);
      return false;
    }
  }

  /** A node has one session: the newer one. */
  private void replaceOlder(ChannelHandlerContext ctx, Origin newer) {
    Optional<Session> older = sessions.of(newer.node());
    if (older.isPresent() && older.get().speaksFromElsewhere(newer, peer(ctx))) {
      LOG.error(
          "one start of an agent speaks from two addresses: a copy of the machine? node={} peer={}",
          newer.node(),
          peer(ctx));
    }
    older.ifPresent(Session::replaced);
  }

  private boolean speaksFromElsewhere(Origin newer, String newerPeer) {
    return origin != null
        && own != null
        && origin.incarnation() == newer.incarnation()
        && !peer(own).equals(newerPeer);
  }

  private void replaced() {
    if (own != null) {
      end(own, GoAwayReason.REPLACED, "the node has opened a newer session", RETRY_SOON_MS);
    }
  }

  private void open(ChannelHandlerContext ctx, Frame.Hello hello, int version) {
    origin = hello.origin();
    greetedNanos = hello.sent().monotonicNanos();
    greetedAheadMs = hello.sent().wallMillis() - clock.wall().toEpochMilli();
    greetedAheadNanos = hello.sent().monotonicNanos() - clock.nanos();
    own = ctx;
    epoch = sessions.nextEpoch();
    String node = hello.origin().node();
    Optional<SeriesSchema> known =
        sessions.schema(node).filter(schema -> schema.hash().equals(hello.schema()));
    known.ifPresent(schema -> live = LiveChain.of(schema));
    eventJournal = hello.events();
    hardware = hello.hardware();
    durableEvent = ingested.events().opened(node, eventJournal);
    send(
        ctx,
        new Frame.Welcome(
            version,
            options.collectorId(),
            epoch,
            sessions.live(node),
            durableEvent,
            CREDITS,
            (int) options.interval().toMillis(),
            known.isEmpty(),
            clock.wall().toEpochMilli(),
            options.term()));
    reader.open();
    certificate = secured.flatMap(_ -> Door.certificate(tlsSession(ctx)));
    judgedNanos = clock.nanos();
    sessions.opened(node, this);
    ingested.tell(
        new Fact.Connected(
            node,
            epoch,
            hello.origin().version(),
            clock.nanos(),
            clock.wall().toEpochMilli(),
            Capability.mode(hello.capabilities())));
    ingested.tell(
        new Told.Opened(
            node,
            epoch,
            Set.copyOf(hello.capabilities()),
            hello.journal(),
            hello.address().isEmpty() ? peer(ctx) : hello.address(),
            this));
    LOG.info(
        "agent connected node={} version={} session={}", node, hello.origin().version(), epoch);
    ping(ctx);
    witness = hello.capabilities().contains(Capability.AUDIT);
    tellHead(ctx);
  }

  // ---- frames

  /** Frames are read in place from what has been received. */
  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    heardNanos = clock.nanos();
    while (!ending) {
      ByteBuffer received = in.nioBuffer();
      Inbound next = reader.next(received);
      in.skipBytes(received.position());
      switch (next) {
        case Incomplete more -> {
          turned();
          return;
        }
        case MalformedFrame malformed -> malformed(ctx, malformed);
        case UnknownFrame unknown ->
            LOG.debug("frame of a newer version node={} type={}", node(), unknown.code());
        case Frame frame -> received(ctx, frame);
      }
    }
    in.skipBytes(in.readableBytes());
  }

  /** Of an agent that has no runs, and has said so twice, nothing is kept anew. */
  private void beaten(Frame.Ping ping) {
    boolean same = heartbeat.says(ping.status(), ping.runs());
    if (!same || !beatenTwice || !ping.runs().equals(Hash128.NONE)) {
      beatenTwice = same;
      heartbeat = new Heartbeat(ping.number(), ping.status(), ping.runs());
    }
  }

  @Override
  public Heartbeat heartbeat() {
    return heartbeat;
  }

  @Override
  public long pinged() {
    return pinged;
  }

  @Override
  public long pingedNanos() {
    return pingedThereNanos;
  }

  private void malformed(ChannelHandlerContext ctx, MalformedFrame malformed) {
    ingested.rejected();
    end(ctx, GoAwayReason.MALFORMED, malformed.reason(), RETRY_LATER_MS);
  }

  private void received(ChannelHandlerContext ctx, Frame frame) {
    switch (frame) {
      case Frame.Hello hello -> hello(ctx, hello);
      case Frame.Schema schema -> schema(ctx, schema);
      case Frame.Key key -> key(ctx, key);
      case Frame.Delta delta -> delta(ctx, delta);
      case Frame.Ping ping -> {
        beaten(ping);
        pingedThereNanos = ping.sent().monotonicNanos();
        pinged = ping.number();
        answer(ctx, new Frame.Pong(ping.number(), ping.sent().monotonicNanos(), now()));
      }
      case Frame.Pong pong -> pong(pong);
      case Frame.GoAway away -> {
        LOG.info("agent goes node={}: {}", node(), away.detail());
        acknowledgeLast(ctx); // so that it keeps nothing that came
        var _ = ctx.close(); // its last frame: all before it was read
      }
      case Frame.Event event -> event(ctx, event);
      case Frame.Health health -> health(ctx, health);
      case Frame.Applied applied -> applied(ctx, applied);
      case Frame.Status status -> status(ctx, status);
      case Frame.Output output -> {
        slowDown(ctx);
        ingested.tell(new Told.Printed(node(), epoch, output));
      }
      case Frame.PowerCapped capped -> capped(ctx, capped);
      case Frame.Captured captured -> captured(ctx, captured);
      case Frame.Bundle piece -> {
        slowDown(ctx);
        ingested.tell(new Told.Bundled(node(), epoch, piece));
      }
      case Frame.AuditHeads kept -> kept(ctx, kept);
      case Frame.AuditHead ignored -> {}
      case Frame.Capture ignored -> {}
      case Frame.ReadBundle ignored -> {}
      case Frame.Renew asked -> renew(ctx, asked);
      case Frame.Renewed ignored -> {}
      case Frame.Inventory ignored -> {}
      case Frame.CapPower ignored -> {}
      case Frame.Welcome ignored -> {}
      case Frame.Ack ignored -> {}
      case Frame.Desired ignored -> {}
      case Frame.StatusAck ignored -> {}
      case Frame.Lease ignored -> {}
      case Frame.ReadOutput ignored -> {}
    }
  }

  // ---- health

  private void health(ChannelHandlerContext ctx, Frame.Health health) {
    told += WEIGHT_OF_HEALTH - 1;
    slowDown(ctx);
    try {
      Findings findings = Findings.of(epoch, HealthBody.of(health.body().toByteArray()));
      ingested.tell(new Fact.Judged(node(), clock.wall().toEpochMilli(), findings));
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("HEALTH: " + e.getMessage()));
    }
  }

  // ---- events

  private void event(ChannelHandlerContext ctx, Frame.Event event) {
    slowDown(ctx);
    if (eventJournal.equals(Frame.Hello.NO_EVENTS)) {
      LOG.debug("event of an agent that named no journal node={}", node());
      return;
    }
    try {
      NodeEvent told = EventBody.of(event.kind(), event.body().toByteArray());
      ingested
          .events()
          .tell(
              new EventSink.Told(
                  node(), eventJournal, event.sequence(), event.wallMillis(), told, this));
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("EVENT: " + e.getMessage()));
    }
  }

  @Override
  public void durable(long sequence) {
    later(ctx -> {
      durableEvent = Math.max(durableEvent, sequence);
      acknowledge(ctx);
    });
  }

  @Override
  public void again(String why) {
    end(why);
  }

  // ---- the audit log

  /** The name is that of the session: who speaks for another is as malformed. */
  private void kept(ChannelHandlerContext ctx, Frame.AuditHeads kept) {
    slowDown(ctx);
    try {
      AuditHeadsBody body = AuditHeadsBody.of(kept.body().toByteArray());
      if (!body.node().equals(node())) {
        throw JsonMistake.refused("node", Shown.quoted(body.node()), node());
      }
      ingested.witnesses().told(body);
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("AUDIT_HEADS: " + e.getMessage()));
    }
  }

  /** Where the log ends now, once a minute at most. */
  private void tellHead(ChannelHandlerContext ctx) {
    Optional<LogHead> head = ingested.witnesses().head();
    boolean due = toldHead.isEmpty() || clock.nanos() - toldHeadNanos >= HEAD_EVERY.toNanos();
    if (witness && due && head.isPresent() && !head.equals(toldHead)) {
      toldHead = head;
      toldHeadNanos = clock.nanos();
      send(ctx, new Frame.AuditHead(head.get()));
    }
  }

  // ---- power limits

  private void capped(ChannelHandlerContext ctx, Frame.PowerCapped capped) {
    slowDown(ctx);
    try {
      PowerBody body = PowerBody.of(capped.body().toByteArray());
      ingested.tell(new Told.Capped(node(), epoch, capped.number(), body));
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("POWER_CAPPED: " + e.getMessage()));
    }
  }

  // ---- evidence

  private void captured(ChannelHandlerContext ctx, Frame.Captured captured) {
    slowDown(ctx);
    try {
      EvidenceBody body = EvidenceBody.of(captured.body().toByteArray());
      ingested.tell(new Told.Captured(node(), epoch, captured.number(), body));
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("CAPTURED: " + e.getMessage()));
    }
  }

  // ---- jobs

  private void applied(ChannelHandlerContext ctx, Frame.Applied applied) {
    slowDown(ctx);
    try {
      AppliedBody body = AppliedBody.of(applied.body().toByteArray());
      ingested.tell(new Told.Applied(node(), epoch, applied, body));
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("APPLIED: " + e.getMessage()));
    }
  }

  private void status(ChannelHandlerContext ctx, Frame.Status status) {
    slowDown(ctx);
    try {
      StatusBody body = StatusBody.of(status.body().toByteArray());
      new Report(status.sequence(), body.run(), body.state(), body.outcome(), body.usage());
      ingested.tell(new Told.Reported(node(), epoch, status.journalId(), status.sequence(), body));
    } catch (IllegalArgumentException e) {
      malformed(ctx, new MalformedFrame("STATUS: " + e.getMessage()));
    }
  }

  /** What is large has a writer of its own, which is not kept, and room in the channel. */
  @Override
  public void send(List<? extends Frame> frames) {
    later(ctx -> {
      FrameWriter once = new FrameWriter(512);
      frames.forEach(once::write);
      if (once.length() > LARGE_WRITE) {
        ctx.channel()
            .config()
            .setWriteBufferWaterMark(
                new WriteBufferWaterMark(once.length(), 2 * once.length() + LARGE_WRITE));
      }
      var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(once.written()));
    });
  }

  /**
   * An agent that tells more of jobs and health than these in a second is read again in the next.
   */
  private void slowDown(ChannelHandlerContext ctx) {
    told++;
    if (told >= MOST_TOLD_A_TURN || ingested.jobsWaiting() >= MOST_TOLD_WAITING) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void end(String why) {
    later(ctx -> end(ctx, GoAwayReason.OVERLOADED, why, RETRY_SOON_MS));
  }

  /** Of another thread; nothing happens once the session ends. */
  private void later(Consumer<ChannelHandlerContext> act) {
    ChannelHandlerContext ctx = own;
    if (ctx != null) {
      ctx.executor()
          .execute(() -> {
            if (!ending && ctx.channel().isActive()) {
              act.accept(ctx);
            }
          });
    }
  }

  // ---- samples

  private void schema(ChannelHandlerContext ctx, Frame.Schema frame) {
    switch (sessions.read(node(), frame)) {
      case MalformedFrame malformed -> malformed(ctx, malformed);
      case SeriesSchema schema -> {
        Optional<Series> foreign = LiveChain.foreign(schema, node());
        if (foreign.isPresent()) {
          malformed(
              ctx,
              new MalformedFrame(
                  "SCHEMA: series %s of %s is refused; allowed is what belongs to node %s"
                      .formatted(foreign.get().metric(), foreign.get().labelValues(), node())));
        } else if (frame.backfill()) {
          late(schema);
        } else {
          live(ctx, schema);
        }
      }
    }
  }

  /** Its accelerators are known from here on, and they may be another machine's. */
  private void live(ChannelHandlerContext ctx, SeriesSchema schema) {
    Optional<Refusal> elsewhere =
        secured.flatMap(
            by -> by.identities().equipped(node(), hardware, LiveChain.serials(schema), peer(ctx)));
    if (elsewhere.isPresent()) {
      refused(ctx, elsewhere.get());
      return;
    }
    if (live == null || !live.schema().equals(schema)) { // its KEY begins the chain anew
      live = LiveChain.of(schema);
      sessions.schema(node(), schema);
    }
  }

  private void key(ChannelHandlerContext ctx, Frame.Key key) {
    if (key.backfill()) {
      if (backfill == null) {
        known(key.schema()).ifPresent(this::late);
      }
      kept(ctx, backfill == null ? noChain() : backfill.decoder().apply(key));
    } else {
      shownUnlessOlder(ctx, key.at(), chain -> chain.apply(key, clock.nanos()));
    }
  }

  private Position ofThisStart(Frame.Delta delta) {
    return new Position(origin == null ? 0 : origin.incarnation(), delta.sequence());
  }

  /** It is decoded where it is shown. */
  private void shownUnlessOlder(
      ChannelHandlerContext ctx, Position at, Function<LiveChain, SampleResult> apply) {
    if (live != null && older(at)) {
      repeated(ctx);
    } else {
      shown(ctx, live == null ? noChain() : apply.apply(live));
    }
  }

  /** The present does not go back: what is older is counted, and no more. */
  private void repeated(ChannelHandlerContext ctx) {
    ingested.duplicate();
    counted(ctx);
  }

  private boolean older(Position at) {
    Position newest = sessions.live(node());
    return newest.incarnation() == at.incarnation() && at.sequence() <= newest.sequence();
  }

  /** The schema of this hash, if it is that of the backfill before or that of now. */
  private Optional<SeriesSchema> known(Hash128 hash) {
    return Stream.of(
            Optional.ofNullable(lateSchema), Optional.ofNullable(live).map(LiveChain::schema))
        .flatMap(Optional::stream)
        .filter(schema -> schema.hash().equals(hash))
        .findFirst();
  }

  private void delta(ChannelHandlerContext ctx, Frame.Delta delta) {
    if (delta.backfill()) {
      kept(ctx, backfill == null ? noChain() : backfill.decoder().apply(delta));
    } else {
      shownUnlessOlder(ctx, ofThisStart(delta), chain -> chain.apply(delta, clock.nanos()));
    }
  }

  private static SampleResult noChain() {
    return new SampleResult.NeedsKey("no schema was told");
  }

  private void shown(ChannelHandlerContext ctx, SampleResult result) {
    switch (result) {
      case MalformedFrame malformed -> malformed(ctx, malformed);
      case SampleResult.NeedsKey(String why) -> unchained(ctx, why);
      case SampleResult.Partial() -> counted(ctx);
      case SampleResult.Complete() -> {
        unchained = 0;
        complete();
        counted(ctx);
      }
    }
  }

  /** The next KEY heals it; an agent whose KEYs do not fit either has another schema in mind. */
  private void unchained(ChannelHandlerContext ctx, String why) {
    unchained++;
    LOG.debug("sample without its chain node={}: {}", node(), why);
    if (unchained > MOST_UNCHAINED) {
      end(ctx, GoAwayReason.MALFORMED, "no sample fits the schema: " + why, RETRY_SOON_MS);
    }
  }

  private void complete() {
    LiveChain chain = live;
    if (chain == null) {
      return;
    }
    Position at = chain.at();
    if (!sessions.received(node(), at) || older(at)) {
      ingested.duplicate();
      return;
    }
    long nowNanos = chain.last().takenNanos();
    sessions.live(node(), at);
    ingested.accepted(chain.schema().size());
    offset // before the first exchange nobody knows how old it is
        .aheadNanos()
        .ifPresent(
            ahead -> ingested.arrivedAfter(nowNanos - (chain.taken().monotonicNanos() - ahead)));
    ingested.tell(
        new Fact.Sampled(
            node(),
            epoch,
            nowNanos,
            clock.wall().toEpochMilli(),
            aheadMs(),
            chain.last(),
            chain.verdict(),
            chain.accelerators()));
  }

  private void late(SeriesSchema schema) {
    backfill = new LateChain(schema, ingested.begin(node(), schema));
    lateSchema = schema;
    lateNanos = clock.nanos();
  }

  /**
   * What is no longer needed would take a quarter of what a node takes. A KEY begins it anew, also
   * where the live schema is another by then; a DELTA that came so late would count as without its
   * chain.
   */
  private void forgetLate() {
    if (backfill == null) {
      return;
    }
    long quiet = clock.nanos() - lateNanos;
    if (quiet >= LATE_WITHIN.toNanos() && live != null && backfill.schema().equals(live.schema())) {
      backfill = null;
    } else if (quiet >= LATE_RESTS.toNanos()) {
      backfill.rest();
    }
  }

  /** It changes neither the present nor what people are called for. */
  private void kept(ChannelHandlerContext ctx, SampleResult result) {
    switch (result) {
      case MalformedFrame malformed -> malformed(ctx, malformed);
      case SampleResult.NeedsKey(String why) -> {
        LOG.debug("spooled sample without its chain node={}: {}", node(), why);
        ingested.unchained();
      }
      case SampleResult.Partial() -> counted(ctx);
      case SampleResult.Complete() -> {
        if (backfill != null) {
          late(backfill);
        }
        counted(ctx);
      }
    }
  }

  private void late(LateChain chain) {
    lateNanos = clock.nanos();
    SampleDecoder decoder = chain.decoder();
    backfilled = decoder.at();
    if (sessions.received(node(), backfilled)) {
      ingested.late(chain.sink(), decoder, takenMs(decoder), aheadMs());
    } else {
      ingested.duplicate();
    }
  }

  /**
   * When a late sample was taken, by the node's wall clock as it is set now. Where that clock was
   * set in between, what it said then is wrong by as much, and its monotonic clock knows how long
   * ago it was; only of this start of the agent, because another may be of another boot.
   */
  private long takenMs(SampleDecoder decoder) {
    Moment taken = decoder.taken();
    if (origin == null || decoder.at().incarnation() != origin.incarnation()) {
      return taken.wallMillis();
    }
    long theirNanos = clock.nanos() + offset.aheadNanos().orElse(greetedAheadNanos);
    long ageMs = (theirNanos - taken.monotonicNanos()) / NANOS_PER_MILLI;
    long byAge = clock.wall().toEpochMilli() + aheadMs() - ageMs;
    return Math.abs(byAge - taken.wallMillis()) > SET_MS ? byAge : taken.wallMillis();
  }

  /** How far its wall clock is ahead; before the first answer to a ping by what HELLO said. */
  private long aheadMs() {
    return offset.known() ? offset.millis() : greetedAheadMs;
  }

  private void counted(ChannelHandlerContext ctx) {
    acknowledge = true;
    unacknowledged++;
    if (unacknowledged >= ACK_EVERY) {
      acknowledge(ctx);
    }
  }

  private void acknowledgeLast(ChannelHandlerContext ctx) {
    if (acknowledge && origin != null) {
      acknowledge(ctx);
    }
  }

  private void acknowledge(ChannelHandlerContext ctx) {
    send(ctx, acknowledgement());
  }

  private Frame acknowledgement() {
    unacknowledged = 0;
    acknowledge = false;
    return new Frame.Ack(sessions.live(node()), backfilled, durableEvent, CREDITS);
  }

  // ---- time

  /**
   * What is due once a second: with what has come, or by the timer where that is late. One
   * session's failure is the end of that session alone.
   */
  void turned() {
    ChannelHandlerContext ctx = connection;
    if (ctx == null || !ctx.channel().isActive()) {
      return; // its end is under way
    }
    try {
      if (clock.nanos() - turnedNanos >= TURN_EVERY.toNanos()) {
        turn(ctx);
      }
    } catch (RuntimeException | Error e) { // else the timer of all sessions stops
      LOG.error("session failed peer={}", peer(ctx), e);
      var _ = ctx.close();
    }
  }

  private void turn(ChannelHandlerContext ctx) {
    turnedNanos = clock.nanos();
    if (!ctx.channel().config().isAutoRead() && ingested.jobsWaiting() < MOST_TOLD_WAITING) {
      heardNanos = clock.nanos(); // it was we who did not listen
      lateNanos = heardNanos;
      ctx.channel().config().setAutoRead(true);
    }
    told = 0;
    long silent = clock.nanos() - (origin == null ? openedNanos : heardNanos);
    Duration longest = origin == null ? HELLO_WITHIN : SILENCE;
    if (silent >= longest.toNanos()) {
      LOG.warn("agent is silent node={} peer={}", node(), peer(ctx));
      var _ = ctx.close();
      return;
    }
    judge(ctx);
    forgetLate();
    if (origin != null && !ending) {
      if (clock.nanos() - pingedNanos >= PING_EVERY.toNanos()) {
        ping(ctx);
      }
      tellHead(ctx);
    }
  }

  /** A session outlives neither its certificate nor that certificate's good name. */
  private void judge(ChannelHandlerContext ctx) {
    if (secured.isEmpty()
        || certificate.isEmpty()
        || clock.nanos() - judgedNanos < JUDGE_EVERY.toNanos()) {
      return;
    }
    judgedNanos = clock.nanos();
    if (secured.get().door().admit(certificate.get()) instanceof Admission.Refused(var refusal)) {
      refused(ctx, refusal);
    }
  }

  private void ping(ChannelHandlerContext ctx) {
    ping(ctx, new ArrayList<>());
  }

  /** The ACK that is due goes with it: of ten thousand sessions each write counts. */
  private void ping(ChannelHandlerContext ctx, List<Frame> behind) {
    if (acknowledge) {
      behind.add(acknowledgement());
    }
    pings++;
    pingedNanos = clock.nanos();
    behind.add(new Frame.Ping(pings, now()));
    var _ = ctx.writeAndFlush(bytes(behind));
  }

  /** The PING that is soon due goes with it. */
  private void answer(ChannelHandlerContext ctx, Frame.Pong pong) {
    if (clock.nanos() - pingedNanos >= PING_EVERY.minus(PING_EARLY).toNanos()) {
      ping(ctx, new ArrayList<>(List.of(pong)));
    } else {
      send(ctx, pong);
    }
  }

  private void pong(Frame.Pong pong) {
    if (pong.number() == pings && pong.number() > answered) {
      answered = pong.number();
      offset.exchanged(clock.nanos() - pingedNanos, pong.sent(), now());
    }
  }

  private Moment now() {
    return new Moment(clock.wall().toEpochMilli(), clock.nanos());
  }

  // ---- writing and ending

  private void send(ChannelHandlerContext ctx, Frame frame) {
    var _ = ctx.writeAndFlush(bytes(frame));
  }

  private ByteBuf bytes(Frame frame) {
    return bytes(List.of(frame));
  }

  private ByteBuf bytes(List<Frame> frames) {
    writer.clear();
    frames.forEach(writer::write);
    return Unpooled.copiedBuffer(writer.written());
  }

  /** Says why, once, and closes when that was sent. */
  private void end(ChannelHandlerContext ctx, GoAwayReason reason, String why, long retryMs) {
    end(ctx, reason, why, retryMs, List.of());
  }

  /**
   * The same.
   *
   * @param elsewhere where the agent is to go on
   */
  private void end(
      ChannelHandlerContext ctx,
      GoAwayReason reason,
      String why,
      long retryMs,
      List<String> elsewhere) {
    if (ending) {
      return;
    }
    ending = true;
    acknowledgeLast(ctx);
    LOG.warn("session ended by us node={} peer={} reason={}: {}", node(), peer(ctx), reason, why);
    String ascii = why.replaceAll("[^\\x20-\\x7e]", "?");
    String detail = ascii.substring(0, Math.min(ascii.length(), LONGEST_DETAIL));
    ctx.writeAndFlush(bytes(new Frame.GoAway(reason, detail, retryMs, elsewhere)))
        .addListener(ChannelFutureListener.CLOSE);
    Runnable close =
        () -> {
          var _ = ctx.close();
        };
    var _ = ctx.executor().schedule(close, LAST_WORD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The collector stops: agents are to come back soon, or to go on elsewhere. */
  void goAway() {
    if (own != null) {
      long spread = ThreadLocalRandom.current().nextLong(1 + (long) sessions.open() * SPREAD_MS);
      end(
          own,
          GoAwayReason.SHUTTING_DOWN,
          "the collector is stopping",
          RETRY_SOON_MS + spread,
          options.elsewhere());
    }
  }

  /** An agent that takes nothing from us is let go before its answers fill the memory. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!ctx.channel().isWritable()) {
      LOG.warn("agent reads too slowly node={} peer={}", node(), peer(ctx));
      var _ = ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    turns.remove(this, share);
    if (origin != null) {
      sessions.closed(node(), this);
      ingested.tell(new Told.Closed(node(), epoch));
      ingested.tell(
          new Fact.Disconnected(
              node(),
              epoch,
              clock.nanos(),
              clock.wall().toEpochMilli(),
              ending ? "The collector has ended its session." : "Its session has ended."));
      LOG.info("agent disconnected node={} session={}", node(), epoch);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("session failed node={} peer={}", node(), peer(ctx), cause);
    var _ = ctx.close();
  }

  private String node() {
    return origin == null ? "" : origin.node();
  }

  private static String peer(ChannelHandlerContext ctx) {
    return ctx.channel().remoteAddress() instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : "unknown";
  }
}
