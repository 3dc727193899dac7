package io.millwright.simulator.determinism;

import io.millwright.agent.jobs.Run;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.recovery.RecoveryState;
import io.millwright.collector.store.EventQuery;
import io.millwright.collector.store.EventRow;
import io.millwright.collector.store.EventTable;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** To what all must come once nothing goes wrong any more. */
final class Ending {
  private final List<Node> nodes;
  private final Site site;
  private final EventTable events;
  private final Witness witness;
  private final Set<Integer> samples;
  private final boolean oneStore;

  /**
   * @param site whose collector is left
   * @param samples that any collector has received
   * @param oneStore whether there never was another, nor an older copy of it
   */
  Ending(
      List<Node> nodes,
      Site site,
      EventTable events,
      Witness witness,
      Set<Integer> samples,
      boolean oneStore) {
    this.nodes = nodes;
    this.site = site;
    this.events = events;
    this.witness = witness;
    this.samples = samples;
    this.oneStore = oneStore;
  }

  /** What is not yet as it is wanted, while no process ends by itself; empty for nothing. */
  Optional<String> unsettled(boolean wishes) {
    SimulatedCollector collector = site.collector;
    if (collector == null) {
      return Optional.of("the collector is away");
    }
    if (collector.recovering().phase() != RecoveryState.NONE.phase()) {
      return Optional.of("it recovers: " + collector.recovering());
    }
    if (wishes) {
      return Optional.of("a job waits for its answer");
    }
    if (collector.trouble().isPresent()) {
      return collector.trouble();
    }
    for (var run : collector.runs()) {
      Optional<String> lacks = lacks(run);
      if (lacks.isPresent()) {
        return lacks;
      }
    }
    return nodes.stream().flatMap(node -> lacks(node, collector).stream()).findFirst();
  }

  private Optional<String> lacks(io.millwright.collector.jobs.Run run) {
    boolean open = run.ended().isEmpty() && run.grant().isPresent();
    if (open && (run.stop().isPresent() || run.failure().isPresent())) {
      return Optional.of(run.id().text() + " is to end, all of it: " + run.members());
    }
    for (Member member : run.members()) {
      Node node = node(member.node());
      if (node.agent == null) {
        return Optional.of(node.name + " is away");
      }
      Optional<Run> there = node.agent.run(run.id());
      boolean agrees =
          member.open()
              ? there.filter(r -> r.state() == member.state()).isPresent()
                  && member.state() == JobState.RUNNING
              : there.filter(Run::open).isEmpty();
      if (!agrees) {
        return Optional.of(
            "%s is %s on %s for the book, and %s there"
                .formatted(run.id().text(), member.state(), node.name, there.map(Run::state)));
      }
    }
    return Optional.empty();
  }

  private Node node(String name) {
    return nodes.stream().filter(node -> node.name.equals(name)).findFirst().orElseThrow();
  }

  private Optional<String> lacks(Node node, SimulatedCollector collector) {
    SimulatedAgent agent = node.agent;
    if (agent == null) {
      return Optional.of(node.name + " is away");
    }
    if (!agent.unacknowledged().isEmpty()) {
      return Optional.of(
          "%d reports of %s are not acknowledged"
              .formatted(agent.unacknowledged().size(), node.name));
    }
    Set<RunId> wanted = new HashSet<>();
    for (Run run : agent.runs()) {
      if (run.state() == JobState.RUNNING) {
        wanted.add(run.id());
      }
    }
    if (!wanted.equals(new HashSet<>(node.machine.running()))) {
      return Optional.of(
          "%s has processes of %s, its agent holds %s"
              .formatted(node.name, node.machine.running(), wanted));
    }
    collector.runs().stream()
        .filter(run -> run.ended().isEmpty())
        .forEach(run -> wanted.remove(run.id()));
    return wanted.isEmpty() || !oneStore || witness.era(node.name) > 0
        ? Optional.empty()
        : Optional.of("%s runs %s, which nobody wants".formatted(node.name, wanted));
  }

  /** What has not ended yet, or was not told; empty for nothing. */
  Optional<String> unfinished() {
    SimulatedCollector collector = site.collector;
    if (collector == null) {
      return Optional.of("the collector is away");
    }
    for (var run : collector.runs()) {
      if (run.ended().isEmpty()) {
        return Optional.of(
            "%s is %s (%s)".formatted(run.id().text(), run, collector.waiting().get(run.id())));
      }
    }
    for (Node node : nodes) {
      if (!node.machine.holding().isEmpty()) {
        return Optional.of("%s still has %s".formatted(node.name, node.machine.holding()));
      }
      SimulatedAgent agent = node.agent;
      if (agent == null || !agent.unacknowledged().isEmpty()) {
        return Optional.of("not all reports of %s are acknowledged".formatted(node.name));
      }
    }
    return collector.vacant() ? untold() : Optional.of("devices are still taken");
  }

  /** Every event of the nodes is in the table of the collector, and every sample has come. */
  private Optional<String> untold() {
    Set<String> there = new HashSet<>(rows());
    for (Node node : nodes) {
      SimulatedAgent agent = node.agent;
      if (agent == null) {
        return Optional.of(node.name + " is away");
      }
      for (String event : agent.chronicle().kept()) {
        if (!there.contains(node.name + " " + event)) {
          return Optional.of("an event of %s has not come: %s".formatted(node.name, event));
        }
      }
      for (int sample : agent.samples()) {
        if (!samples.contains(SimulatedAgent.sample(node.name, sample))) {
          return Optional.of("sample %d of %s has not come".formatted(sample, node.name));
        }
      }
    }
    return Optional.empty();
  }

  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (EventRow row : events.find(EventQuery.behind(site.firstEvent, 10_000)).rows()) {
      if (!row.body().isEmpty()) {
        rows.add("%s %d %s %s".formatted(row.node(), row.atMs(), row.kind(), row.body()));
      }
    }
    return rows;
  }

  /** What must hold of what was counted and of how the runs ended. */
  void check() {
    SimulatedCollector collector = site.collector;
    if (collector == null) {
      throw new IllegalStateException("it is there");
    }
    Set<String> once = new HashSet<>();
    for (String row : rows()) {
      Violation.unless(once.add(row), "I10", "an event is counted twice: %s", row);
    }
    Violation.unless(
        collector.finished() == collector.runs().size() - site.endedBefore,
        "I10",
        "%d ends were counted, %d runs have ended of which %d had before",
        collector.finished(),
        collector.runs().size(),
        site.endedBefore);
    for (var run : collector.runs()) {
      for (Member member : run.members()) {
        check(run.id(), member);
      }
    }
  }

  private void check(RunId run, Member member) {
    if (oneStore) {
      refusal(member).ifPresent(why -> refused(run, member, why));
    }
    if (witness.era(member.node()) > 0) {
      return;
    }
    if (member.declared().isEmpty()) {
      witness
          .outcome(member.node(), run)
          .ifPresent(said ->
              Violation.unless(
                  member.outcome().filter(said::equals).isPresent(),
                  "I10",
                  "%s ended on %s with %s, and the book says %s",
                  run.text(),
                  member.node(),
                  said,
                  member.outcome()));
    }
    if (oneStore && !lost(member)) {
      Violation.unless(
          member.declared().isEmpty() || !witness.began(member.node()).contains(run),
          "I10",
          "%s ran on %s, and the book has no report of its end: %s",
          run.text(),
          member.node(),
          member.outcome());
    }
  }

  /** By a person's word, who did not ask the node. */
  private static boolean lost(Member member) {
    return member.outcome().filter(how -> how.kind() == Outcome.Kind.NODE_LOST).isPresent();
  }

  private static Optional<String> refusal(Member member) {
    return member
        .outcome()
        .filter(outcome -> outcome.kind() == Outcome.Kind.REFUSED)
        .map(Outcome::detail);
  }

  private void refused(RunId run, Member member, String why) {
    Violation.unless(
        !witness.began(member.node()).contains(run),
        "I10",
        "%s ran on %s, and the book says that it was refused: %s",
        run.text(),
        member.node(),
        why);
    Violation.unless(
        !why.contains("is held by run"),
        "I1",
        "%s was granted on %s what another run held: %s",
        run.text(),
        member.node(),
        why);
  }
}
