package io.millwright.collector.downlink;

import io.millwright.collector.acceptance.Pass;
import io.millwright.collector.jobs.Desired;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Report;
import io.millwright.collector.jobs.Reporting;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.placement.Contact;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.recovery.Recovering;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.DesiredBodies;
import io.millwright.protocol.frames.DesiredHead;
import io.millwright.protocol.frames.DesiredPart;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.frames.RunsDigest;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.StartOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings each node's desired state to it, and what the node says of it into the book.
 *
 * <p>A node is always sent all of it. It is ready for new jobs once it has answered in this
 * session, which is also when it is known what it holds: a device is free only where the book and
 * the node say so both.
 *
 * <p><i>Threading:</i> the thread {@code control}. <i>Failure:</i> as the book's; what was not kept
 * is not acknowledged.
 */
public final class Downlink {
  private static final Logger LOG = LoggerFactory.getLogger(Downlink.class);
  private static final Duration AGAIN = Duration.ofSeconds(2);
  private static final Duration DECLINED = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Longer than a node's launcher waits for its driver. */
  private static final Duration TO_CAP = Duration.ofSeconds(20);

  /** Between the request to stop and the kill of a run of which nobody knows what it asked for. */
  private static final Duration UNCLAIMED_GRACE = Duration.ofSeconds(10);

  /** As long as any job may ask for. */
  private static final long LONGEST_LEASE_MS = Duration.ofDays(1).toMillis();

  private static final int MOST_NAMED = 8;

  private static final String FULL =
      "the node's desired state is full; submit it again when other jobs there have ended";

  private static final String NOT_KEPT = "the collector could not keep what it was told";
  private static final UUID NO_JOURNAL = new UUID(0, 0);

  private final JobBook book;
  private final Recovering recovering;
  private final StartOrders orders;
  private final Clock clock;
  private final Map<String, NodeLine> lines = new HashMap<>();
  private final Leases leases;

  /** Unclaimed runs that somebody wants ended, by node; a new start of the collector has none. */
  private final Map<String, Set<RunId>> ends = new HashMap<>();

  /** By node, the IMEX channels that it told; a session that ends takes nothing away. */
  private final Map<String, Map<RunId, ImexChannel>> channels = new HashMap<>();

  /** By node, until when a test of an order may run there, in monotonic nanoseconds. */
  private final Map<String, Map<String, Long>> tests = new HashMap<>();

  /** Raised by all that a node says of itself and its runs. */
  private long said;

  private int refusing;
  private long refusingSaid = -1;
  private long mismatches;
  private List<Unclaimed> unclaimed = List.of();
  private long unclaimedSaid = -1;
  private long unclaimedAt = -1;

  /** Of a collector whose store is never doubted. */
  public Downlink(JobBook book, Clock clock) {
    this(book, Recovering.NONE, clock);
  }

  /** Of one that signs no starts. */
  public Downlink(JobBook book, Recovering recovering, Clock clock) {
    this(book, recovering, StartOrders.none(clock), clock);
  }

  public Downlink(JobBook book, Recovering recovering, StartOrders orders, Clock clock) {
    this.book = book;
    this.recovering = recovering;
    this.orders = orders;
    this.clock = clock;
    this.leases = new Leases(clock.nanos());
  }

  /**
   * Takes in what sessions told, in their order. What fails ends the session that told it, whose
   * agent then tells it again, and nobody else's.
   *
   * @return the first failure
   */
  public Optional<RuntimeException> told(List<Told> all) {
    Optional<RuntimeException> failure = Optional.empty();
    for (int i = 0; i < all.size(); ) {
      Told first = all.get(i);
      int end = i + 1;
      while (end < all.size() && follows(first, all.get(end))) {
        end++;
      }
      try {
        told(first, all.subList(i, end));
      } catch (RuntimeException e) {
        LOG.error("what a node told was not kept node={}", first.node(), e);
        line(first).ifPresent(this::hangUp);
        failure = failure.or(() -> Optional.of(e));
      }
      i = end;
    }
    return failure;
  }

  /** It is told nothing more, and comes back. */
  private void hangUp(NodeLine line) {
    said++;
    line.giveUp(clock.nanos(), true);
    lines.remove(line.node);
    line.line().end(NOT_KEPT);
  }

  private void told(Told first, List<Told> all) {
    said += saysWhatItHas(first) ? 1 : 0;
    switch (first) {
      case Told.Opened opened -> opened(opened);
      case Told.Closed closed -> closed(closed);
      case Told.Applied applied ->
          line(applied).ifPresent(line -> applied(line, applied.frame(), applied.body()));
      case Told.Capped capped ->
          line(capped).ifPresent(line -> line.capped(capped.number(), capped.body()));
      case Told.Captured captured ->
          line(captured).ifPresent(line -> line.captured(captured.number(), captured.body()));
      case Told.Bundled bundled -> line(bundled).ifPresent(line -> line.bundled(bundled.piece()));
      case Told.Printed printed -> line(printed).ifPresent(line -> line.answered(printed.output()));
      case Told.Reported reported ->
          line(reported).ifPresent(line -> reported(line, reported.journal(), all));
    }
  }

  private static boolean saysWhatItHas(Told told) {
    return switch (told) {
      case Told.Opened _, Told.Closed _, Told.Applied _, Told.Reported _ -> true;
      case Told.Capped _, Told.Captured _, Told.Bundled _, Told.Printed _ -> false;
    };
  }

  /** Reports of one session become durable together. */
  private static boolean follows(Told one, Told next) {
    return one instanceof Told.Reported first
        && next instanceof Told.Reported report
        && report.node().equals(first.node())
        && report.session() == first.session()
        && report.journal().equals(first.journal());
  }

  private Optional<NodeLine> line(Told told) {
    return Optional.ofNullable(lines.get(told.node()))
        .filter(line -> line.session == told.session());
  }

  private void opened(Told.Opened opened) {
    NodeLine line = new NodeLine(opened, clock.nanos());
    NodeLine before = lines.put(opened.node(), line);
    if (before != null) {
      before.giveUp(clock.nanos(), true);
    }
    if (line.speaksOfJobs() && !opened.journal().id().equals(NO_JOURNAL)) {
      recovering.met(opened.node(), opened.journal());
      List<Run> lost = book.meet(opened.node(), line.journal, opened.journal().newestStatus());
      if (!lost.isEmpty()) {
        LOG.error(
            "node has lost its journal; its runs are untracked node={} runs={}",
            opened.node(),
            lost.stream().map(run -> run.id().text()).toList());
      }
    }
  }

  private void closed(Told.Closed closed) {
    line(closed)
        .ifPresent(line -> {
          line.giveUp(clock.nanos(), true);
          lines.remove(closed.node());
        });
  }

  // ---- what a node did

  private void applied(NodeLine line, Frame.Applied frame, AppliedBody body) {
    String why = body.refusal().orElse("it does not say why");
    line.took();
    switch (frame.answer()) {
      case WRITTEN, REFUSED, BUSY, OLDER, TERM_REFUSED, NEEDS_FULL -> {
        line.holds(body.held());
        channels(line.node, body.held(), frame.answer() != AppliedAnswer.BUSY);
      }
      case NOT_READABLE, UNKNOWN -> {} // it may not have got as far as to look
    }
    switch (frame.answer()) {
      case WRITTEN -> written(line, frame.generation(), body);
      case REFUSED -> {
        recalled(line, body, line.refusesAsk());
        refused(line, why);
      }
      case BUSY, NOT_READABLE, NEEDS_FULL, UNKNOWN -> {
        LOG.warn("node has not taken its desired state node={}: {}", line.node, why);
        line.again(clock.nanos() + AGAIN.toNanos());
      }
      case OLDER, TERM_REFUSED -> {
        LOG.error(
            "node refuses this collector; is the store an older copy? node={}: {}", line.node, why);
        line.fenced("it refuses this collector: " + why);
      }
    }
  }

  /**
   * Takes in the channels that a node told.
   *
   * @param all whether it has looked at all that it has; one that is busy may only just begin to
   */
  private void channels(String node, List<AppliedBody.Held> runs, boolean all) {
    Map<RunId, ImexChannel> told = channels.computeIfAbsent(node, first -> new HashMap<>());
    if (all) {
      told.clear();
    }
    runs.forEach(run -> run.channel().ifPresent(channel -> told.put(run.run(), channel)));
  }

  /** What was under way when it was asked has no word of what the node remembers. */
  private void recalled(NodeLine line, AppliedBody body, boolean asked) {
    if (asked) {
      recovering.answered(line.node, line.journal, body);
    }
  }

  /** That a node has a state in which its stops were left out does not say that it has those. */
  private boolean possible(NodeLine line, long generation) {
    return line.mayBeEmptied(generation)
        ? generation <= book.generation(line.node)
        : book.applied(line.node, generation);
  }

  private void written(NodeLine line, long generation, AppliedBody body) {
    if (!possible(line, generation)) {
      LOG.error(
          "node is ahead of the book; is the store an older copy? node={} generation={}",
          line.node,
          generation);
      line.fenced("it has a newer desired state than this collector");
      return;
    }
    line.written(generation);
    recalled(line, body, line.answersAsk(generation));
    line.withheld().forEach((id, why) -> refused(line, id, why));
    for (AppliedBody.Result result : body.results()) {
      boolean another = line.holds(result.run());
      boolean over = result.state() == JobState.ENDED && (!another || refused(result));
      result
          .outcome()
          .filter(how -> over && line.named().contains(result.run()))
          .ifPresent(how -> doubt(line, result.run(), how, another));
    }
    line.stopped(generation)
        .forEach((run, how) -> {
          if (!line.holds(run) && placed(line, run)) {
            doubt(line, run, how, false); // the stop came before the run
          }
        });
  }

  private static boolean refused(AppliedBody.Result result) {
    return result.outcome().filter(how -> how.kind() == Outcome.Kind.REFUSED).isPresent();
  }

  /** Its report may be under way. */
  private void doubt(NodeLine line, RunId run, Outcome how, boolean another) {
    line.doubt(run, new NodeLine.Doubt(how, another, clock.nanos() + PATIENCE.toNanos()));
  }

  /** It took its stops alone: what it does not hold of the rest it will never run. */
  private void refused(NodeLine line, String why) {
    LOG.warn("node takes no new jobs node={}: {}", line.node, why);
    line.declines(why, clock.nanos() + DECLINED.toNanos());
    if (line.refusesLatest()) {
      line.named().forEach(id -> refused(line, id, why));
    }
    line.again(clock.nanos() + DECLINED.toNanos());
  }

  /** Ends a run on a node that does not have it; one that it has goes on. */
  private void refused(NodeLine line, RunId id, String why) {
    if (placed(line, id) && !line.holds(id)) {
      book.declare(id, line.node, Outcome.refused(why));
    }
  }

  /** The node has never told of it. */
  private boolean placed(NodeLine line, RunId id) {
    return book.run(id)
        .flatMap(run -> run.member(line.node))
        .map(Member::state)
        .filter(state -> state == JobState.PLACED)
        .isPresent();
  }

  /** The node has told that its process was begun, so that it cannot have refused it. */
  private boolean began(NodeLine line, RunId id) {
    return book.run(id)
        .flatMap(run -> run.member(line.node))
        .map(Member::state)
        .filter(state -> state.compareTo(JobState.STARTING) >= 0)
        .isPresent();
  }

  /**
   * No report came of an end of which the node has spoken: it, or this book, has lost it. Where it
   * refuses the book's run for another of that name, what has begun there goes on.
   */
  private void settled(NodeLine line, RunId id, NodeLine.Doubt doubt) {
    boolean began = began(line, id);
    if (!line.holds(id)) {
      boolean lost = doubt.how().kind() == Outcome.Kind.REFUSED && began;
      book.declare(id, line.node, lost ? Outcome.of(Outcome.Kind.UNTRACKED) : doubt.how());
    } else if (doubt.another() && !began && book.misplaced(id)) {
      LOG.error(
          "node holds another placement of a run than the book's, which is stopped; was there a copy of the store? node={} run={}",
          line.node,
          id.text());
    }
  }

  private void reported(NodeLine line, UUID journal, List<Told> reports) {
    if (!line.journal.equals(journal.toString())) {
      line.line().end("STATUS: the journal is another than that of HELLO");
      return;
    }
    List<Report> news = reports.stream().map(told -> report((Told.Reported) told)).toList();
    Reporting kept = book.report(line.node, line.journal, news);
    if (kept.gap()) {
      LOG.warn("a report is missing node={} journal={}", line.node, line.journal);
    }
    for (Report report : news) {
      if (report.state() == JobState.ENDED) {
        line.holdsNoMore(report.run());
        channels.getOrDefault(line.node, new HashMap<>()).remove(report.run());
      }
    }
    recovering.reported(line.node, news);
    line.line().send(List.of(new Frame.StatusAck(journal, kept.acknowledged())));
  }

  private static Report report(Told.Reported told) {
    StatusBody body = told.body();
    return new Report(
        told.sequence(),
        body.run(),
        body.state(),
        body.outcome(),
        body.usage(),
        body.detail(),
        body.checks());
  }

  // ---- what a node is told

  /**
   * Sends every node what it has not been sent yet; one that cannot be told holds up no other.
   *
   * @return the first failure
   */
  public Optional<RuntimeException> flush() {
    long now = clock.nanos();
    Optional<RuntimeException> failure = Optional.empty();
    for (NodeLine line : lines.values()) {
      try {
        line.giveUp(now, false);
        line.settled(now).forEach((id, doubt) -> settled(line, id, doubt));
        line.beat(now).ifPresent(beat -> compare(line, beat, now));
        if (line.owes(book.generation(line.node), now)) {
          send(line);
        }
      } catch (RuntimeException e) {
        LOG.error("a node cannot be told what to do node={}", line.node, e);
        line.again(now + DECLINED.toNanos());
        failure = failure.or(() -> Optional.of(e));
      }
    }
    Optional<RuntimeException> unleased = lease();
    return failure.or(() -> unleased);
  }

  /**
   * Lets go on what the book wants to go on, where that ends without a word. Heartbeats are looked
   * at first, and then whether this book is still ours: whoever takes it over later counts from a
   * later time than any of these leases.
   */
  private Optional<RuntimeException> lease() {
    List<Lease> due = new ArrayList<>();
    for (NodeLine line : lines.values()) {
      line.unleased()
          .ifPresent(
              beat -> longestLease(line).ifPresent(ms -> due.add(new Lease(line, beat, ms))));
    }
    if (due.isEmpty()) {
      return Optional.empty();
    }
    try {
      book.confirm();
    } catch (RuntimeException lost) {
      return Optional.of(lost);
    }
    for (Lease lease : due) {
      leases.sending(lease.line().node, clock.nanos());
      lease.line().lease(book.term(), lease.beat(), lease.longestMs());
    }
    return Optional.empty();
  }

  /** Nothing is placed and nothing is to end before it is known what the nodes have. */
  private OptionalLong longestLease(NodeLine line) {
    if (!recovering.active()) {
      return line.longestLease(book);
    }
    return line.lacks().containsKey(Capability.LEASES)
        ? OptionalLong.empty()
        : OptionalLong.of(LONGEST_LEASE_MS);
  }

  /** A heartbeat that is to be answered. */
  private record Lease(NodeLine line, long beat, long longestMs) {}

  /**
   * How long it may still take until a run that asks to be stopped without a renewal has ended on a
   * node that does not answer; zero once it has.
   */
  public Duration leaseLeft(String node, JobSpec spec) {
    return leases.left(node, spec, clock.nanos());
  }

  /**
   * Whether a node speaks of the runs that the book has, once the book has all that the node had
   * told by then. Nothing is stopped by it: what the node answers says what becomes of its runs, as
   * in a new session.
   */
  private void compare(NodeLine line, Heartbeat beat, long now) {
    if (recovering.active() || !line.answered() || line.fenced()) {
      return;
    }
    long acknowledged = book.acknowledged(line.node, line.journal);
    if (acknowledged < beat.status()) {
      return; // its reports are under way
    }
    SortedMap<RunId, JobState> here = book.told(line.node);
    boolean comparable =
        acknowledged == beat.status()
            && here.keySet().containsAll(line.held().keySet()); // the rest is known to differ
    Hash128 digest = RunsDigest.of(here);
    if (!comparable || digest.equals(beat.runs())) {
      line.agrees(beat, now);
    } else if (line.differs(beat, digest, now)) {
      mismatches++;
      LOG.error(
          "node and book speak of other runs in two heartbeats; its whole state is sent again node={} status={} book={}",
          line.node,
          beat.status(),
          words(here));
      line.again(now);
    }
  }

  private static String words(SortedMap<RunId, JobState> runs) {
    String first =
        runs.entrySet().stream()
            .limit(MOST_NAMED)
            .map(run -> run.getKey().text() + " " + run.getValue().word())
            .collect(Collectors.joining(", ", "[", "]"));
    return runs.size() > MOST_NAMED
        ? "%s and %d more".formatted(first, runs.size() - MOST_NAMED)
        : first;
  }

  /** How often the runs of a node and of the book differed in two heartbeats in a row. */
  public long mismatches() {
    return mismatches;
  }

  /** Tells every node what was last accepted of its equipment, where it was not told that. */
  public void accepted(Function<String, Optional<Pass>> lastPass) {
    for (NodeLine line : lines.values()) {
      lastPass.apply(line.node).ifPresent(line::accepted);
    }
  }

  /** A state without anything to do stops nothing; its answer tells what the node holds. */
  private void ask(NodeLine line, long generation) {
    line.trying(generation);
    line.emptied(generation);
    DesiredBody body = new DesiredBody(List.of(), List.of(), line.recalls());
    line.line()
        .send(
            DesiredBodies.split(
                DesiredHead.full(book.term(), generation), Payload.of(body.json())));
    line.sent(generation, Set.of(), Map.of(), Map.of());
  }

  private void send(NodeLine line) {
    if (recovering.active()) {
      ask(line, book.generation(line.node));
      return;
    }
    Desired desired = book.desired(line.node);
    line.trying(desired.generation());
    List<Assignment> readable = new ArrayList<>();
    Map<RunId, String> withheld = new HashMap<>();
    for (Assignment assignment : desired.assignments()) {
      RunId id = assignment.id();
      line.unreadable(assignment, desired.holds().contains(id))
          .ifPresentOrElse(why -> withheld.put(id, why), () -> readable.add(assignment));
    }
    List<DesiredBody.Stop> stopping = new ArrayList<>();
    desired
        .stops()
        .forEach(
            stop -> stopping.add(new DesiredBody.Stop(stop.run(), stop.why(), stop.graceMs())));
    ended(line)
        .forEach(run ->
            stopping.add(
                new DesiredBody.Stop(
                    run, Outcome.Kind.STOPPED_BY_REQUEST, UNCLAIMED_GRACE.toMillis())));
    List<Assignment> told =
        line.readsGroups() ? readable : readable.stream().map(Assignment::withoutGroup).toList();
    List<RunId> held = desired.holds().stream().filter(id -> !withheld.containsKey(id)).toList();
    DesiredBody body =
        new DesiredBody(told, stopping, false, held, orders(line, told, desired.holds()));
    DesiredHead head = DesiredHead.full(desired.term(), desired.generation());
    byte[] text = body.json();
    if (text.length > DesiredPart.LARGEST_BODY) {
      Set<RunId> left = beyond(line.node, body, text.length - DesiredPart.LARGEST_BODY);
      LOG.warn("desired state is full node={} bytes={} left out={}", line.node, text.length, left);
      left.forEach(id -> withheld.put(id, FULL));
      text = body.without(left).json();
    }
    Payload json = Payload.of(text);
    line.line()
        .send(
            stopping.isEmpty()
                ? DesiredBodies.split(head, json)
                : DesiredBodies.splitUrgent(head, json));
    Set<RunId> named = new HashSet<>();
    readable.forEach(assignment -> named.add(assignment.id()));
    named.removeAll(withheld.keySet());
    Map<RunId, Outcome> stops = new HashMap<>();
    desired.stops().forEach(stop -> stops.put(stop.run(), Outcome.of(stop.why())));
    line.sent(desired.generation(), named, withheld, stops);
  }

  /**
   * What is left out of a state that is so many bytes too long, so that it says the rest and all of
   * its stops: what has come least far goes first, and of that the newest. What a node has begun
   * goes on when it is not named.
   */
  private Set<RunId> beyond(String node, DesiredBody body, int bytes) {
    List<Assignment> leaving =
        body.assignments().stream()
            .sorted(
                Comparator.comparing((Assignment one) -> state(node, one.id()))
                    .thenComparing(Assignment::generation, Comparator.reverseOrder()))
            .toList();
    Set<RunId> left = new TreeSet<>();
    long over = bytes;
    for (Assignment one : leaving) {
      if (over <= 0) {
        break;
      }
      left.add(one.id());
      long length = JobJson.of(one).length; // an order has the same text once more
      over -= body.orders().containsKey(one.id()) ? 2 * length : length;
    }
    return left;
  }

  private JobState state(String node, RunId id) {
    return book.run(id).flatMap(run -> run.member(node)).map(Member::state).orElse(JobState.PLACED);
  }

  /** Of what may still begin there: what has begun needs none. */
  private Map<RunId, StartOrder> orders(NodeLine line, List<Assignment> told, List<RunId> holds) {
    return line.takesOrders()
        ? orders.of(
            told.stream()
                .filter(one -> !holds.contains(one.id()) && mayBegin(line.node, one.id()))
                .toList())
        : Map.of();
  }

  private boolean mayBegin(String node, RunId id) {
    Optional<Member> member = book.run(id).flatMap(run -> run.member(node));
    return member.isPresent()
        && switch (member.get().state()) {
          case QUEUED, PLACED, ACCEPTED, PREPARING, READY, STARTING -> true;
          case RUNNING, STOPPING, CLEANING, STUCK, ENDED -> false;
        };
  }

  // ---- what nobody has granted here

  /** The runs that only their nodes know; none while the store is recovered, which says them. */
  public List<Unclaimed> unclaimed() {
    if (recovering.active()) {
      return List.of();
    }
    if (unclaimedSaid != said || unclaimedAt != book.version()) {
      unclaimedSaid = said;
      unclaimedAt = book.version();
      unclaimed = lookForUnclaimed();
    }
    return unclaimed;
  }

  private List<Unclaimed> lookForUnclaimed() {
    List<Unclaimed> found = new ArrayList<>();
    for (NodeLine line : lines.values()) {
      if (line.answered() && !line.fenced()) {
        line.held()
            .forEach((run, devices) -> {
              if (unclaimed(line, run)) {
                found.add(new Unclaimed(line.node, run, devices));
              }
            });
      }
    }
    found.sort(Comparator.comparing(Unclaimed::node).thenComparing(Unclaimed::run));
    return List.copyOf(found);
  }

  private boolean unclaimed(NodeLine line, RunId id) {
    boolean open =
        book.run(id).flatMap(run -> run.member(line.node)).filter(Member::open).isPresent();
    return !open && !book.untold(id, line.node);
  }

  /** Wants such a run ended, as long as this collector runs. */
  public void end(Unclaimed one) {
    book.renew(one.node());
    ends.computeIfAbsent(one.node(), first -> new HashSet<>()).add(one.run());
  }

  /** Those that are to end and are still there. */
  private Set<RunId> ended(NodeLine line) {
    Set<RunId> wanted = ends.getOrDefault(line.node, Set.of());
    if (line.answered() && !wanted.isEmpty()) {
      wanted.removeIf(run -> !line.holds(run) || !unclaimed(line, run));
    }
    return wanted;
  }

  // ---- for the planner, and for people

  /** The nodes that are connected and carry out jobs. */
  public Set<String> speaking() {
    Set<String> nodes = new HashSet<>();
    lines.values().stream().filter(NodeLine::speaksOfJobs).forEach(line -> nodes.add(line.node));
    return nodes;
  }

  /** How many connected nodes refuse this collector: they obey another, or a newer store. */
  public int refusing() {
    if (refusingSaid != said) {
      refusingSaid = said;
      refusing = (int) lines.values().stream().filter(NodeLine::fenced).count();
    }
    return refusing;
  }

  /** Whether a node can be given jobs. */
  public Standing standing(String node) {
    NodeLine line = lines.get(node);
    return line == null ? new Standing.Away() : line.standing(clock.nanos());
  }

  /**
   * Whether a node may still have something of a run whose end it was told; empty where it is not
   * connected.
   */
  public Optional<Boolean> mayHave(String node, RunId run) {
    return Optional.ofNullable(lines.get(node))
        .filter(NodeLine::speaksOfJobs)
        .map(line -> !line.answered() || line.holds(run));
  }

  /** Whether a node is connected and gets a member of a gang ready without beginning it. */
  public boolean readsHolds(String node) {
    return Optional.ofNullable(lines.get(node)).filter(NodeLine::readsHolds).isPresent();
  }

  /** Whether a node has answered in a session that is open, and obeys this collector. */
  public boolean answers(String node) {
    return Optional.ofNullable(lines.get(node))
        .filter(line -> line.answered() && !line.fenced())
        .isPresent();
  }

  /** Where other nodes reach a node. */
  public Contact contact(String node) {
    NodeLine line = lines.get(node);
    return line == null ? new Contact.None("it is not connected") : line.contact();
  }

  /**
   * Why a node takes no job that needs a capability, by the capability's word: none of those that
   * it has, and none of one that is away.
   */
  public Map<String, String> lacks(String node) {
    NodeLine line = lines.get(node);
    return line == null ? Map.of() : line.lacks();
  }

  /** Why a node gives no MIG instance to a job; empty where it does, or is away. */
  public Optional<String> instanceless(String node) {
    return Optional.ofNullable(lines.get(node)).flatMap(NodeLine::instanceless);
  }

  /** Whether a test of the site may run there: its answer has not come, in no session. */
  public boolean testing(String node) {
    return tests.getOrDefault(node, Map.of()).values().stream()
        .anyMatch(until -> clock.nanos() - until < 0);
  }

  /** That a test of this order may run there, at most so long from now. */
  public void testBegins(String node, String order, Duration longest) {
    tests
        .computeIfAbsent(node, first -> new HashMap<>())
        .put(order, clock.nanos() + longest.toNanos());
  }

  /** That no test of this order runs there, or runs any more. */
  public void testEnded(String node, String order) {
    tests.computeIfPresent(
        node,
        (name, orders) -> {
          orders.remove(order);
          orders.values().removeIf(until -> clock.nanos() - until >= 0);
          return orders.isEmpty() ? null : orders;
        });
  }

  /** Since when its session is open, in monotonic nanoseconds; empty where none is. */
  public OptionalLong openedNanos(String node) {
    NodeLine line = lines.get(node);
    return line == null ? OptionalLong.empty() : OptionalLong.of(line.openedNanos);
  }

  /** What the nodes hold, as they said it last. */
  public Set<DeviceKey> held() {
    Set<DeviceKey> held = new HashSet<>();
    for (NodeLine line : lines.values()) {
      line.heldDevices().forEach(uuid -> held.add(new DeviceKey(line.node, uuid)));
    }
    return held;
  }

  /**
   * IMEX channels that processes may still use, as their nodes said it last, in whichever session
   * with this collector: what a node that is away told stays until it has answered without it.
   */
  public Set<ImexChannel> heldChannels() {
    Set<ImexChannel> held = new HashSet<>();
    channels.values().forEach(told -> held.addAll(told.values()));
    return held;
  }

  /**
   * Orders a node to hold accelerators to a power limit.
   *
   * @param watts empty for their own default
   * @param devices none for all of the node
   * @param answer never fails
   */
  public void cap(
      String node, OptionalInt watts, List<String> devices, CompletableFuture<PowerReply> answer) {
    NodeLine line = lines.get(node);
    if (line == null) {
      answer.complete(new PowerReply.Away("node " + node + " is not connected"));
    } else {
      line.cap(watts, devices, answer, clock.nanos() + TO_CAP.toNanos());
    }
  }

  /**
   * Orders evidence of a node.
   *
   * @param answer never fails
   */
  public void capture(String node, EvidenceWish wish, CompletableFuture<EvidenceReply> answer) {
    NodeLine line = lines.get(node);
    if (line == null) {
      answer.complete(new EvidenceReply.NotSent("node " + node + " is not connected"));
    } else {
      line.capture(wish, answer, clock.nanos() + wish.deadline().plus(PATIENCE).toNanos());
    }
  }

  /**
   * Asks a node for a piece of a bundle.
   *
   * @param answer never fails: no answer is a refusal
   */
  public void bundle(String node, String id, long offset, CompletableFuture<Frame.Bundle> answer) {
    NodeLine line = lines.get(node);
    if (line == null) {
      answer.complete(NodeLine.noPiece(1, offset, "node " + node + " is not connected"));
    } else {
      line.bundle(id, offset, answer, clock.nanos() + PATIENCE.toNanos());
    }
  }

  /**
   * Asks a node for what a run has printed.
   *
   * @param most bytes
   * @param answer never fails: no answer is a refusal
   */
  public void output(
      String node, RunId run, long offset, int most, CompletableFuture<Frame.Output> answer) {
    NodeLine line = lines.get(node);
    if (line == null) {
      answer.complete(NodeLine.refused(1, offset, "node " + node + " is not connected"));
    } else {
      line.ask(run, offset, most, answer, clock.nanos() + PATIENCE.toNanos());
    }
  }
}
