package io.millwright.collector.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.jobs.Signal.Declared;
import io.millwright.collector.jobs.Signal.Granted;
import io.millwright.collector.jobs.Signal.Moment;
import io.millwright.collector.jobs.Signal.Reported;
import io.millwright.collector.jobs.Signal.StopWanted;
import io.millwright.collector.placement.Share;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Term;
import io.millwright.protocol.vocabulary.job.Usage;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of what can happen to a run. */
class RunReducerTest {
  private static final Instant NOON = Jobs.StillClock.NOON.wall();
  private static final Term TERM = new Term(1, 2, 3);

  private static Run queued(int nodes) {
    return Run.queued(new RunId("a", 1), Jobs.spec("a", 1, nodes), 1, NOON);
  }

  private static Run placed(String... nodes) {
    List<Share> shares = Arrays.stream(nodes).map(node -> Jobs.share(node, 0)).toList();
    return apply(
        queued(nodes.length),
        new Granted(TERM, shares, Optional.empty(), Grant.Go.NOT_NEEDED, Optional.empty()));
  }

  private static Run held(String... nodes) {
    List<Share> shares = Arrays.stream(nodes).map(node -> Jobs.share(node, 0)).toList();
    return apply(
        queued(nodes.length),
        new Granted(TERM, shares, Optional.empty(), Grant.Go.AWAITED, Optional.empty()));
  }

  private static Run apply(Run run, Signal signal) {
    return RunReducer.apply(run, signal, new Moment(NOON, 9, TERM.generation()));
  }

  /** In a store that was restored once since the runs here were placed. */
  private static Run restored(Run run, Signal signal) {
    return RunReducer.apply(run, signal, new Moment(NOON, 9, TERM.generation() + 1));
  }

  private static Reported reported(String node, JobState state) {
    Optional<Outcome> outcome =
        state == JobState.ENDED ? Optional.of(Outcome.exit(0)) : Optional.empty();
    return new Reported(node, state, outcome, Usage.NONE, "", List.of());
  }

  private static Run report(Run run, String node, JobState state) {
    return apply(run, reported(node, state));
  }

  private static Run end(Run run, String node, Outcome outcome) {
    return apply(
        run, new Reported(node, JobState.ENDED, Optional.of(outcome), Jobs.USED, "", List.of()));
  }

  private static String stored(Run run) {
    return RunJson.of(run.grant().orElseThrow(), run.members());
  }

  private static JobState state(String word) {
    return JobState.ofWord(word).orElseThrow();
  }

  /** One line a state of the book: where a report of each state leads, "." for nowhere. */
  @ParameterizedTest
  @CsvSource({
    // from      accepted  preparing  ready  starting  running  stopping  cleaning  stuck  ended
    "placed,    accepted, preparing, ready, starting, running, stopping, cleaning, stuck, ended",
    "accepted,  .,        preparing, ready, starting, running, stopping, cleaning, stuck, ended",
    "preparing, accepted, .,         ready, starting, running, stopping, cleaning, stuck, ended",
    "ready,     .,        .,         .,     starting, running, stopping, cleaning, stuck, ended",
    "starting,  accepted, .,         .,     .,        running, stopping, cleaning, stuck, ended",
    "running,   .,        .,         .,     .,        .,       stopping, cleaning, stuck, ended",
    "stopping,  .,        .,         .,     .,        .,       .,        cleaning, stuck, ended",
    "cleaning,  .,        .,         .,     .,        .,       .,        .,        stuck, ended",
    "stuck,     .,        .,         .,     .,        .,       .,        cleaning, .,     ended",
    "ended,     .,        .,         .,     .,        .,       .,        .,        .,     .",
  })
  void aReportLeadsOn(
      String from,
      String accepted,
      String preparing,
      String ready,
      String starting,
      String running,
      String stopping,
      String cleaning,
      String stuck,
      String ended) {
    Run run = from.equals("placed") ? placed("n") : report(placed("n"), "n", state(from));
    assertThat(run.state().word()).isEqualTo(from);
    List<String> to =
        List.of(accepted, preparing, ready, starting, running, stopping, cleaning, stuck, ended);
    Iterator<String> expected = to.iterator();
    for (JobState reported : EnumSet.range(JobState.ACCEPTED, JobState.ENDED)) {
      Run next = report(run, "n", reported);
      String word = expected.next();
      if (word.equals(".")) {
        assertThat(next).as("%s reported after %s", reported, from).isSameAs(run);
      } else {
        assertThat(next.state().word()).as("%s after %s", reported, from).isEqualTo(word);
      }
    }
    assertThat(expected).isExhausted();
  }

  @Test
  void aQueuedRunIsGrantedOnce() {
    Run run = placed("n");
    assertThat(run.state()).isEqualTo(JobState.PLACED);
    assertThat(run.grant()).hasValue(new Grant(TERM, 9));
    assertThat(
            apply(
                run,
                new Granted(
                    TERM,
                    List.of(Jobs.share("m", 1)),
                    Optional.empty(),
                    Grant.Go.NOT_NEEDED,
                    Optional.empty())))
        .isSameAs(run);
  }

  @Test
  void aQueuedRunThatIsStoppedHasEnded() {
    Run run = apply(queued(1), new StopWanted(Outcome.Kind.STOPPED_BY_REQUEST, "bob"));
    assertThat(run.state()).isEqualTo(JobState.ENDED);
    assertThat(run.outcome()).hasValue(Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST));
    assertThat(run.ended()).hasValue(NOON);
    assertThat(
            apply(
                run,
                new Granted(
                    TERM,
                    List.of(Jobs.share("n", 0)),
                    Optional.empty(),
                    Grant.Go.NOT_NEEDED,
                    Optional.empty())))
        .as("a place that was found too late")
        .isSameAs(run);
  }

  @Test
  void aStoppedRunIsStoppingUntilItsNodeSaysMore() {
    Run run = report(placed("n"), "n", JobState.RUNNING);
    Run stopped = apply(run, new StopWanted(Outcome.Kind.PREEMPTED, "control"));
    assertThat(stopped.state()).isEqualTo(JobState.STOPPING);
    assertThat(stopped.stop()).hasValue(new StopOrder(9, Outcome.Kind.PREEMPTED, "control"));
    assertThat(apply(stopped, new StopWanted(Outcome.Kind.STOPPED_BY_REQUEST, "bob")))
        .isSameAs(stopped);
    assertThat(report(stopped, "n", JobState.CLEANING).state()).isEqualTo(JobState.CLEANING);
    assertThat(end(stopped, "n", Outcome.of(Outcome.Kind.PREEMPTED)).outcome())
        .hasValue(Outcome.of(Outcome.Kind.PREEMPTED));
  }

  @Test
  void aReportOfLateRunningDoesNotUndoTheStop() {
    Run stopped =
        apply(
            report(placed("n"), "n", JobState.STARTING),
            new StopWanted(Outcome.Kind.STOPPED_BY_REQUEST, "bob"));
    Run late = report(stopped, "n", JobState.RUNNING);
    assertThat(late.state()).isEqualTo(JobState.STOPPING);
    assertThat(late.members().getFirst().state()).isEqualTo(JobState.RUNNING);
  }

  @Test
  void aGangRunsWhenAllOfItRuns() {
    Run run = report(placed("n", "m"), "n", JobState.RUNNING);
    assertThat(run.state()).isEqualTo(JobState.PLACED);
    assertThat(run.started()).isEmpty();
    Run all = report(run, "m", JobState.RUNNING);
    assertThat(all.state()).isEqualTo(JobState.RUNNING);
    assertThat(all.started()).hasValue(NOON);
  }

  /** One record, once all are ready; who is told later that one has begun knows that it was. */
  @Test
  void aGangGoesWhenAllOfItIsReady() {
    Run run = held("n", "m");
    assertThat(run.awaitsGo()).isTrue();
    assertThat(run.awaited()).hasValue("waiting for 2 of 2 members");
    Run one = report(run, "n", JobState.READY);
    assertThat(one.awaited()).hasValue("waiting for 1 of 2 members");
    assertThat(apply(one, new Signal.Go())).as("one is not ready").isSameAs(one);
    Run both = report(report(one, "m", JobState.PREPARING), "m", JobState.READY);
    assertThat(both.awaited())
        .hasValue("all members are ready; waiting for the sessions of their nodes");
    assertThat(both.state()).isEqualTo(JobState.READY);
    Run gone = apply(both, new Signal.Go());
    assertThat(gone.awaitsGo()).isFalse();
    assertThat(gone.awaited()).isEmpty();
    assertThat(gone.grant().orElseThrow().go()).isEqualTo(Grant.Go.NOT_NEEDED);
    assertThat(apply(gone, new Signal.Go())).as("once and for all").isSameAs(gone);
    assertThat(stored(both)).contains("\"go\":\"awaited\"");
    assertThat(stored(gone)).as("as it was before there was a go").doesNotContain("\"go\"");
    assertThat(RunJson.grant(stored(both))).isEqualTo(both.grant().orElseThrow());
    assertThat(RunJson.grant(stored(gone))).isEqualTo(gone.grant().orElseThrow());
    assertThat(RunJson.grant(stored(both).replace("awaited", "given")))
        .isEqualTo(gone.grant().orElseThrow());
  }

  @Test
  void aGangThatIsToEndNeverGoes() {
    Run ready = report(report(held("n", "m"), "n", JobState.READY), "m", JobState.READY);
    Run stopped = apply(ready, new StopWanted(Outcome.Kind.STOPPED_BY_REQUEST, "bob"));
    assertThat(apply(stopped, new Signal.Go())).isSameAs(stopped);
    Run refused = end(report(held("n", "m"), "n", JobState.READY), "m", Outcome.refused("no"));
    assertThat(refused.stop()).hasValue(new StopOrder(9, Outcome.Kind.GROUP_FAILED, "group"));
    assertThat(apply(refused, new Signal.Go())).isSameAs(refused);
  }

  /** Of a store that was restored: a newer one had given it. */
  @Test
  void whoHasBegunHadItsGo() {
    Run run = restored(held("n", "m"), reported("n", JobState.RUNNING));
    assertThat(go(run)).isEqualTo(Grant.Go.NOT_NEEDED);
    Run ready = restored(held("n", "m"), reported("n", JobState.READY));
    assertThat(go(ready)).isEqualTo(Grant.Go.AWAITED);
    Reported refused =
        new Reported(
            "m", JobState.ENDED, Optional.of(Outcome.refused("no")), Usage.NONE, "", List.of());
    assertThat(go(restored(ready, refused))).isEqualTo(Grant.Go.AWAITED);
  }

  /** One agent that lies, or that is broken, does not begin the others of its gang. */
  @Test
  void noNodesWordIsAGoWhereThisStorePlacedTheRun() {
    for (JobState state : List.of(JobState.STARTING, JobState.RUNNING, JobState.CLEANING)) {
      Run run = report(report(held("n", "m"), "m", JobState.READY), "n", state);
      assertThat(go(run)).as(state.word()).isEqualTo(Grant.Go.AWAITED);
      assertThat(run.awaitsGo()).as(state.word()).isTrue();
      assertThat(apply(run, new Signal.Go())).as(state.word()).isSameAs(run);
      assertThat(RunReducer.beganUnasked(run, state)).as("is logged: " + state.word()).isTrue();
    }
    assertThat(RunReducer.beganUnasked(held("n", "m"), JobState.READY)).isFalse();
    assertThat(RunReducer.beganUnasked(placed("n", "m"), JobState.RUNNING)).isFalse();
  }

  /** It is granted under the restored store's own term, and who began had its go before. */
  @Test
  void whoHasBegunOfAnAdoptedRunHadItsGo() {
    List<Share> shares = List.of(Jobs.share("m", 0), Jobs.share("n", 0));
    Run adopted =
        apply(
            queued(2),
            new Granted(TERM, shares, Optional.empty(), Grant.Go.ADOPTED, Optional.empty()));
    assertThat(adopted.awaitsGo()).isTrue();
    assertThat(go(report(adopted, "n", JobState.READY))).isEqualTo(Grant.Go.ADOPTED);
    assertThat(go(report(adopted, "n", JobState.STARTING))).isEqualTo(Grant.Go.NOT_NEEDED);
    Run ready = report(report(adopted, "n", JobState.READY), "m", JobState.READY);
    assertThat(go(apply(ready, new Signal.Go()))).isEqualTo(Grant.Go.NOT_NEEDED);
  }

  private static Grant.Go go(Run run) {
    return run.grant().orElseThrow().go();
  }

  @Test
  void oneStuckMemberMakesAGangStuck() {
    Run run = report(report(placed("n", "m"), "n", JobState.RUNNING), "m", JobState.STUCK);
    assertThat(run.state()).isEqualTo(JobState.STUCK);
  }

  @Test
  void oneMemberThatFailsStopsTheOthersAndGivesTheOutcome() {
    Run run = end(placed("n", "m"), "n", Outcome.exit(7));
    assertThat(run.state()).isEqualTo(JobState.STOPPING);
    assertThat(run.stop()).hasValue(new StopOrder(9, Outcome.Kind.GROUP_FAILED, "group"));
    assertThat(run.outcome()).isEmpty();
    Run over = end(run, "m", Outcome.of(Outcome.Kind.GROUP_FAILED));
    assertThat(over.outcome()).hasValue(Outcome.exit(7));
    assertThat(over.ended()).hasValue(NOON);
  }

  @Test
  void aGangThatCompletesCompletesWithItsLast() {
    Run one = end(placed("n", "m"), "n", Outcome.exit(0));
    assertThat(one.stop()).isEmpty();
    assertThat(one.state()).isEqualTo(JobState.PLACED);
    assertThat(end(one, "m", Outcome.exit(0)).outcome())
        .hasValue(Outcome.of(Outcome.Kind.COMPLETED));
  }

  @Test
  void aRunOfALostNodeEndsByDeclaration() {
    Outcome lost = Outcome.of(Outcome.Kind.NODE_LOST);
    Run run = apply(report(placed("n"), "n", JobState.RUNNING), new Declared("n", lost));
    assertThat(run.outcome()).hasValue(lost);
    assertThat(run.members().getFirst().declared()).hasValue(9);
    assertThat(end(run, "n", Outcome.exit(0))).as("it came back late").isSameAs(run);
  }

  @Test
  void whatComesFromAnotherNodeChangesNothing() {
    Run run = placed("n");
    assertThat(report(run, "m", JobState.RUNNING)).isSameAs(run);
    assertThat(apply(run, new Declared("m", Outcome.of(Outcome.Kind.NODE_LOST)))).isSameAs(run);
  }

  @Test
  void theUseOfAGangIsThatOfItsMembers() {
    Run one = end(placed("n", "m"), "n", Outcome.exit(0));
    assertThat(one.usage())
        .as("one has no energy yet")
        .isEqualTo(new Usage(5_000, 10, OptionalDouble.empty(), ""));
    Run both = end(one, "m", Outcome.exit(0));
    assertThat(both.usage()).isEqualTo(new Usage(5_000, 20, OptionalDouble.of(1_400), "gpu"));
    assertThat(queued(1).usage()).isEqualTo(Usage.NONE);
  }
}
