package io.millwright.collector.jobs;

import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RestartRule;
import io.millwright.protocol.vocabulary.job.RestartRule.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a run that has just ended is followed by another one. Pure.
 *
 * <p>What a person ended is not begun again. A job whose program fails on {@value #OWN_FAULT}
 * healthy nodes is at fault itself. What failed is avoided for ten minutes: the accelerators of a
 * member that had a device fault, the node otherwise; of several members the first that ended as
 * the run did, in the order of their ranks. Of a gang that did not come together in time nothing is
 * avoided: that its members ended does not say whose fault it was.
 */
final class Restarts {
  private static final int OWN_FAULT = 3;
  static final Duration AVOIDED = Duration.ofMinutes(10);

  private Restarts() {}

  /** What follows. */
  sealed interface Decision {
    /** Nothing, and why. */
    record No(String why) implements Decision {}

    record Again(Retry retry) implements Decision {}
  }

  /**
   * Empty for a job that asks for no restarts, that ended as it or somebody wanted, that a recovery
   * gave up in the queue, or found half of and stopped after its go.
   */
  static Optional<Decision> after(Run ended, Signal.Moment moment) {
    Optional<RestartRule> rule = ended.spec().restart();
    Optional<Outcome> outcome = ended.outcome();
    Optional<Cause> cause =
        outcome
            .map(Outcome::kind)
            .filter(
                kind -> kind != Outcome.Kind.GROUP_FAILED || wasNeverWhole(ended, moment.store()))
            .flatMap(Cause::of);
    boolean wanted =
        ended
            .stop()
            .map(StopOrder::why)
            .filter(why -> why != Outcome.Kind.GROUP_FAILED)
            .isPresent();
    return wanted || ended.grant().isEmpty()
        ? Optional.empty()
        : rule.flatMap(asked -> cause.map(why -> after(ended, moment.at(), asked, why)));
  }

  /**
   * Not all were ready in time, or one that its go did not reach let itself go; what the others
   * came to alone is no reason then. A store that was restored may see the end of such a member
   * before that of the one that failed.
   */
  private static boolean wasNeverWhole(Run ended, long store) {
    boolean awaited = ended.grant().filter(grant -> grant.go().awaited()).isPresent();
    boolean half = ended.stop().filter(stop -> stop.by().equals(Reconciliation.BY)).isPresent();
    boolean older = ended.grant().filter(grant -> grant.isOlder(store)).isPresent();
    return (awaited || !half)
        && (!older || ended.members().stream().noneMatch(Restarts::endedOtherwise));
  }

  /** Its program failed, took too long, or was stopped by somebody: it had begun. */
  private static boolean endedOtherwise(Member member) {
    return member
        .outcome()
        .map(Outcome::kind)
        .filter(kind -> kind != Outcome.Kind.COMPLETED)
        .filter(kind -> Cause.of(kind).filter(cause -> cause != Cause.FAILURE).isEmpty())
        .isPresent();
  }

  private static Decision after(Run ended, Instant at, RestartRule rule, Cause cause) {
    if (!rule.on().contains(cause)) {
      return new Decision.No("its restart.on does not name " + cause.word());
    }
    List<String> failedOn = failedOn(ended, cause);
    if (failedOn.size() >= OWN_FAULT) {
      return new Decision.No(
          "it failed on %d healthy nodes, %s: the fault is its own"
              .formatted(failedOn.size(), String.join(", ", failedOn)));
    }
    int number = ended.retry().map(Retry::number).orElse(0) + 1;
    if (number > rule.most()) {
      return new Decision.No(
          "it was begun again as often as its restart.max of %d allows".formatted(rule.most()));
    }
    return new Decision.Again(
        new Retry(
            ended.id(),
            number,
            at.plusMillis(rule.backoffMs(number)),
            avoided(ended, cause, at),
            failedOn));
  }

  private static List<String> failedOn(Run ended, Cause cause) {
    Set<String> nodes = new LinkedHashSet<>();
    ended.retry().ifPresent(retry -> nodes.addAll(retry.failedOn()));
    if (cause == Cause.FAILURE) {
      failed(ended).map(Member::node).ifPresent(nodes::add);
    }
    return List.copyOf(nodes);
  }

  private static Optional<Member> failed(Run ended) {
    return ended.members().stream()
        .filter(member -> member.outcome().equals(ended.failure()))
        .findFirst();
  }

  private static boolean cameNotTogether(Member member) {
    return member.outcome().filter(how -> how.kind() == Outcome.Kind.GROUP_FAILED).isPresent();
  }

  private static List<Retry.Avoided> avoided(Run ended, Cause cause, Instant at) {
    List<Retry.Avoided> avoided = new ArrayList<>();
    ended.retry().stream()
        .flatMap(retry -> retry.avoided().stream())
        .filter(one -> at.isBefore(one.until()))
        .forEach(avoided::add);
    failed(ended)
        .filter(member -> !cameNotTogether(member))
        .map(member ->
            new Retry.Avoided(
                member.node(),
                cause == Cause.DEVICE_FAULT ? member.devices().uuids() : List.of(),
                at.plus(AVOIDED)))
        .ifPresent(avoided::add);
    return avoided;
  }
}
