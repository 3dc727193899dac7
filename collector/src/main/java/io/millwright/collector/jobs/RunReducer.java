package io.millwright.collector.jobs;

import io.millwright.collector.jobs.Signal.Begun;
import io.millwright.collector.jobs.Signal.Declared;
import io.millwright.collector.jobs.Signal.GivenUp;
import io.millwright.collector.jobs.Signal.Go;
import io.millwright.collector.jobs.Signal.Granted;
import io.millwright.collector.jobs.Signal.Moment;
import io.millwright.collector.jobs.Signal.Reported;
import io.millwright.collector.jobs.Signal.StopNoted;
import io.millwright.collector.jobs.Signal.StopWanted;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run and what happens to it give the run as it is then. Pure.
 *
 * <p>What came late or twice changes nothing: the very same run is returned. A member only goes
 * forward; but a stuck one may go back to cleaning, and one whose start had not begun anything to
 * accepted. An ended run never changes.
 */
final class RunReducer {
  private RunReducer() {}

  static Run apply(Run run, Signal signal, Moment moment) {
    if (run.ended().isPresent()) {
      return run;
    }
    return switch (signal) {
      case Granted granted -> granted(run, granted, moment);
      case Go() -> run.awaitsGo() && run.unready() == 0 ? begun(run) : run;
      case Begun() -> run.awaitsGo() ? begun(run) : run;
      case StopWanted wanted -> stopped(run, wanted, moment);
      case StopNoted(Outcome.Kind why, String by) ->
          decided(run, why) ? run : withStop(run, why, by, moment);
      case GivenUp(Outcome.Kind why) ->
          run.grant().isPresent()
              ? run
              : endedInQueue(run, run.stop().map(StopOrder::why).orElse(why), moment);
      case Reported reported ->
          run.member(reported.node())
              .filter(member -> goesOn(member.state(), reported.state()))
              .map(member -> with(told(run, reported, moment), reported(member, reported), moment))
              .orElse(run);
      case Declared declared ->
          run.member(declared.node())
              .filter(Member::open)
              .map(member -> with(run, declared(member, declared, moment), moment))
              .orElse(run);
    };
  }

  private static Run granted(Run run, Granted granted, Moment moment) {
    if (run.grant().isPresent()) {
      return run;
    }
    List<Member> members =
        granted.shares().stream().map(s -> Member.placed(s.node(), s.devices())).toList();
    return new Run(
        run.id(),
        run.spec(),
        run.ticket(),
        run.submitted(),
        Optional.of(
            new Grant(
                granted.term(),
                moment.generation(),
                granted.rendezvous(),
                granted.go(),
                granted.channel())),
        members,
        run.stop(),
        run.started(),
        run.failure(),
        run.ended(),
        run.retry(),
        run.sequel());
  }

  /** What is given is never taken back. */
  private static Run begun(Run run) {
    return new Run(
        run.id(),
        run.spec(),
        run.ticket(),
        run.submitted(),
        run.grant().map(grant -> grant.with(Grant.Go.NOT_NEEDED)),
        run.members(),
        run.stop(),
        run.started(),
        run.failure(),
        run.ended(),
        run.retry(),
        run.sequel());
  }

  private static Run stopped(Run run, StopWanted wanted, Moment moment) {
    if (decided(run, wanted.why())) {
      return run;
    }
    Run stopped = withStop(run, wanted.why(), wanted.by(), moment);
    return run.grant().isPresent() ? stopped : endedInQueue(stopped, wanted.why(), moment);
  }

  /** The first word counts; but somebody's will counts more than that a gang is no longer whole. */
  private static boolean decided(Run run, Outcome.Kind why) {
    return run.stop()
        .filter(
            before -> before.why() != Outcome.Kind.GROUP_FAILED || why == Outcome.Kind.GROUP_FAILED)
        .isPresent();
  }

  private static Run withStop(Run run, Outcome.Kind why, String by, Moment moment) {
    return new Run(
        run.id(),
        run.spec(),
        run.ticket(),
        run.submitted(),
        run.grant(),
        run.members(),
        Optional.of(
            new StopOrder(
                run.stop().map(StopOrder::generation).orElse(moment.generation()), why, by)),
        run.started(),
        run.failure(),
        run.ended(),
        run.retry(),
        run.sequel());
  }

  private static Run endedInQueue(Run run, Outcome.Kind why, Moment moment) {
    return new Run(
        run.id(),
        run.spec(),
        run.ticket(),
        run.submitted(),
        run.grant(),
        run.members(),
        run.stop(),
        run.started(),
        Optional.of(Outcome.of(why)),
        Optional.of(moment.at()),
        run.retry(),
        run.sequel());
  }

  /**
   * Whether a member goes from one state to the other. What had not begun when its agent started
   * again is accepted once more.
   */
  static boolean goesOn(JobState from, JobState to) {
    return switch (from) {
      case STUCK -> to == JobState.CLEANING || to == JobState.ENDED;
      case PREPARING, STARTING -> to == JobState.ACCEPTED || to.compareTo(from) > 0;
      default -> to.compareTo(from) > 0;
    };
  }

  private static Member reported(Member member, Reported reported) {
    return new Member(
        member.node(),
        member.devices(),
        reported.state(),
        reported.outcome(),
        reported.usage(),
        reported.detail(),
        member.declared(),
        reported.checks());
  }

  private static Member declared(Member member, Declared declared, Moment moment) {
    return new Member(
        member.node(),
        member.devices(),
        JobState.ENDED,
        Optional.of(declared.outcome()),
        member.usage(),
        "",
        OptionalLong.of(moment.generation()),
        member.checks());
  }

  /**
   * Who has begun may have had its go from a store that was newer than this one: so have the others
   * then. Where this store placed the run, it alone knows of a go, and no node's word gives one.
   */
  private static Run told(Run run, Reported reported, Moment moment) {
    boolean older = run.grant().filter(grant -> grant.isOlder(moment.store())).isPresent();
    return older && beganUnasked(run, reported.state()) ? begun(run) : run;
  }

  /** Whether a member says that it has begun of a run that has no go here. */
  static boolean beganUnasked(Run run, JobState reported) {
    return run.awaitsGo()
        && reported.compareTo(JobState.STARTING) >= 0
        && reported != JobState.ENDED;
  }

  private static Run with(Run run, Member changed, Moment moment) {
    List<Member> members =
        run.members().stream()
            .map(member -> member.node().equals(changed.node()) ? changed : member)
            .toList();
    boolean over = members.stream().noneMatch(Member::open);
    Run next =
        new Run(
            run.id(),
            run.spec(),
            run.ticket(),
            run.submitted(),
            run.grant(),
            members,
            run.stop(),
            run.started(),
            explained(run.failure(), failure(changed)),
            over ? Optional.of(moment.at()) : Optional.empty(),
            run.retry(),
            run.sequel());
    return stoppedIfOneFailed(started(next, moment), moment);
  }

  /** The first failure counts; but that a device failed explains what programs made of it. */
  private static Optional<Outcome> explained(Optional<Outcome> first, Optional<Outcome> later) {
    return later
        .filter(how -> how.kind() == Outcome.Kind.DEVICE_FAULT)
        .filter(how ->
            first
                .map(Outcome::kind)
                .filter(kind -> kind == Outcome.Kind.EXIT || kind == Outcome.Kind.SIGNAL)
                .isPresent())
        .or(() -> first)
        .or(() -> later);
  }

  private static Optional<Outcome> failure(Member member) {
    return member.outcome().filter(outcome -> outcome.kind() != Outcome.Kind.COMPLETED);
  }

  private static Run started(Run run, Moment moment) {
    if (run.started().isPresent() || run.state() != JobState.RUNNING) {
      return run;
    }
    return new Run(
        run.id(),
        run.spec(),
        run.ticket(),
        run.submitted(),
        run.grant(),
        run.members(),
        run.stop(),
        Optional.of(moment.at()),
        run.failure(),
        run.ended(),
        run.retry(),
        run.sequel());
  }

  /** One member that failed stops the others: half a gang holds its devices for nothing. */
  private static Run stoppedIfOneFailed(Run run, Moment moment) {
    boolean goesOn = run.ended().isEmpty() && run.stop().isEmpty();
    return goesOn && run.failure().isPresent()
        ? withStop(run, Outcome.Kind.GROUP_FAILED, "group", moment)
        : run;
  }
}
