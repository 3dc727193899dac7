package io.millwright.collector.rest;

import io.millwright.collector.control.JobsState;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.jobs.Sequel;
import io.millwright.collector.placement.Explanation;
import io.millwright.collector.placement.Placement;
import io.millwright.protocol.views.JobView;
import io.millwright.protocol.views.PlacementView;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Runs and placements as REST shows them. */
final class JobViews {
  private static final int SCHEMA = 1;

  private JobViews() {}

  static JobView of(Run run, JobsState jobs) {
    return of(run, jobs, run.spec().argv());
  }

  /** With the program alone: a thousand jobs of long arguments would be a long list. */
  static JobView listed(Run run, JobsState jobs) {
    return of(run, jobs, run.spec().argv().subList(0, 1));
  }

  private static JobView of(Run run, JobsState jobs, List<String> argv) {
    Optional<Usage> used =
        run.ended().isPresent() && run.grant().isPresent()
            ? Optional.of(run.usage())
            : Optional.empty();
    return new JobView(
        SCHEMA,
        run.id().job(),
        run.id().run(),
        run.id().text(),
        run.state().word(),
        run.spec().user(),
        run.spec().project(),
        run.spec().priority(),
        argv,
        run.spec().devices().kind().name().toLowerCase(Locale.ROOT),
        run.spec().devices().count(),
        run.spec().nodes(),
        run.members().stream().map(Member::node).toList(),
        run.members().stream().flatMap(m -> m.devices().uuids().stream()).toList(),
        run.submitted().toEpochMilli(),
        millis(run.started()),
        millis(run.ended()),
        run.outcome().map(Outcome::text),
        run.stop().map(stop -> stop.why().word() + " by " + stop.by()),
        run.state() == JobState.QUEUED
            ? Optional.of(jobs.waiting().getOrDefault(run.id(), "it was not looked at yet"))
            : run.awaited(),
        run.restart(),
        next(run),
        run.sequel()
            .flatMap(sequel ->
                sequel instanceof Sequel.None(String why) ? Optional.of(why) : Optional.empty()),
        used.map(u -> OptionalLong.of(u.wallMs())).orElse(OptionalLong.empty()),
        used.map(u -> OptionalDouble.of(u.deviceSeconds())).orElse(OptionalDouble.empty()),
        used.map(Usage::joules).orElse(OptionalDouble.empty()),
        used.map(Usage::energyScope).filter(scope -> !scope.isEmpty()),
        run.members().stream().map(JobViews::member).toList());
  }

  private static OptionalInt next(Run run) {
    return run.sequel().isPresent() && run.sequel().get() instanceof Sequel.Next(RunId next)
        ? OptionalInt.of(next.run())
        : OptionalInt.empty();
  }

  private static OptionalLong millis(Optional<Instant> at) {
    return at.map(instant -> OptionalLong.of(instant.toEpochMilli())).orElse(OptionalLong.empty());
  }

  private static JobView.Member member(Member member) {
    boolean ended = !member.open();
    return new JobView.Member(
        member.node(),
        member.state().word(),
        member.devices().uuids(),
        member.outcome().map(Outcome::text),
        ended ? OptionalLong.of(member.usage().wallMs()) : OptionalLong.empty(),
        ended ? member.usage().joules() : OptionalDouble.empty(),
        Optional.of(member.detail()).filter(detail -> !detail.isEmpty()),
        checks(member));
  }

  private static Optional<List<JobView.Check>> checks(Member member) {
    List<JobView.Check> checks =
        member.checks().stream()
            .map(one ->
                new JobView.Check(
                    one.moment().word(), one.check(), one.result().word(), one.found()))
            .toList();
    return checks.isEmpty() ? Optional.empty() : Optional.of(checks);
  }

  static PlacementView of(Explanation explanation) {
    List<PlacementView.Refusal> others =
        explanation.others().stream()
            .map(r -> new PlacementView.Refusal(r.node(), r.reason()))
            .toList();
    return switch (explanation.placement()) {
      case Placement.Placed(var shares) ->
          new PlacementView(
              SCHEMA,
              true,
              "It would run on "
                  + String.join(", ", shares.stream().map(share -> share.node()).toList())
                  + ".",
              shares.stream()
                  .map(share ->
                      new PlacementView.Share(
                          share.node(),
                          share.devices().uuids(),
                          share.marks().stream()
                              .map(m -> new PlacementView.Mark(m.term(), m.weight(), m.value()))
                              .toList()))
                  .toList(),
              others);
      case Placement.Unplaced(String summary, var refusals, int more) ->
          new PlacementView(SCHEMA, false, summary, List.of(), others);
    };
  }
}
