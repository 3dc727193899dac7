package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Group;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * One run of a job, as the book has it.
 *
 * @param ticket place in the queue among runs of one priority; a lower one was submitted earlier
 * @param grant empty while it is queued
 * @param members one a node, in the order of their ranks; none while it is queued
 * @param stop empty while nobody wants it to end
 * @param started when the book first saw it running on all its nodes
 * @param failure how the first of its members failed, or how it ended in the queue
 * @param retry of one that was queued because the one before it failed
 * @param sequel what followed its end, of a job that asks for restarts
 */
public record Run(
    RunId id,
    JobSpec spec,
    long ticket,
    Instant submitted,
    Optional<Grant> grant,
    List<Member> members,
    Optional<StopOrder> stop,
    Optional<Instant> started,
    Optional<Outcome> failure,
    Optional<Instant> ended,
    Optional<Retry> retry,
    Optional<Sequel> sequel) {
  public Run {
    members = List.copyOf(members);
  }

  static Run queued(RunId id, JobSpec spec, long ticket, Instant submitted) {
    return queued(id, spec, ticket, submitted, Optional.empty());
  }

  static Run queued(RunId id, JobSpec spec, long ticket, Instant submitted, Optional<Retry> retry) {
    return new Run(
        id,
        spec,
        ticket,
        submitted,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        retry,
        Optional.empty());
  }

  /** With what followed its end. */
  Run with(Sequel followed) {
    return new Run(
        id,
        spec,
        ticket,
        submitted,
        grant,
        members,
        stop,
        started,
        failure,
        ended,
        retry,
        Optional.of(followed));
  }

  /**
   * Where the run stands: with its slowest open member, unless one is stuck; {@code stopping} from
   * the moment in which somebody wants its end.
   */
  public JobState state() {
    if (ended.isPresent()) {
      return JobState.ENDED;
    }
    if (grant.isEmpty()) {
      return JobState.QUEUED;
    }
    if (open().anyMatch(member -> member.state() == JobState.STUCK)) {
      return JobState.STUCK;
    }
    JobState slowest = open().map(Member::state).min(JobState::compareTo).orElse(JobState.ENDED);
    boolean stopping = stop.isPresent() && slowest.compareTo(JobState.STOPPING) < 0;
    return stopping ? JobState.STOPPING : slowest;
  }

  private Stream<Member> open() {
    return members.stream().filter(Member::open);
  }

  /** Whether its members get ready and none may begin. */
  public boolean awaitsGo() {
    return ended.isEmpty()
        && stop.isEmpty()
        && grant.filter(granted -> granted.go().awaited()).isPresent();
  }

  /** How many of its members have not said that they are ready. */
  public int unready() {
    return (int) members.stream().filter(member -> member.state() != JobState.READY).count();
  }

  /** What a run waits for that has its place: for members that are not ready, or for its go. */
  public Optional<String> awaited() {
    if (!awaitsGo()) {
      return Optional.empty();
    }
    return Optional.of(
        unready() == 0
            ? "all members are ready; waiting for the sessions of their nodes"
            : "waiting for %d of %d members".formatted(unready(), members.size()));
  }

  /** How it ended: as the first member that failed did; empty while it goes on. */
  public Optional<Outcome> outcome() {
    return ended.map(at -> failure.orElseGet(() -> Outcome.of(Outcome.Kind.COMPLETED)));
  }

  /** The member on this node. */
  public Optional<Member> member(String node) {
    return members.stream().filter(member -> member.node().equals(node)).findFirst();
  }

  /** Which restart it is, in words; empty of one that somebody submitted. */
  public Optional<String> restart() {
    return retry.map(one ->
        "restart %d%s after %s"
            .formatted(
                one.number(),
                spec.restart().map(rule -> " of " + rule.most()).orElse(""),
                one.after().text()));
  }

  /** What this node is to do for it; empty where it has no share. */
  public Optional<Assignment> assignment(String node) {
    return member(node)
        .flatMap(member ->
            grant.map(g ->
                new Assignment(
                    id,
                    node,
                    g.term(),
                    g.generation(),
                    spec.forNode(),
                    member.devices(),
                    group(g, member),
                    g.channel())));
  }

  /** Ranks are the order of the members. */
  private Optional<Group> group(Grant grant, Member member) {
    return grant
        .rendezvous()
        .map(meeting -> new Group(members.indexOf(member), members.size(), meeting));
  }

  /**
   * Over all members: the longest wall time and the sum of device seconds; the sum of the energy
   * where every member has it and measures the same scope.
   */
  public Usage usage() {
    long wallMs = members.stream().mapToLong(m -> m.usage().wallMs()).max().orElse(0);
    double seconds = members.stream().mapToDouble(m -> m.usage().deviceSeconds()).sum();
    List<String> scopes = members.stream().map(m -> m.usage().energyScope()).distinct().toList();
    boolean measured = members.stream().allMatch(m -> m.usage().joules().isPresent());
    if (!measured || scopes.size() != 1) {
      return new Usage(wallMs, seconds, OptionalDouble.empty(), "");
    }
    double joules = members.stream().mapToDouble(m -> m.usage().joules().orElse(0)).sum();
    return new Usage(wallMs, seconds, OptionalDouble.of(joules), scopes.getFirst());
  }
}
