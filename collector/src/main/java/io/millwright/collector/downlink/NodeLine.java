package io.millwright.collector.downlink;

import io.millwright.collector.acceptance.Pass;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.placement.Contact;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.EvidenceBody;
import io.millwright.protocol.bodies.InventoryBody;
import io.millwright.protocol.bodies.PowerBody;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Hash128;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Demand;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.Rendezvous;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** One open session, as far as jobs go. On the thread {@code control}. */
final class NodeLine {
  /** Orders whose answer may still come; the oldest is forgotten first. */
  private static final int MOST_OVERDUE = 64;

  /** Heartbeats come each 5 s; what comes faster is no second word. */
  private static final Duration BETWEEN_BEATS = Duration.ofSeconds(4);

  /** Why a node takes no job that needs a capability which it did not say. */
  private static final Map<String, String> WITHOUT =
      Map.of(
          Capability.CHECKS,
          "its agent does no checks around jobs: upgrade it",
          Capability.SECRETS,
          "its agent gives jobs no secrets and no hooks: upgrade it, or set jobs.units: systemd",
          Capability.LEASES,
          "it ends no job with its lease: put leases: [stop] into its policy.yaml, upgrade its"
              + " agent, or set jobs.units: systemd",
          Capability.IMEX,
          "it gives no IMEX channel to jobs: put nvidia-caps-imex-channels into device_classes of"
              + " its policy.yaml; where that is done, its agent's log says why",
          Capability.CONTAINERS,
          "it begins no job in a container: install podman and crun there, put containers into its"
              + " policy.yaml, upgrade its agent, or set jobs.units: systemd");

  /** A node whose words change all the time costs no more than this. */
  private static final Duration BETWEEN_RESENDS = Duration.ofMinutes(10);

  final String node;
  final long session;
  final long openedNanos;
  final String journal;
  private final Set<String> capabilities;
  private final Map<String, String> lacks;
  private final String address;
  private final Line line;
  private final Map<Long, Question> questions = new HashMap<>();
  private final Map<Long, PowerOrder> orders = new HashMap<>();
  private final SequencedMap<Long, CompletableFuture<PowerBody>> overdue = new LinkedHashMap<>();
  private final Map<Long, CaptureOrder> captures = new HashMap<>();
  private final Map<Long, PieceQuestion> pieces = new HashMap<>();
  private final Map<RunId, List<String>> held = new HashMap<>();
  private Set<RunId> named = Set.of();
  private Map<RunId, String> withheld = Map.of();
  private Map<RunId, Outcome> stops = Map.of();
  private OptionalLong tried = OptionalLong.empty();
  private OptionalLong sent = OptionalLong.empty();
  private long emptied = -1;
  private int unanswered;
  private OptionalLong againAtNanos = OptionalLong.empty();
  private final Map<RunId, Doubt> doubts = new HashMap<>();
  private Optional<String> declines = Optional.empty();
  private long declinesUntilNanos;
  private boolean answered;
  private boolean fenced;
  private Optional<Pass> accepted = Optional.empty();
  private Optional<InventoryBody> inventory = Optional.empty();
  private long asked;
  private Heartbeat compared = Heartbeat.NONE;
  private OptionalLong comparedNanos = OptionalLong.empty();
  private boolean differed;
  private long leased;
  private OptionalLong longestLease = OptionalLong.empty();
  private long longestLeaseAt = -1;
  private Optional<Mismatch> resent = Optional.empty();

  /**
   * What both sides said of the node's runs when they differed, and it was sent its state again.
   */
  private record Mismatch(Hash128 there, Hash128 here, long atNanos) {
    boolean allows(Hash128 nowThere, Hash128 nowHere, long nowNanos) {
      return !(there.equals(nowThere) && here.equals(nowHere))
          && nowNanos - atNanos >= BETWEEN_RESENDS.toNanos();
    }
  }

  /** Somebody waits for output. */
  private record Question(CompletableFuture<Frame.Output> answer, long untilNanos) {}

  /** Somebody waits for what came of an order. */
  private record PowerOrder(CompletableFuture<PowerReply> answer, long untilNanos) {}

  /** Somebody waits for evidence. */
  private record CaptureOrder(CompletableFuture<EvidenceReply> answer, long untilNanos) {}

  /** Somebody waits for a piece of a bundle. */
  private record PieceQuestion(CompletableFuture<Frame.Bundle> answer, long untilNanos) {}

  /**
   * A run that the node said has ended, and of whose end no report came yet.
   *
   * @param another whether it refused it for one of that name that it has
   */
  record Doubt(Outcome how, boolean another, long untilNanos) {}

  NodeLine(Told.Opened opened, long nowNanos) {
    this.node = opened.node();
    this.session = opened.session();
    this.openedNanos = nowNanos;
    this.journal = opened.journal().id().toString();
    this.capabilities = opened.capabilities();
    this.lacks = without(capabilities);
    this.address = opened.address();
    this.line = opened.line();
  }

  private static Map<String, String> without(Set<String> said) {
    Map<String, String> lacks = new HashMap<>(WITHOUT);
    lacks.keySet().removeAll(said);
    return Map.copyOf(lacks);
  }

  /** Whether it is told of the group of a run over several nodes. */
  boolean readsGroups() {
    return capabilities.contains(Capability.GROUPS);
  }

  /** Whether it hands the collector's signature to its launcher. */
  boolean takesOrders() {
    return capabilities.contains(Capability.ORDERS);
  }

  /** Why it takes no job that needs a capability, by its word; none of those that it has. */
  Map<String, String> lacks() {
    return lacks;
  }

  /** Why it gives no MIG instance to a job; empty where it does. */
  Optional<String> instanceless() {
    return capabilities.contains(Capability.INSTANCES)
        ? Optional.empty()
        : Optional.of("its agent gives no MIG instances to jobs: upgrade it");
  }

  /** Whether it gets a member of a gang ready without beginning it. */
  boolean readsHolds() {
    return capabilities.contains(Capability.HOLD);
  }

  /**
   * Why it cannot read this, which would keep it from all of its desired state; empty where it can.
   *
   * @param held whether it is not to begin yet
   */
  Optional<String> unreadable(Assignment assignment, boolean held) {
    return held && !readsHolds()
        ? Optional.of("its agent cannot hold a job until others are ready: upgrade it")
        : Demand.of(assignment.spec()).stream()
            .flatMap(word -> Optional.ofNullable(lacks.get(word)).stream())
            .findFirst();
  }

  Contact contact() {
    if (!readsGroups()) {
      return new Contact.None(
          "its agent does not tell the members of a job over several nodes of each other: upgrade"
              + " it");
    }
    return Rendezvous.isAddress(address)
        ? new Contact.At(address)
        : new Contact.None(
            "its address '%s' is refused; allowed is %s: set jobs.address in its agent.yaml"
                .formatted(address, Rendezvous.ALLOWED));
  }

  /** Whether it is asked for all that it remembers. */
  boolean recalls() {
    return capabilities.contains(Capability.RECALL);
  }

  boolean speaksOfJobs() {
    return capabilities.contains(Capability.JOBS);
  }

  Standing standing(long nowNanos) {
    if (!speaksOfJobs() || !capabilities.contains(Capability.NEW_JOBS)) {
      return new Standing.Declines(
          Capability.mode(capabilities)
              .filter(mode -> !mode.equals("execute"))
              .map(mode ->
                  "its mode is %s, and no job of Millwright begins there; set mode: execute in its agent.yaml where one should"
                      .formatted(mode))
              .orElse("its agent takes no jobs; its log says why"));
    }
    if (declines.isPresent() && (fenced || nowNanos - declinesUntilNanos < 0)) {
      return new Standing.Declines(declines.get());
    }
    return answered ? new Standing.Ready() : new Standing.Away();
  }

  Line line() {
    return line;
  }

  // ---- desired state

  /** Whether the node is to be sent this generation now. */
  boolean owes(long generation, long nowNanos) {
    if (!speaksOfJobs() || fenced) {
      return false;
    }
    if (tried.isEmpty() || tried.getAsLong() != generation) {
      return true;
    }
    return againAtNanos.isPresent() && nowNanos - againAtNanos.getAsLong() >= 0;
  }

  /** It is about to be sent this; should that fail, it is not at once tried again. */
  void trying(long generation) {
    tried = OptionalLong.of(generation);
    againAtNanos = OptionalLong.empty();
  }

  /**
   * @param left of the node's runs those that it was not told, and why it cannot read them
   * @param ends those that it was told to stop, and what each shall have ended with
   */
  void sent(long generation, Set<RunId> runs, Map<RunId, String> left, Map<RunId, Outcome> ends) {
    boolean repeated = sent.isPresent() && sent.getAsLong() == generation;
    sent = OptionalLong.of(generation);
    unanswered = repeated ? 1 : unanswered + 1; // what was passed over has no answer
    named = new TreeSet<>(runs); // in the same order each time: what is done of them is durable
    withheld = new TreeMap<>(left);
    stops = new TreeMap<>(ends);
  }

  /** What was sent of this generation said nothing of what it is to do. */
  void emptied(long generation) {
    emptied = generation;
  }

  /** An answer came to one of the states that were sent. */
  void took() {
    unanswered = Math.max(0, unanswered - 1);
  }

  /** Whether having written this generation answers the question that was sent last. */
  boolean answersAsk(long generation) {
    return generation == emptied && onlyAsked();
  }

  /**
   * Whether a refusal, which names no generation, is of the question that was sent last: of an
   * agent that leaves an answer out it never is, in this session.
   */
  boolean refusesAsk() {
    return refusesLatest() && onlyAsked();
  }

  /**
   * Whether a refusal is of the state that was sent last; what only a later state names is not
   * refused by it.
   */
  boolean refusesLatest() {
    return unanswered == 0;
  }

  /** Whether the last that was sent said nothing of what it is to do. */
  private boolean onlyAsked() {
    return sent.isPresent() && sent.getAsLong() == emptied;
  }

  /** Whether an answer to this generation may be to what said nothing of what it is to do. */
  boolean mayBeEmptied(long generation) {
    return generation <= emptied;
  }

  void again(long atNanos) {
    againAtNanos = OptionalLong.of(atNanos);
  }

  /** The runs of the last desired state that was sent. */
  Set<RunId> named() {
    return named;
  }

  /** The runs that the last desired state left out, and why. */
  Map<RunId, String> withheld() {
    return withheld;
  }

  void written(long generation) {
    answered |= latest(generation);
    unanswered = latest(generation) ? 0 : unanswered; // answers come in order
  }

  private boolean latest(long generation) {
    return sent.isPresent() && generation == sent.getAsLong();
  }

  /**
   * The stops of the state that was sent last, where the node has that durably now: what it does
   * not hold of them it will never run.
   */
  Map<RunId, Outcome> stopped(long generation) {
    return latest(generation) ? stops : Map.of();
  }

  void declines(String why, long untilNanos) {
    declines = Optional.of(why);
    declinesUntilNanos = untilNanos;
  }

  void doubt(RunId run, Doubt doubt) {
    doubts.merge(run, doubt, (first, now) -> first.another() == now.another() ? first : now);
  }

  /** The doubts that no report has cleared in time; they are forgotten here. */
  Map<RunId, Doubt> settled(long nowNanos) {
    if (doubts.isEmpty()) {
      return Map.of();
    }
    Map<RunId, Doubt> settled = new HashMap<>();
    doubts.forEach((run, doubt) -> {
      if (nowNanos - doubt.untilNanos() >= 0) {
        settled.put(run, doubt);
      }
    });
    doubts.keySet().removeAll(settled.keySet());
    return settled;
  }

  /** Nothing more is sent in this session: the node obeys somebody else. */
  void fenced(String why) {
    fenced = true;
    declines = Optional.of(why);
  }

  boolean fenced() {
    return fenced;
  }

  void holds(List<AppliedBody.Held> runs) {
    held.clear();
    runs.forEach(run -> held.put(run.run(), run.devices()));
  }

  void holdsNoMore(RunId run) {
    held.remove(run);
  }

  /** Whether it has said in this session what it holds. */
  boolean answered() {
    return answered;
  }

  boolean holds(RunId run) {
    return held.containsKey(run);
  }

  /** What it holds, as it said it last. */
  Map<RunId, List<String>> held() {
    return Map.copyOf(held);
  }

  /** UUIDs that a process of the node may still use. */
  Set<String> heldDevices() {
    Set<String> devices = new HashSet<>();
    held.values().forEach(devices::addAll);
    return devices;
  }

  // ---- what heartbeats say

  /** The newest heartbeat; empty where it was compared before, or another one just now. */
  Optional<Heartbeat> beat(long nowNanos) {
    Heartbeat newest = line.heartbeat();
    boolean soon =
        comparedNanos.isPresent() && nowNanos - comparedNanos.getAsLong() < BETWEEN_BEATS.toNanos();
    return soon || newest.equals(compared) ? Optional.empty() : Optional.of(newest);
  }

  /** It says nothing against the book, or nothing that can be compared with it. */
  void agrees(Heartbeat beat, long nowNanos) {
    compared = beat;
    comparedNanos = OptionalLong.of(nowNanos);
    differed = false;
  }

  /**
   * It says something else than the book.
   *
   * @param here what the book says
   * @return whether the one before did so too, and nothing was done about this very difference, nor
   *     about another one within ten minutes
   */
  boolean differs(Heartbeat beat, Hash128 here, long nowNanos) {
    boolean again =
        differed && resent.filter(last -> !last.allows(beat.runs(), here, nowNanos)).isEmpty();
    compared = beat;
    comparedNanos = OptionalLong.of(nowNanos);
    differed = true;
    if (again) {
      resent = Optional.of(new Mismatch(beat.runs(), here, nowNanos));
    }
    return again;
  }

  // ---- leases

  /** The number of the newest heartbeat, where it was not answered by a lease and may be. */
  OptionalLong unleased() {
    long newest = line.pinged();
    return answered && !fenced && newest > leased ? OptionalLong.of(newest) : OptionalLong.empty();
  }

  /** As the book has it, which is asked again only when something of it has changed. */
  OptionalLong longestLease(JobBook book) {
    if (longestLeaseAt != book.version()) {
      longestLeaseAt = book.version();
      longestLease = book.longestLease(node);
    }
    return longestLease;
  }

  /**
   * Lets its runs go on from when it sent this heartbeat.
   *
   * @param longestMs for how long at most
   */
  void lease(Term term, long beat, long longestMs) {
    leased = beat;
    line.send(List.of(new Frame.Lease(term, beat, line.pingedNanos(), longestMs)));
  }

  // ---- what was accepted

  /** Tells it what was last accepted of its equipment, where it was not told that. */
  void accepted(Pass last) {
    if (fenced
        || !capabilities.contains(Capability.INVENTORY)
        || accepted.filter(known -> known.equals(last)).isPresent()) {
      return;
    }
    accepted = Optional.of(last);
    InventoryBody next = last.inventory();
    if (inventory.filter(next::equals).isEmpty()) {
      inventory = Optional.of(next);
      line.send(List.of(new Frame.Inventory(Payload.of(next.json()))));
    }
  }

  // ---- output

  void ask(
      RunId run, long offset, int most, CompletableFuture<Frame.Output> answer, long untilNanos) {
    asked++;
    if (!capabilities.contains(Capability.OUTPUT)) {
      answer.complete(refused(asked, offset, "the agent of node " + node + " tells no output"));
      return;
    }
    questions.put(asked, new Question(answer, untilNanos));
    line.send(List.of(new Frame.ReadOutput(asked, run, offset, most)));
  }

  static Frame.Output refused(long number, long offset, String why) {
    return new Frame.Output(number, offset, true, why, Payload.EMPTY);
  }

  // ---- power limits

  void cap(
      OptionalInt watts,
      List<String> devices,
      CompletableFuture<PowerReply> answer,
      long untilNanos) {
    if (!capabilities.contains(Capability.POWER)) {
      answer.complete(
          new PowerReply.Declined(
              "the agent of node %s sets no power limits: power.owned of its configuration is off"
                  .formatted(node)));
      return;
    }
    asked++;
    orders.put(asked, new PowerOrder(answer, untilNanos));
    line.send(List.of(new Frame.CapPower(asked, watts, devices)));
  }

  void capped(long number, PowerBody body) {
    PowerOrder order = orders.remove(number);
    CompletableFuture<PowerBody> late = overdue.remove(number);
    if (order != null) {
      order.answer().complete(new PowerReply.Answered(body));
    } else if (late != null) {
      late.complete(body);
    }
  }

  private void giveUpOrders(long nowNanos, boolean all) {
    for (long number : List.copyOf(orders.keySet())) {
      PowerOrder order = orders.get(number);
      if (order != null && (all || nowNanos - order.untilNanos() >= 0)) {
        orders.remove(number);
        CompletableFuture<PowerBody> late = new CompletableFuture<>();
        overdue.put(number, late);
        order
            .answer()
            .complete(
                new PowerReply.Unanswered(
                    "node %s did not answer; it may have carried the order out, its power limits will tell"
                        .formatted(node),
                    late));
      }
    }
    while (overdue.size() > MOST_OVERDUE) {
      overdue.pollFirstEntry();
    }
  }

  // ---- evidence

  void capture(EvidenceWish wish, CompletableFuture<EvidenceReply> answer, long untilNanos) {
    if (!capabilities.contains(Capability.EVIDENCE)) {
      answer.complete(
          new EvidenceReply.NotSent(
              "the agent of node %s takes no evidence: upgrade it".formatted(node)));
      return;
    }
    asked++;
    captures.put(asked, new CaptureOrder(answer, untilNanos));
    line.send(
        List.of(
            new Frame.Capture(
                asked,
                wish.what(),
                wish.test(),
                wish.reason(),
                wish.incident(),
                wish.deadline().toMillis())));
  }

  void captured(long number, EvidenceBody body) {
    CaptureOrder order = captures.remove(number);
    if (order != null) {
      order.answer().complete(new EvidenceReply.Answered(body));
    }
  }

  void bundle(String id, long offset, CompletableFuture<Frame.Bundle> answer, long untilNanos) {
    asked++;
    if (!capabilities.contains(Capability.EVIDENCE)) {
      answer.complete(noPiece(asked, offset, "the agent of node " + node + " keeps no evidence"));
      return;
    }
    pieces.put(asked, new PieceQuestion(answer, untilNanos));
    line.send(List.of(new Frame.ReadBundle(asked, id, offset, Frame.ReadOutput.LARGEST)));
  }

  void bundled(Frame.Bundle piece) {
    PieceQuestion question = pieces.remove(piece.number());
    if (question != null) {
      question.answer().complete(piece);
    }
  }

  static Frame.Bundle noPiece(long number, long offset, String why) {
    return new Frame.Bundle(number, offset, true, why, Payload.EMPTY);
  }

  private void giveUpEvidence(long nowNanos, boolean all) {
    captures
        .values()
        .removeIf(order -> {
          boolean late = all || nowNanos - order.untilNanos() >= 0;
          return late
              && order
                  .answer()
                  .complete(new EvidenceReply.Unanswered("node %s did not answer".formatted(node)));
        });
    pieces
        .values()
        .removeIf(question -> {
          boolean late = all || nowNanos - question.untilNanos() >= 0;
          return late
              && question.answer().complete(noPiece(1, 0, "node " + node + " did not answer"));
        });
  }

  // ---- both

  void answered(Frame.Output output) {
    Question question = questions.remove(output.number());
    if (question != null) {
      question.answer().complete(output);
    }
  }

  private boolean awaitsNothing() {
    return orders.isEmpty()
        && overdue.isEmpty()
        && captures.isEmpty()
        && pieces.isEmpty()
        && questions.isEmpty();
  }

  /** Answers those that have waited for too long, or all of them. */
  void giveUp(long nowNanos, boolean all) {
    if (awaitsNothing()) {
      return; // as nearly always, and this is asked of every node at each turn
    }
    giveUpOrders(nowNanos, all);
    giveUpEvidence(nowNanos, all);
    List<Long> late =
        new ArrayList<>(
            questions.entrySet().stream()
                .filter(e -> all || nowNanos - e.getValue().untilNanos() >= 0)
                .map(Map.Entry::getKey)
                .toList());
    for (long number : late) {
      Question question = questions.remove(number);
      if (question != null) {
        question.answer().complete(refused(number, 0, "node " + node + " did not answer"));
      }
    }
  }
}
