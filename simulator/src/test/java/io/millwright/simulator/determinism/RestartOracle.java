package io.millwright.simulator.determinism;

import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Retry;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.jobs.Sequel;
import io.millwright.collector.jobs.StopOrder;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RestartRule;
import io.millwright.protocol.vocabulary.job.RestartRule.Cause;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What docs/restarts.md promises, checked against a book by what the book says of the runs. */
final class RestartOracle {
  private static final Duration AVOIDED = Duration.ofMinutes(10);
  private static final int OWN_FAULT = 3;

  private RestartOracle() {}

  /** The runs of one job before this one, the newest first, as far as each follows the next. */
  static List<Run> before(Run run, Map<RunId, Run> book) {
    List<Run> before = new ArrayList<>();
    Run last = run;
    while (last.retry().isPresent()) {
      Run next = book.get(last.retry().get().after());
      if (next == null) {
        break;
      }
      before.add(next);
      last = next;
    }
    return before;
  }

  /**
   * @param alone whether there never was another store, whose runs this one does not know
   */
  static void check(Run run, Map<RunId, Run> book, boolean alone) {
    run.retry().ifPresent(retry -> follows(run, retry, book));
    if (run.ended().isPresent()) {
      followed(run, book, alone);
    }
  }

  private static void follows(Run run, Retry retry, Map<RunId, Run> book) {
    String name = run.id().text();
    RestartRule rule = run.spec().restart().orElse(null);
    Run failed = book.get(retry.after());
    Violation.unless(
        rule != null && failed != null && failed.ended().isPresent(),
        "restart",
        "%s follows %s: %s",
        name,
        retry.after().text(),
        String.valueOf(failed));
    if (rule == null || failed == null) {
      return;
    }
    int number = failed.retry().map(Retry::number).orElse(0) + 1;
    Violation.unless(
        retry.number() == number && number <= rule.most(),
        "restart",
        "%s is restart %d after restart %d, of %d",
        name,
        retry.number(),
        number - 1,
        rule.most());
    Violation.unless(
        failed.spec().equals(run.spec())
            && failed.id().run() + 1 == run.id().run()
            && failed.sequel().equals(Optional.of(new Sequel.Next(run.id()))),
        "restart",
        "%s follows %s",
        name,
        failed);
    Violation.unless(
        asks(failed) && failedOn(failed, book).size() < OWN_FAULT,
        "restart",
        "%s is begun again after %s with %s, stopped %s",
        name,
        failed.id().text(),
        failed.outcome(),
        failed.stop());
  }

  /** What asks for it has its restart in the same book, or one of the stated reasons why not. */
  private static void followed(Run ended, Map<RunId, Run> book, boolean alone) {
    if (ended.sequel().orElse(null) instanceof Sequel.Next(RunId next)) {
      Violation.unless(
          book.containsKey(next),
          "restart",
          "%s is followed by %s, which is not in the book",
          ended.id().text(),
          next.text());
      return;
    }
    boolean spent =
        ended.retry().map(Retry::number).orElse(0)
            >= ended.spec().restart().map(RestartRule::most).orElse(0);
    Violation.unless(
        !alone || !asks(ended) || spent || failedOn(ended, book).size() >= OWN_FAULT,
        "restart",
        "%s ended with %s and asks to be begun again, and is not: %s",
        ended.id().text(),
        ended.outcome(),
        ended.sequel());
  }

  private static boolean asks(Run ended) {
    boolean wanted =
        ended
            .stop()
            .map(StopOrder::why)
            .filter(why -> why != Outcome.Kind.GROUP_FAILED)
            .isPresent();
    return !wanted
        && ended.grant().isPresent()
        && cause(ended)
            .filter(cause ->
                ended.spec().restart().filter(rule -> rule.on().contains(cause)).isPresent())
            .isPresent();
  }

  private static Optional<Cause> cause(Run ended) {
    return ended.outcome().map(Outcome::kind).flatMap(Cause::of);
  }

  /** The healthy nodes on which the program itself failed, in this run and those before it. */
  private static Set<String> failedOn(Run ended, Map<RunId, Run> book) {
    Set<String> nodes = new HashSet<>();
    List<Run> all = new ArrayList<>(before(ended, book));
    all.add(ended);
    for (Run run : all) {
      if (cause(run).filter(Cause.FAILURE::equals).isPresent()) {
        first(run).map(Member::node).ifPresent(nodes::add);
      }
    }
    return nodes;
  }

  /** The first by its rank that ended as the run did, but where a gang did not come together. */
  private static Optional<Member> first(Run ended) {
    return ended.members().stream()
        .filter(member -> member.outcome().equals(ended.outcome()))
        .findFirst()
        .filter(member ->
            member.outcome().filter(how -> how.kind() == Outcome.Kind.GROUP_FAILED).isEmpty());
  }

  /** Whether a run may have a share of these devices on this node now. */
  static boolean mayUse(
      Run run, String node, List<String> devices, Map<RunId, Run> book, Instant now) {
    for (Run failed : before(run, book)) {
      boolean stands = failed.ended().filter(at -> now.isBefore(at.plus(AVOIDED))).isPresent();
      Optional<Member> there = first(failed).filter(member -> stands && member.node().equals(node));
      if (there.isPresent()
          && (cause(failed).filter(Cause.DEVICE_FAULT::equals).isEmpty()
              || there.get().devices().uuids().stream().anyMatch(devices::contains))) {
        return false;
      }
    }
    return true;
  }
}
