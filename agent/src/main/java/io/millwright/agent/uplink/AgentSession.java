package io.millwright.agent.uplink;

import io.millwright.agent.audit.KeptHeads;
import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.EventLog;
import io.millwright.agent.evidence.EvidenceRoom;
import io.millwright.agent.inventory.AcceptedInventory;
import io.millwright.agent.power.PowerRoom;
import io.millwright.agent.spool.Spool;
import io.millwright.protocol.bodies.AuditHeadsBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.HealthBody;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.DesiredAssembly;
import io.millwright.protocol.frames.DesiredHead;
import io.millwright.protocol.frames.DesiredResult;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.GoAwayReason;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Incomplete;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.MalformedFrame;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Origin;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.ProtocolVersion;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SeriesSchema;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.frames.UnknownFrame;
import io.millwright.protocol.tls.Admission;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.Term;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session, from the handshake to its end. Live samples first: what waits in memory and in the
 * spool follows with what credits are left, ten samples a live one at most.
 *
 * <p><i>Threading:</i> the thread {@code uplink}. <i>Failure:</i> closes the connection; {@link
 * #end} says why.
 */
final class AgentSession extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);
  private static final Duration PING_EVERY = Duration.ofSeconds(5);

  /** So much before it is due a PING goes with a sample: one write, and one read there. */
  private static final Duration PING_EARLY = Duration.ofMillis(500);

  private static final Duration SILENCE = Duration.ofSeconds(15);

  /** Longer than a collector reads nothing because it has too much to do. */
  private static final Duration UNANSWERED = Duration.ofSeconds(60);

  private static final Duration TURN = Duration.ofSeconds(1);
  private static final int BACKFILL_A_SAMPLE = 10;
  private static final String CLOSED = "the collector has closed the connection";

  private final UplinkOptions options;
  private final Peer peer;
  private final Samples samples;
  private final Supplier<Optional<HealthReport>> health;
  private final Optional<Orders> orders;
  private final Optional<PowerRoom> power;
  private final Optional<EvidenceRoom> evidence;
  private final Optional<AcceptedInventory> inventory;
  private final Optional<KeptHeads> audit;
  private final EventFeed events;
  private final Optional<Term> sender;
  private final Clock clock;
  private final Runnable opened;
  private final DesiredAssembly assembly = new DesiredAssembly();
  private final FrameReader reader = new FrameReader(Side.COLLECTOR);
  private final FrameWriter writer = new FrameWriter(8192);
  private @Nullable ChannelHandlerContext own;
  private @Nullable ScheduledFuture<?> turns;
  private @Nullable SampleEncoder encoder;
  private Optional<SeriesSchema> greetedWith = Optional.empty();
  private Optional<SeriesSchema> liveSchema = Optional.empty();
  private Optional<HealthReport> sentHealth = Optional.empty();
  private boolean open;
  private boolean leaving;
  private boolean usurper;
  private Term term = Term.NONE;
  private boolean malformed;
  private boolean liveTaken;
  private long firstLive;
  private int credits;
  private long sentLive;
  private long heardNanos;
  private long answeredNanos;
  private long pings;
  private long pingedNanos;
  private String end = CLOSED;
  private Optional<Spool.Failure> failure = Optional.of(Spool.Failure.HANDSHAKE);
  private Duration retryAfter = Duration.ZERO;
  private List<String> elsewhere = List.of();
  private Optional<DesiredResult.Whole> wanted = Optional.empty();
  private long sentStatus;
  private @Nullable AuditHeadsBody sentHeads;

  /**
   * @param health the newest verdicts; empty before the first
   * @param sender term of the collector that has sent this node where it is now; empty at home
   * @param opened told once the session is open
   */
  AgentSession(
      UplinkOptions options,
      Peer peer,
      Samples samples,
      Supplier<Optional<HealthReport>> health,
      Optional<Orders> orders,
      Optional<PowerRoom> power,
      Optional<EvidenceRoom> evidence,
      Optional<AcceptedInventory> inventory,
      Optional<KeptHeads> audit,
      EventLog events,
      Optional<Term> sender,
      Clock clock,
      Runnable opened) {
    this.options = options;
    this.peer = peer;
    this.samples = samples;
    this.health = health;
    this.orders = orders;
    this.power = power;
    this.evidence = evidence;
    this.inventory = inventory;
    this.audit = audit;
    this.events = new EventFeed(events);
    this.sender = sender;
    this.clock = clock;
    this.opened = opened;
  }

  /** Why it ended, in one sentence. */
  String end() {
    return end;
  }

  /** Whether it ended because the collector could not read what came. */
  boolean malformed() {
    return malformed;
  }

  /** What kind of failure its end was; empty where the collector ended it in order. */
  Optional<Spool.Failure> failure() {
    return failure;
  }

  /** How long the collector wants us to stay away. */
  Duration retryAfter() {
    return retryAfter;
  }

  /** Where the collector sends us, best first; empty where it does not, or has no say in it. */
  List<String> elsewhere() {
    return elsewhere;
  }

  /** Of the collector of this session, obeyed or not; {@link Term#NONE} before WELCOME. */
  Term term() {
    return term;
  }

  // ---- opening

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    own = ctx;
    heardNanos = clock.nanos();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (peer instanceof Peer.Plain) {
      greet(ctx);
    }
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion) {
      if (completion.isSuccess()) {
        admit(ctx);
      } else {
        explain(completion.cause());
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  private void explain(Throwable cause) {
    end =
        cause instanceof IOException failure && peer instanceof Peer.Secured secured
            ? secured.tls().explain(failure).sentence()
            : "the session failed before it was open: " + cause.getClass().getSimpleName();
  }

  /** The handshake is done: is it a collector of our site? */
  private void admit(ChannelHandlerContext ctx) {
    if (peer instanceof Peer.Secured secured
        && secured.door().admit(ctx.pipeline().get(SslHandler.class).engine().getSession())
            instanceof Admission.Refused(var refusal)) {
      end = refusal.sentence();
      var _ = ctx.close();
      return;
    }
    greet(ctx);
  }

  private void greet(ChannelHandlerContext ctx) {
    turns =
        ctx.executor()
            .scheduleAtFixedRate(
                () -> turn(ctx), TURN.toMillis(), TURN.toMillis(), TimeUnit.MILLISECONDS);
    greetedWith = Optional.ofNullable(samples.latest()).map(Samples.Latest::schema);
    send(
        ctx,
        new Frame.Hello(
            ProtocolVersion.SUPPORTED,
            new Origin(options.node(), options.bootId(), samples.incarnation(), options.version()),
            greetedWith.map(SeriesSchema::hash).orElse(Hash128.NONE),
            samples.backfill().range(),
            now(),
            capabilities(),
            head(),
            events.journal(),
            options.address(),
            options.hardware()));
  }

  private JournalHead head() {
    JournalHead jobs = orders.map(Orders::head).orElse(Orders.noJournal());
    return new JournalHead(
        jobs.id(), events.newest(), jobs.newestStatus(), jobs.term(), jobs.generation());
  }

  private Optional<List<String>> mode() {
    return options.mode().isEmpty()
        ? Optional.empty()
        : Optional.of(List.of(Capability.ofMode(options.mode())));
  }

  private List<String> capabilities() {
    return Stream.of(
            orders.map(Orders::capabilities),
            power.map(PowerRoom::capabilities),
            evidence.map(EvidenceRoom::capabilities),
            inventory.map(AcceptedInventory::capabilities),
            audit.map(KeptHeads::capabilities),
            mode())
        .flatMap(words -> words.orElse(List.of()).stream())
        .toList();
  }

  private void welcome(Frame.Welcome welcome) {
    reader.open();
    open = true;
    failure = Optional.of(Spool.Failure.BROKEN);
    pingedNanos = clock.nanos();
    answeredNanos = pingedNanos;
    credits = welcome.credits();
    samples.ring().resumed(welcome.resumeMetrics());
    samples.backfill().begin();
    if (welcome.resumeMetrics().incarnation() == samples.incarnation()) {
      sentLive = welcome.resumeMetrics().sequence();
    }
    if (!welcome.needSchema()) {
      liveSchema = greetedWith;
      liveSchema.ifPresent(s -> encoder = new SampleEncoder(s, samples.incarnation()));
    }
    opened.run();
    term = welcome.term();
    usurper = foreign(term, obeyed()) || stranger();
    if (usurper) {
      LOG.error(
          "the collector's term {} is not that of the collector that this node obeys, {}: it is"
              + " told no event and nothing of jobs, and changes nothing here",
          term,
          obeyed());
    }
    sampled();
    reported();
    if (!usurper) {
      events.resume(welcome.resumeEvent());
      happened();
    }
  }

  /** The latest that has granted jobs here, or has sent this node where it is. */
  private Term obeyed() {
    Term known = orders.map(jobs -> jobs.head().term()).orElse(Term.NONE);
    return sender.filter(sent -> sent.compareTo(known) > 0).orElse(known);
  }

  /**
   * Whether this node was sent to a collector that has another store. Numbers count the starts of
   * one store, so between two stores the higher says nothing; only a later generation, as of a
   * restored backup, is obeyed away from home.
   */
  private boolean stranger() {
    Term known = obeyed();
    return sender.isPresent()
        && known.number() > 0
        && term.generation() == known.generation()
        && !term.equals(known);
  }

  /**
   * An older copy of the collector would acknowledge reports that the right one then never gets.
   */
  private static boolean foreign(Term given, Term known) {
    return given.compareTo(known) < 0 || given.contradicts(known);
  }

  // ---- samples

  /** A new sample is there: it goes first, then what waits. */
  void sampled() {
    ChannelHandlerContext ctx = own;
    if (ctx == null || !open || leaving) {
      return;
    }
    health(ctx);
    live(ctx);
    backfill(ctx);
    if (clock.nanos() - pingedNanos >= PING_EVERY.minus(PING_EARLY).toNanos()) {
      ping(ctx);
    }
    ctx.flush();
    judge(ctx);
  }

  /** What is new of the verdicts; without room they go with the next sample. */
  private void health(ChannelHandlerContext ctx) {
    Optional<HealthReport> newest = health.get();
    if (newest.isEmpty() || newest.equals(sentHealth) || !ctx.channel().isWritable()) {
      return;
    }
    sentHealth = newest;
    HealthReport report = newest.get();
    writer.clear();
    writer.write(
        new Frame.Health(report.atMs(), Payload.of(HealthBody.json(report, Payload.LONGEST_BODY))));
    write(ctx);
  }

  /** Without credits or room the sample is left out; it stays in the ring. */
  private void live(ChannelHandlerContext ctx) {
    Samples.Latest latest = samples.latest();
    if (latest == null || latest.sequence() <= sentLive) {
      return;
    }
    int frames = latest.schema().blocks();
    if (underWay() + frames > credits || !ctx.channel().isWritable()) {
      samples.leftOut();
      return;
    }
    writer.clear();
    chain(latest).encode(latest.sequence(), latest.taken(), latest.row(), writer);
    write(ctx);
    sentLive = latest.sequence();
    firstLive = firstLive == 0 ? sentLive : firstLive;
    samples.ring().sentLive(latest.sequence());
  }

  private SampleEncoder chain(Samples.Latest latest) {
    SampleEncoder known = encoder;
    if (known != null && liveSchema.filter(s -> s.equals(latest.schema())).isPresent()) {
      return known;
    }
    writer.write(latest.schema().frame());
    SampleEncoder fresh = new SampleEncoder(latest.schema(), samples.incarnation());
    liveSchema = Optional.of(latest.schema());
    encoder = fresh;
    return fresh;
  }

  private int underWay() {
    return samples.ring().underWay() + samples.backfill().underWay();
  }

  /** What the collector lacks; credits for the next live sample are left. */
  private void backfill(ChannelHandlerContext ctx) {
    if (samples.backfill().suspects() && !liveTaken) {
      return; // or a file would be given up for what is wrong with the live samples
    }
    int left = BACKFILL_A_SAMPLE;
    Optional<Backfill.Piece> next = samples.backfill().next();
    while (left > 0 && next.isPresent() && room(ctx, next.get())) {
      for (Payload frames : samples.backfill().send(next.get())) {
        var _ = ctx.write(Unpooled.wrappedBuffer(frames.buffer()));
      }
      left--;
      next = samples.backfill().next();
    }
    samples
        .backfill()
        .fetch(
            BACKFILL_A_SAMPLE,
            found ->
                ctx.executor()
                    .execute(() -> {
                      if (ctx.channel().isActive()) {
                        samples.backfill().answered(found, BACKFILL_A_SAMPLE);
                      }
                    }));
  }

  private boolean room(ChannelHandlerContext ctx, Backfill.Piece piece) {
    int live = liveSchema.map(SeriesSchema::blocks).orElse(1);
    return underWay() + piece.blocks() + live <= credits && ctx.channel().isWritable();
  }

  private void acknowledged(Frame.Ack ack) {
    answeredNanos = heardNanos;
    credits = ack.credits();
    liveTaken |=
        firstLive > 0
            && ack.live().incarnation() == samples.incarnation()
            && ack.live().sequence() >= firstLive;
    samples.ring().acknowledged(ack.live());
    samples.backfill().acknowledged(ack.backfill());
    if (!usurper) {
      events.acknowledged(ack.event());
      happened();
    }
  }

  // ---- frames

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    heardNanos = clock.nanos();
    while (true) {
      ByteBuffer received = in.nioBuffer();
      Inbound next = reader.next(received);
      in.skipBytes(received.position());
      switch (next) {
        case Incomplete more -> {
          return;
        }
        case MalformedFrame malformed -> {
          end = "the collector sent what is no frame: " + malformed.reason();
          in.skipBytes(in.readableBytes());
          var _ = ctx.close();
          return;
        }
        case UnknownFrame unknown -> LOG.debug("frame of a newer version type={}", unknown.code());
        case Frame frame -> received(ctx, frame);
      }
    }
  }

  private void received(ChannelHandlerContext ctx, Frame frame) {
    switch (frame) {
      case Frame.Welcome welcome -> welcome(welcome);
      case Frame.Ack ack -> acknowledged(ack);
      case Frame.Ping ping ->
          send(ctx, new Frame.Pong(ping.number(), ping.sent().monotonicNanos(), now()));
      case Frame.Pong ignored -> {
        answeredNanos = heardNanos;
        orders.filter(jobs -> !usurper).ifPresent(Orders::heard);
      }
      case Frame.GoAway away -> away(ctx, away);
      case Frame.Desired desired -> desired(ctx, desired);
      case Frame.StatusAck ack ->
          orders.filter(jobs -> !usurper).ifPresent(jobs -> jobs.acknowledged(ack));
      case Frame.ReadOutput question ->
          orders.ifPresent(jobs -> jobs.read(question, output -> later(ctx, output)));
      case Frame.CapPower order -> capPower(ctx, order);
      case Frame.Capture order -> capture(ctx, order);
      case Frame.ReadBundle question -> readBundle(ctx, question);
      case Frame.Inventory accepted ->
          inventory.filter(kept -> !usurper).ifPresent(kept -> kept.told(accepted));
      case Frame.AuditHead told ->
          audit.filter(kept -> !usurper).ifPresent(kept -> kept.told(told.head()));
      case Frame.AuditHeads ignored -> {}
      case Frame.Lease lease ->
          orders.filter(jobs -> !usurper).ifPresent(jobs -> jobs.leased(lease));
      case Frame.Hello ignored -> {}
      case Frame.Schema ignored -> {}
      case Frame.Key ignored -> {}
      case Frame.Delta ignored -> {}
      case Frame.Event ignored -> {}
      case Frame.Applied ignored -> {}
      case Frame.Status ignored -> {}
      case Frame.Output ignored -> {}
      case Frame.Health ignored -> {}
      case Frame.PowerCapped ignored -> {}
      case Frame.Captured ignored -> {}
      case Frame.Bundle ignored -> {}
      case Frame.Renew ignored -> {}
      case Frame.Renewed ignored -> {}
    }
  }

  private void away(ChannelHandlerContext ctx, Frame.GoAway away) {
    end = "the collector ends the session (%s): %s".formatted(away.reason(), away.detail());
    malformed = away.reason() == GoAwayReason.MALFORMED;
    failure = open && !malformed ? Optional.empty() : Optional.of(Spool.Failure.REFUSED);
    retryAfter = Duration.ofMillis(away.retryAfterMillis());
    if (open && !usurper && peer instanceof Peer.Secured) {
      elsewhere = away.addresses();
    }
    var _ = ctx.close();
  }

  // ---- power limits

  /** A collector that is not known to be the right one changes nothing here. */
  private void capPower(ChannelHandlerContext ctx, Frame.CapPower order) {
    if (power.isEmpty() || usurper) {
      String why =
          power.isEmpty()
              ? "power limits are not Millwright's to set here: power.owned of the agent's"
                  + " configuration is off"
              : "this node obeys another collector: its term is not this one's";
      send(ctx, new Frame.PowerCapped(order.number(), Payload.of(PowerBody.refused(why).json())));
      return;
    }
    power.get().cap(order, capped -> later(ctx, capped));
  }

  // ---- evidence

  /** A test may take the accelerators, so that it is for the right collector alone. */
  private void capture(ChannelHandlerContext ctx, Frame.Capture order) {
    if (evidence.isEmpty() || usurper) {
      String why =
          evidence.isEmpty()
              ? "no evidence is taken here"
              : "this node obeys another collector: its term is not this one's";
      send(ctx, new Frame.Captured(order.number(), Payload.of(EvidenceBody.refused(why).json())));
      return;
    }
    evidence.get().capture(order, captured -> later(ctx, captured));
  }

  private void readBundle(ChannelHandlerContext ctx, Frame.ReadBundle question) {
    if (evidence.isEmpty() || usurper) {
      send(ctx, EvidenceRoom.refused(question, "no evidence is told to this collector"));
      return;
    }
    evidence.get().read(question, piece -> later(ctx, piece));
  }

  // ---- jobs

  private void desired(ChannelHandlerContext ctx, Frame.Desired desired) {
    if (orders.isEmpty()) {
      LOG.debug("jobs are not carried out here");
      return;
    }
    switch (assembly.add(desired)) {
      case DesiredResult.Waiting more -> {}
      case DesiredResult.Unreadable(DesiredHead ignored, String why) ->
          send(ctx, orders.get().unreadable(why));
      case DesiredResult.Whole whole -> {
        wanted = Optional.of(whole);
        judge(ctx);
      }
    }
  }

  /** The newest is judged once the devices are known; an older one is of no more interest. */
  private void judge(ChannelHandlerContext ctx) {
    if (wanted.isPresent() && orders.isPresent() && orders.get().ready()) {
      DesiredResult.Whole whole = wanted.get();
      wanted = Optional.empty();
      if (stranger()) { // whose number may be the higher one
        send(ctx, orders.get().refused("this node was sent here and obeys another collector"));
        return;
      }
      orders.get().desired(whole, applied -> later(ctx, applied));
    }
  }

  /** From another thread. */
  private void later(ChannelHandlerContext ctx, Frame frame) {
    ctx.executor()
        .execute(() -> {
          if (ctx.channel().isActive() && !leaving) {
            send(ctx, frame);
          }
        });
  }

  /** What the collector was not told yet in this session, as far as there is room. */
  void reported() {
    ChannelHandlerContext ctx = own;
    if (ctx == null || !open || leaving || usurper || orders.isEmpty()) {
      return;
    }
    for (Frame.Status status : orders.get().unacknowledged(sentStatus)) {
      if (!ctx.channel().isWritable()) {
        break; // the next turn goes on from there
      }
      sentStatus = status.sequence();
      writer.clear();
      writer.write(status);
      write(ctx);
    }
    ctx.flush();
  }

  // ---- events

  /** Asks for what was not sent yet, as far as there is room; the answer is sent. */
  void happened() {
    ChannelHandlerContext ctx = own;
    if (ctx == null || !open || leaving || usurper || !ctx.channel().isWritable()) {
      return;
    }
    events.ask(found ->
        ctx.executor()
            .execute(() -> {
              if (ctx.channel().isActive()) {
                tell(ctx, found);
              }
            }));
  }

  private void tell(ChannelHandlerContext ctx, List<Frame.Event> found) {
    events.answered(found);
    for (Frame.Event event : found) {
      writer.clear();
      writer.write(event);
      write(ctx);
    }
    ctx.flush();
    if (!found.isEmpty()) {
      happened();
    }
  }

  // ---- the audit log

  /** What is kept of the collector's audit log, where that was not told in this session. */
  private void kept(ChannelHandlerContext ctx) {
    if (audit.isEmpty() || !open || leaving || usurper || !ctx.channel().isWritable()) {
      return;
    }
    AuditHeadsBody now = audit.get().heads();
    if (!now.equals(sentHeads) && !now.heads().isEmpty()) {
      sentHeads = now;
      send(ctx, new Frame.AuditHeads(Payload.of(now.json())));
    }
  }

  // ---- time and the end

  private void turn(ChannelHandlerContext ctx) {
    if (clock.nanos() - heardNanos >= SILENCE.toNanos()) {
      end = "nothing was heard of the collector for %d s".formatted(SILENCE.toSeconds());
      failure = Optional.of(Spool.Failure.SILENT);
      var _ = ctx.close();
      return;
    }
    if (open && clock.nanos() - answeredNanos >= UNANSWERED.toNanos()) {
      end =
          "the collector speaks and has answered nothing for %d s: it does not read"
              .formatted(UNANSWERED.toSeconds());
      failure = Optional.of(Spool.Failure.SILENT);
      samples.unanswered();
      var _ = ctx.close();
      return;
    }
    reported();
    happened();
    kept(ctx);
    judge(ctx);
    if (open && !leaving && clock.nanos() - pingedNanos >= PING_EVERY.toNanos()) {
      ping(ctx);
      ctx.flush();
    }
  }

  private void ping(ChannelHandlerContext ctx) {
    pingedNanos = clock.nanos();
    pings++;
    Moment sent = now();
    writer.clear();
    writer.write(
        orders.map(jobs -> jobs.ping(pings, sent)).orElseGet(() -> new Frame.Ping(pings, sent)));
    write(ctx);
  }

  /** The orderly end: what was written is read by the collector before it sees the end. */
  void halfClose() {
    leaving = true;
    if (own != null) {
      send(
          own, new Frame.GoAway(GoAwayReason.SHUTTING_DOWN, "the agent is stopping", 0, List.of()));
      var _ =
          switch (peer) {
            case Peer.Secured _ -> own.pipeline().get(SslHandler.class).closeOutbound();
            case Peer.Plain _ -> ((SocketChannel) own.channel()).shutdownOutput();
          };
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    if (turns != null) {
      turns.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Throwable root = cause.getCause() == null ? cause : cause.getCause();
    if (!open) {
      explain(root);
    } else if (end.equals(CLOSED)) {
      end = "the session broke: " + root;
    }
    LOG.debug("session failed", cause);
    var _ = ctx.close();
  }

  private Moment now() {
    return new Moment(clock.wall().toEpochMilli(), clock.nanos());
  }

  private void send(ChannelHandlerContext ctx, Frame frame) {
    writer.clear();
    writer.write(frame);
    write(ctx);
    ctx.flush();
  }

  private void write(ChannelHandlerContext ctx) {
    var _ = ctx.write(Unpooled.copiedBuffer(writer.written()));
  }
}
