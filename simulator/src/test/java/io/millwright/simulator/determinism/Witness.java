package io.millwright.simulator.determinism;

import io.millwright.agent.jobs.Status;
import io.millwright.agent.launcher.Launch;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.DesiredHead;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees what goes to the nodes and comes from them, and what happens there, and knows what must
 * follow from what. It believes nothing that an agent or a collector thinks of itself.
 */
final class Witness {
  private final Map<String, Past> nodes = new TreeMap<>();
  private final Consumer<Supplier<String>> log;
  private Predicate<RunId> over = run -> false;
  private final Map<String, Machine> machines = new TreeMap<>();

  /** Nodes' runs that a person's word has ended, and how many agents the node had had by then. */
  private final Map<String, Map<RunId, Integer>> lost = new HashMap<>();

  /** Runs that a store has or had with a grant that lets all members begin. */
  private final Set<RunId> gone = new HashSet<>();

  private boolean oneStore = true;

  /** Seen of one node since its journal was made. */
  private static final class Past {
    private final int era;
    private UUID journal = new UUID(0, 0);
    private Term term = Term.NONE;
    private long generation;
    private final Set<RunId> mayStart = new HashSet<>();
    private final Set<RunId> mayStop = new HashSet<>();
    private final Set<RunId> stopWritten = new HashSet<>();
    private final Set<RunId> written = new HashSet<>();
    private final Map<RunId, Outcome> ended = new HashMap<>();
    private final Map<Key, DesiredBody> bodies = new HashMap<>();
    private final Set<RunId> began = new HashSet<>();
    private final TreeMap<Long, String> reports = new TreeMap<>();

    Past(int era) {
      this.era = era;
    }

    private boolean fences(Term given, long wanted) {
      return given.compareTo(term) < 0
          || given.contradicts(term)
          || (given.equals(term) && wanted < generation);
    }

    private long reported() {
      return reports.isEmpty() ? 0 : reports.lastKey();
    }

    private void obeys(Term given, long wanted) {
      generation = given.equals(term) ? Math.max(generation, wanted) : wanted;
      term = given;
    }
  }

  private record Key(Term term, long generation) {}

  /**
   * @param log of what is seen, for whoever reads one history
   */
  Witness(Consumer<Supplier<String>> log) {
    this.log = log;
  }

  private Past past(String node) {
    return nodes.computeIfAbsent(node, first -> new Past(0));
  }

  /** The runs that a collector's book says have ended; nothing starts them any more. */
  void over(Predicate<RunId> runs) {
    over = runs;
  }

  /** A store says of these that all members may begin; it may be lost later, they have begun. */
  void go(Set<RunId> runs) {
    gone.addAll(runs);
  }

  void watch(String node, Machine machine) {
    machines.put(node, machine);
  }

  /** From now on there are two stores, which know nothing of what the other has placed. */
  void manyStores() {
    oneStore = false;
  }

  boolean oneStore() {
    return oneStore;
  }

  /** On how many nodes a restart may have its share now. */
  int places(Run run, Map<RunId, Run> book, Instant now) {
    return (int)
        machines.entrySet().stream()
            .filter(node ->
                node.getValue().devices().stream()
                        .filter(uuid ->
                            RestartOracle.mayUse(run, node.getKey(), List.of(uuid), book, now))
                        .count()
                    >= Math.max(1, run.spec().devices().count()))
            .count();
  }

  /** A person has declared the node lost, with this run. */
  void lost(String node, RunId run) {
    lost.computeIfAbsent(node, first -> new HashMap<>())
        .putIfAbsent(run, known(machines.get(node)).lives());
  }

  private boolean isLost(String node, RunId run) {
    return lost.getOrDefault(node, Map.of()).containsKey(run);
  }

  /**
   * A run is placed in the place of others that have ended: nothing of them may be left, but on a
   * node that was declared lost and is not connected.
   */
  void placedAgain(RunId run, Predicate<String> connected) {
    machines.forEach((node, machine) ->
        machine
            .alive(run.job())
            .forEach(other ->
                Violation.unless(
                    !oneStore
                        || other.equals(run)
                        || (isLost(node, other) && !connected.test(node)),
                    "restart",
                    "%s is placed while %s runs on %s",
                    run.text(),
                    other.text(),
                    node)));
  }

  /** At most one run of a job has processes, but for what a person declared lost. */
  private void alone(String node, RunId run) {
    if (isLost(node, run)) {
      return; // its start was under way, and nobody could tell the node
    }
    machines.forEach((there, machine) ->
        machine
            .alive(run.job())
            .forEach(other ->
                Violation.unless(
                    !oneStore || other.equals(run) || isLost(there, other),
                    "restart",
                    "%s begins while %s runs on %s",
                    run.text(),
                    other.text(),
                    there)));
  }

  /**
   * Of a job that is stopped with its lease one run has processes at most, whoever was declared
   * lost and however late anybody hears of it.
   */
  private void onlyOne(String node, RunId run) {
    if (known(machines.get(node)).leased(run.job()).isEmpty()) {
      return;
    }
    machines.forEach((there, machine) ->
        machine
            .leased(run.job())
            .forEach(other ->
                Violation.unless(
                    !oneStore || other.equals(run),
                    "I2",
                    "%s begins on %s while %s runs on %s",
                    run.text(),
                    node,
                    other.text(),
                    there)));
  }

  /** All members of a run that asks for a channel have the same one, and no other run has it. */
  private void channel(String node, Assignment wanted) {
    Violation.unless(
        wanted.spec().devices().imex() == wanted.channel().isPresent(),
        "channel",
        "%s starts on %s with %s",
        wanted.id().text(),
        node,
        wanted.channel());
    machines.forEach((there, machine) ->
        machine
            .channels()
            .forEach((run, channel) ->
                Violation.unless(
                    !oneStore
                        || wanted.channel().isEmpty()
                        || run.equals(wanted.id())
                            == wanted.channel().filter(channel::equals).isPresent(),
                    "channel",
                    "%s starts on %s with %s, and %s has %s on %s",
                    wanted.id().text(),
                    node,
                    wanted.channel(),
                    run.text(),
                    channel,
                    there)));
  }

  private static Machine known(@Nullable Machine machine) {
    return Objects.requireNonNull(machine, "each node has one");
  }

  /** The node has lost its journal: what it promised is void, what it has begun is not. */
  void lostJournal(String node) {
    Past before = past(node);
    Past after = new Past(before.era + 1);
    after.mayStop.addAll(before.mayStop);
    nodes.put(node, after);
  }

  /** How often the node has lost its journal. */
  int era(String node) {
    return past(node).era;
  }

  // ---- on the wire

  /** Bytes of the collector have reached the agent. */
  void delivered(String node, Frame frame) {
    log.accept(() -> "to   " + node + " " + shown(frame));
    if (frame instanceof Frame.Desired(var urgent, DesiredHead head, var part) && part.of() == 1) {
      Past past = past(node);
      if (past.fences(head.term(), head.generation())) {
        return;
      }
      DesiredBody body = DesiredBody.of(part.bytes().toByteArray());
      body.assignments().stream()
          .map(Assignment::id)
          .filter(run -> !body.holds().contains(run))
          .forEach(past.mayStart::add);
      body.stops().forEach(stop -> past.mayStop.add(stop.run()));
      Key key = new Key(head.term(), head.generation());
      DesiredBody nothing = new DesiredBody(List.of(), List.of());
      past.bodies.merge(key, body, (one, other) -> one.equals(other) ? one : nothing);
    }
  }

  /** The agent has told this; all that it says must be on its disk by then. */
  void said(String node, Frame frame) {
    log.accept(() -> "from " + node + " " + shown(frame));
    switch (frame) {
      case Frame.Hello hello -> greeted(node, hello.journal());
      case Frame.Applied applied -> applied(node, applied);
      case Frame.Status status -> reported(node, status);
      default -> {}
    }
  }

  private static String shown(Frame frame) {
    return switch (frame) {
      case Frame.Desired desired ->
          desired.head()
              + " "
              + new String(desired.part().bytes().toByteArray(), StandardCharsets.UTF_8);
      case Frame.Applied applied ->
          "%s %s %d %s"
              .formatted(
                  applied.answer(),
                  applied.term(),
                  applied.generation(),
                  new String(applied.body().toByteArray(), StandardCharsets.UTF_8));
      case Frame.Status status ->
          status.sequence() + " " + new String(status.body().toByteArray(), StandardCharsets.UTF_8);
      default -> frame.toString();
    };
  }

  private void greeted(String node, JournalHead head) {
    Past past = past(node);
    if (head.id().equals(past.journal)) {
      holds(node, past, head);
      past.obeys(head.term(), head.generation());
    }
  }

  /** What was said before is still so. */
  private static void holds(String node, Past past, JournalHead head) {
    Violation.unless(
        !past.fences(head.term(), head.generation()),
        "I4",
        "%s has said %s %d, and comes back with %s %d",
        node,
        past.term,
        past.generation,
        head.term(),
        head.generation());
    Violation.unless(
        head.newestStatus() >= past.reported(),
        "I4",
        "%s has told report %d, and comes back with %d",
        node,
        past.reported(),
        head.newestStatus());
  }

  private void applied(String node, Frame.Applied applied) {
    if (applied.answer() != AppliedAnswer.WRITTEN) {
      return;
    }
    Past past = past(node);
    Violation.unless(
        !past.fences(applied.term(), applied.generation()),
        "I9",
        "%s takes %s %d, and had taken %s %d",
        node,
        applied.term(),
        applied.generation(),
        past.term,
        past.generation);
    past.obeys(applied.term(), applied.generation());
    DesiredBody body = past.bodies.get(new Key(applied.term(), applied.generation()));
    if (body != null) {
      body.stops().forEach(stop -> past.stopWritten.add(stop.run()));
      body.assignments().forEach(assignment -> past.written.add(assignment.id()));
    }
  }

  private void reported(String node, Frame.Status status) {
    String body = new String(status.body().toByteArray(), StandardCharsets.UTF_8);
    String before = past(node).reports.putIfAbsent(status.sequence(), body);
    Violation.unless(
        before == null || before.equals(body),
        "I10",
        "%s tells report %d as %s, and had told it as %s",
        node,
        status.sequence(),
        body,
        String.valueOf(before));
  }

  /** The agent is up and has read its journal: what it said before is still so. */
  void up(String node, JournalHead head, Predicate<RunId> known) {
    Past past = past(node);
    if (!head.id().equals(past.journal)) {
      Violation.unless(
          past.journal.equals(new UUID(0, 0)), "I4", "%s comes with another journal", node);
      past.journal = head.id();
    }
    holds(node, past, head);
    for (RunId run : past.written) {
      Violation.unless(
          known.test(run), "I4", "%s has said that it took %s, and forgot it", node, run.text());
    }
  }

  // ---- on the node

  void started(String node, int life, Launch launch) {
    Past past = past(node);
    RunId run = launch.run();
    past.began.add(run);
    alone(node, run);
    channel(node, launch.assignment());
    Integer before = lost.getOrDefault(node, Map.of()).get(run);
    Violation.unless(
        !oneStore || before == null || life <= before,
        "lost",
        "%s starts on %s, which was declared lost with it",
        run.text(),
        node);
    Violation.unless(
        gone.contains(run),
        "I8",
        "%s starts on %s, and no store says that all of it may",
        run.text(),
        node);
    Violation.unless(
        past.mayStart.contains(run),
        "I9",
        "%s starts on %s by a term or generation that was over",
        run.text(),
        node);
    Violation.unless(
        !past.stopWritten.contains(run),
        "I5",
        "%s starts on %s after its stop was taken",
        run.text(),
        node);
    Violation.unless(
        !past.ended.containsKey(run), "I3", "%s starts on %s after its end", run.text(), node);
    Violation.unless(
        !over.test(run) || isLost(node, run),
        "I5",
        "%s starts on %s and has ended in the book",
        run.text(),
        node);
  }

  void began(String node, RunId run) {
    alone(node, run);
    onlyOne(node, run);
    Violation.unless(
        !past(node).ended.containsKey(run),
        "I3",
        "%s begins on %s after its end",
        run.text(),
        node);
  }

  /** A process is told to end. */
  void stopped(String node, RunId run) {
    Violation.unless(
        past(node).mayStop.contains(run),
        "rule 10",
        "%s is stopped on %s, and no state that holds there named its stop",
        run.text(),
        node);
  }

  /** A report is on the node's disk. */
  void told(String node, Status status) {
    Past past = past(node);
    Outcome before = past.ended.get(status.run());
    Violation.unless(
        before == null
            || (status.state() == JobState.ENDED
                && status.outcome().filter(before::equals).isPresent()),
        "I3",
        "%s had ended on %s with %s, and now is %s %s",
        status.run().text(),
        node,
        String.valueOf(before),
        status.state(),
        status.outcome());
    if (status.state() == JobState.ENDED) {
      past.ended.put(status.run(), status.outcome().orElseThrow());
    }
  }

  /** The runs that were started on a node since it had its journal. */
  Set<RunId> began(String node) {
    return past(node).began;
  }

  /** How the node said that a run ended; it says so once and for all. */
  Optional<Outcome> outcome(String node, RunId run) {
    return Optional.ofNullable(past(node).ended.get(run));
  }
}
