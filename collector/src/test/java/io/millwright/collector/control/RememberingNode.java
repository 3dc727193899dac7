package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.downlink.Line;
import io.millwright.collector.downlink.Told;
import io.millwright.protocol.bodies.AppliedBody;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.DesiredBody;
import io.millwright.protocol.bodies.StatusBody;
import io.millwright.protocol.frames.AppliedAnswer;
import io.millwright.protocol.frames.DesiredHead;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.JournalHead;
import io.millwright.protocol.frames.Payload;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * An agent as the collector meets it: takes desired states as {@code agent.jobs.Intake} does,
 * remembers, and fails the test where it is told something that must never be.
 */
final class RememberingNode implements Line {
  final String name;
  final List<RunId> started = new ArrayList<>();
  private final UUID journal = UUID.randomUUID();
  private final Random random;
  private final Map<RunId, Share> runs = new LinkedHashMap<>();
  private final Set<RunId> tombstones = new HashSet<>();
  private final Set<RunId> holds = new HashSet<>();
  private final Queue<Frame.Desired> desired = new ArrayDeque<>();
  private final List<Told.Reported> unacknowledged = new ArrayList<>();
  private Term term = Term.NONE;
  private long generation;
  private long sequence;
  private long session;
  private boolean connected;
  private int marked;
  private List<String> claimed = List.of();

  /** What the node has of a run. */
  private record Share(
      JobSpec spec,
      List<String> devices,
      Optional<ImexChannel> channel,
      JobState state,
      Optional<Outcome> outcome) {
    boolean open() {
      return state != JobState.ENDED;
    }

    Share now(JobState next, Optional<Outcome> how) {
      return new Share(spec, devices, channel, next, how);
    }
  }

  RememberingNode(String name, Random random) {
    this.name = name;
    this.random = random;
  }

  /** Says from now on of each of its runs that it has these devices; the truth where none. */
  void claim(String... devices) {
    claimed = List.of(devices);
  }

  /** From here on starts are of another time. */
  void mark() {
    marked = started.size();
  }

  Stream<RunId> sinceMark() {
    return started.stream().skip(marked);
  }

  boolean connected() {
    return connected;
  }

  long session() {
    return session;
  }

  List<Told> connect(long nextSession) {
    session = nextSession;
    connected = true;
    desired.clear();
    List<Told> told = new ArrayList<>();
    told.add(
        new Told.Opened(
            name,
            session,
            Set.of(
                Capability.JOBS,
                Capability.NEW_JOBS,
                Capability.GROUPS,
                Capability.RECALL,
                Capability.HOLD,
                Capability.IMEX),
            new JournalHead(journal, 0, sequence, term, generation),
            "10.0.0." + name.substring(1),
            this));
    List<Told.Reported> again = List.copyOf(unacknowledged);
    unacknowledged.clear();
    for (Told.Reported report : again) {
      Told.Reported now =
          new Told.Reported(name, session, journal, report.sequence(), report.body());
      unacknowledged.add(now);
      told.add(now);
    }
    return told;
  }

  List<Told> disconnect() {
    connected = false;
    return List.of(new Told.Closed(name, session));
  }

  @Override
  public void send(List<? extends Frame> frames) {
    for (Frame frame : frames) {
      switch (frame) {
        case Frame.Desired state -> desired.add(state);
        case Frame.StatusAck ack ->
            unacknowledged.removeIf(report -> report.sequence() <= ack.sequence());
        default -> throw new AssertionError(frame);
      }
    }
  }

  @Override
  public void end(String why) {
    throw new AssertionError(why);
  }

  /** Takes what was sent, and says what it did with it and what has happened. */
  List<Told> turn() {
    List<Told> told = new ArrayList<>();
    for (Frame.Desired next = desired.poll(); next != null; next = desired.poll()) {
      told.add(take(next));
    }
    told.addAll(news());
    return told;
  }

  private final List<Told.Reported> news = new ArrayList<>();

  private List<Told> news() {
    List<Told> all = List.copyOf(news);
    news.clear();
    return all;
  }

  private Told take(Frame.Desired frame) {
    DesiredHead head = frame.head();
    DesiredBody body = DesiredBody.of(frame.part().bytes().toByteArray());
    if (head.term().compareTo(term) < 0 || head.term().contradicts(term)) {
      return applied(AppliedAnswer.TERM_REFUSED, Optional.of("older"), false);
    }
    if (head.generation() < generation) {
      return applied(AppliedAnswer.OLDER, Optional.of("older"), false);
    }
    boolean repeated = head.term().equals(term) && head.generation() == generation;
    term = head.term();
    generation = head.generation();
    if (!body.recall()) {
      holds.clear();
      holds.addAll(body.holds());
    }
    body.stops().forEach(this::stop);
    for (Assignment assignment : body.assignments()) {
      Share known = runs.get(assignment.id());
      if (known != null) {
        assertThat(known.spec())
            .as("%s has another job", assignment.id())
            .isEqualTo(assignment.spec());
      } else {
        assertThat(repeated).as("%s came without a new generation", assignment.id()).isFalse();
        start(assignment);
      }
    }
    return applied(AppliedAnswer.WRITTEN, Optional.empty(), body.recall());
  }

  private void start(Assignment assignment) {
    RunId id = assignment.id();
    if (tombstones.contains(id)) {
      report(
          id,
          new Share(
              assignment.spec(),
              List.of(),
              Optional.empty(),
              JobState.ENDED,
              Optional.of(Outcome.refused("stopped"))));
      return;
    }
    for (Map.Entry<RunId, Share> other : runs.entrySet()) {
      if (other.getValue().open()) {
        assertThat(other.getValue().devices())
            .as("%s and %s on %s", id.text(), other.getKey().text(), name)
            .doesNotContainAnyElementsOf(assignment.devices().uuids());
      }
    }
    started.add(id);
    report(
        id,
        new Share(
            assignment.spec(),
            assignment.devices().uuids(),
            assignment.channel(),
            JobState.ACCEPTED,
            Optional.empty()));
  }

  private void stop(DesiredBody.Stop stop) {
    Share known = runs.get(stop.run());
    if (known == null) {
      tombstones.add(stop.run());
    } else if (known.open()) {
      report(stop.run(), known.now(JobState.ENDED, Optional.of(Outcome.of(stop.why()))));
    }
  }

  private void report(RunId id, Share now) {
    runs.put(id, now);
    sequence++;
    Told.Reported told =
        new Told.Reported(
            name,
            session,
            journal,
            sequence,
            new StatusBody(id, now.state(), now.outcome(), Usage.NONE, "", List.of()));
    unacknowledged.add(told);
    if (connected) {
      news.add(told);
    }
  }

  private Told applied(AppliedAnswer answer, Optional<String> refusal, boolean recall) {
    List<AppliedBody.Result> results = new ArrayList<>();
    if (recall) {
      runs.forEach(
          (id, share) -> results.add(new AppliedBody.Result(id, share.state(), share.outcome())));
      tombstones.stream()
          .filter(id -> !runs.containsKey(id))
          .forEach(id ->
              results.add(
                  new AppliedBody.Result(
                      id,
                      JobState.ENDED,
                      Optional.of(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST)))));
    }
    AppliedBody body =
        new AppliedBody(
            refusal,
            results,
            runs.entrySet().stream()
                .filter(run -> run.getValue().open())
                .map(run ->
                    new AppliedBody.Held(
                        run.getKey(),
                        claimed.isEmpty() ? run.getValue().devices() : claimed,
                        run.getValue().channel()))
                .toList());
    return new Told.Applied(
        name, session, new Frame.Applied(answer, term, generation, Payload.of(body.json())), body);
  }

  /** A run takes a step, or ends. */
  void goOn(boolean toTheEnd) {
    for (RunId id : List.copyOf(runs.keySet())) {
      Share share = runs.get(id);
      if (share == null || !share.open() || (!toTheEnd && random.nextInt(4) > 0)) {
        continue;
      }
      if (holds.contains(id)) {
        ready(id, share);
        continue;
      }
      boolean begins = share.state().compareTo(JobState.RUNNING) < 0 && !toTheEnd;
      report(
          id,
          begins
              ? share.now(JobState.RUNNING, Optional.empty())
              : share.now(
                  JobState.ENDED, Optional.of(Outcome.exit(random.nextInt(5) == 0 ? 7 : 0))));
    }
  }

  private void ready(RunId id, Share share) {
    if (share.state() == JobState.ACCEPTED) {
      report(id, share.now(JobState.READY, Optional.empty()));
    }
  }

  /** A run ends, where it is here. */
  void end(RunId id, Outcome outcome) {
    Share share = runs.get(id);
    if (share != null) {
      report(id, share.now(JobState.ENDED, Optional.of(outcome)));
    }
  }

  /** The IMEX channels of the runs that have not ended here. */
  Map<RunId, ImexChannel> channels() {
    Map<RunId, ImexChannel> channels = new HashMap<>();
    runs.forEach((id, share) -> {
      if (share.open()) {
        share.channel().ifPresent(channel -> channels.put(id, channel));
      }
    });
    return channels;
  }

  Set<RunId> open() {
    Set<RunId> open = new HashSet<>();
    runs.forEach((id, share) -> {
      if (share.open()) {
        open.add(id);
      }
    });
    return open;
  }
}
