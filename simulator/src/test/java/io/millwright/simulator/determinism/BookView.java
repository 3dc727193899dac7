package io.millwright.simulator.determinism;

import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What was seen of one store's book: what is in it can only go on from there. */
final class BookView {
  private final Map<RunId, JobSpec> acknowledged = new HashMap<>();
  private final Map<RunId, List<String>> granted = new HashMap<>();
  private final Map<RunId, Run> ended = new HashMap<>();

  private Map<RunId, Run> book = Map.of();
  private final Witness witness;

  BookView(Witness witness) {
    this.witness = witness;
  }

  BookView copy() {
    BookView copy = new BookView(witness);
    copy.book = book;
    copy.acknowledged.putAll(acknowledged);
    copy.granted.putAll(granted);
    copy.ended.putAll(ended);
    return copy;
  }

  void acknowledged(Run run) {
    acknowledged.put(run.id(), run.spec());
  }

  boolean over(RunId run) {
    return ended.containsKey(run);
  }

  /** Whether no node is left on which a restart may be placed for minutes. */
  boolean hopeless(Run run, Instant now) {
    return run.retry().isPresent() && witness.places(run, book, now) < run.spec().nodes();
  }

  /**
   * @param at by the collector's wall clock
   * @param connected nodes that it takes for connected
   */
  void look(List<Run> runs, boolean recovering, Instant at, Predicate<String> connected) {
    Map<RunId, Run> now = new HashMap<>();
    Set<String> taken = new HashSet<>();
    for (Run run : runs) {
      now.put(run.id(), run);
      Violation.unless(
          recovering || whole(run),
          "I8",
          "%s has %d members, wanted are %d",
          run.id().text(),
          run.members().size(),
          run.spec().nodes());
      for (Member member : run.members()) {
        if (member.open()) {
          for (String device : member.devices().uuids()) {
            Violation.unless(
                taken.add(member.node() + " " + device),
                "I1",
                "%s of %s is granted twice, once to %s",
                device,
                member.node(),
                run.id().text());
          }
        }
      }
    }
    acknowledged.forEach((id, spec) -> {
      Run run = now.get(id);
      Violation.unless(
          run != null && run.spec().equals(spec),
          "I4",
          "%s was accepted and is not in the book",
          id.text());
    });
    granted.forEach((id, devices) -> {
      Run run = now.get(id);
      Violation.unless(
          run != null && devices(run).equals(devices),
          "I4",
          "the grant of %s is gone or changed",
          id.text());
    });
    ended.forEach((id, before) ->
        Violation.unless(
            before.equals(now.get(id)),
            "I3",
            "%s had ended as %s, and is %s",
            id.text(),
            before,
            String.valueOf(now.get(id))));
    book = now;
    runs.forEach(run -> RestartOracle.check(run, now, witness.oneStore()));
    runs.forEach(run -> note(run, at, connected));
  }

  private void note(Run run, Instant at, Predicate<String> connected) {
    if (run.grant().isPresent() && granted.put(run.id(), devices(run)) == null) {
      placed(run, at, connected);
    }
    for (Member member : run.members()) {
      if (member.outcome().filter(how -> how.kind() == Outcome.Kind.NODE_LOST).isPresent()) {
        witness.lost(member.node(), run.id());
      }
    }
    if (run.state() == JobState.ENDED) {
      ended.put(run.id(), run);
    }
  }

  private void placed(Run run, Instant at, Predicate<String> connected) {
    if (run.retry().isEmpty()) {
      return;
    }
    witness.placedAgain(run.id(), connected);
    for (Member member : run.members()) {
      Violation.unless(
          RestartOracle.mayUse(run, member.node(), member.devices().uuids(), book, at),
          "restart",
          "%s is placed on %s of %s, where it is to be avoided: %s",
          run.id().text(),
          member.devices().uuids(),
          member.node(),
          run.retry());
    }
  }

  /** All members are granted, or none; what a recovery found of a half one is to end. */
  private static boolean whole(Run run) {
    return run.grant().isEmpty()
        || run.members().size() == run.spec().nodes()
        || run.stop().isPresent()
        || run.ended().isPresent();
  }

  private static List<String> devices(Run run) {
    return run.members().stream().map(member -> member.node() + member.devices().uuids()).toList();
  }
}
