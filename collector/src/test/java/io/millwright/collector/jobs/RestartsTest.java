package io.millwright.collector.jobs;

import static io.millwright.collector.jobs.Jobs.accepted;
import static io.millwright.collector.jobs.Jobs.ended;
import static io.millwright.collector.jobs.Jobs.granted;
import static io.millwright.collector.jobs.Jobs.share;
import static io.millwright.collector.jobs.Jobs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Planner;
import io.millwright.collector.placement.Presence;
import io.millwright.collector.placement.Share;
import io.millwright.collector.placement.Topology;
import io.millwright.collector.placement.Traits;
import io.millwright.collector.store.MemoryStore;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.MigProfile;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RestartRule;
import io.millwright.protocol.vocabulary.job.RestartRule.Cause;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A run that failed is followed by another one, as its job asks. */
class RestartsTest {
  private static final Clock CLOCK = Jobs.StillClock.NOON;
  private static final Outcome FAULT = new Outcome(Outcome.Kind.DEVICE_FAULT, "xid 79");

  private final MemoryStore.Disk disk = new MemoryStore.Disk();
  private JobBook book = JobBook.open(MemoryStore.open(disk), CLOCK);
  private int sequence;

  private static RunId run(int number) {
    return new RunId("a", number);
  }

  private void submit(int nodes, int most, Cause... on) {
    JobSpec asked =
        spec("a", 1, nodes).with(new RestartRule(Set.copyOf(Arrays.asList(on)), most, 1_000));
    accepted(book.submit(asked));
  }

  private void ends(int number, String node, Outcome outcome) {
    book.report(node, "j-" + node, List.of(ended(++sequence, run(number), outcome)));
  }

  private Run placed(int number, Share... shares) {
    return granted(book.place(run(number), List.of(shares)));
  }

  private Run there(int number) {
    return book.run(run(number)).orElseThrow();
  }

  private Retry retry(int number) {
    return there(number).retry().orElseThrow();
  }

  private void reopen() {
    List<Run> before = book.runs();
    book = JobBook.open(MemoryStore.open(disk), CLOCK);
    assertThat(book.runs()).isEqualTo(before);
  }

  private static Optional<Sequel> none(String why) {
    return Optional.of(new Sequel.None(why));
  }

  @Test
  void aFaultOfADeviceQueuesTheNextRunWithTheEndAndAvoidsTheDevice() {
    submit(1, 3, Cause.DEVICE_FAULT);
    placed(1, share("n", 4));
    ends(1, "n", FAULT);
    assertThat(there(1).sequel()).hasValue(new Sequel.Next(run(2)));
    assertThat(there(2).state()).isEqualTo(JobState.QUEUED);
    assertThat(there(2).restart()).hasValue("restart 1 of 3 after a-r1");
    assertThat(retry(2))
        .isEqualTo(
            new Retry(
                run(1),
                1,
                CLOCK.wall().plusMillis(1_000),
                List.of(
                    new Retry.Avoided(
                        "n", List.of("GPU-4"), CLOCK.wall().plus(Duration.ofMinutes(10)))),
                List.of()));
    assertThat(there(2).spec()).isEqualTo(there(1).spec());
    reopen();
  }

  @Test
  void eachRestartWaitsTwiceAsLongAndTheLastOneSaysSo() {
    submit(1, 2, Cause.NODE_LOST);
    for (int number = 1; number <= 3; number++) {
      placed(number, share("n" + number, 0));
      ends(number, "n" + number, Outcome.of(Outcome.Kind.NODE_REBOOTED));
    }
    assertThat(retry(2).notBefore()).isEqualTo(CLOCK.wall().plusMillis(1_000));
    assertThat(retry(3).notBefore()).isEqualTo(CLOCK.wall().plusMillis(2_000));
    assertThat(retry(3).avoided()).extracting(Retry.Avoided::node).containsExactly("n1", "n2");
    assertThat(retry(3).avoided()).allSatisfy(one -> assertThat(one.devices()).isEmpty());
    assertThat(there(3).sequel())
        .isEqualTo(none("it was begun again as often as its restart.max of 2 allows"));
    assertThat(book.run(run(4))).isEmpty();
    reopen();
  }

  @Test
  void aProgramThatFailsOnThreeHealthyNodesIsAtFaultItself() {
    submit(1, 10, Cause.FAILURE, Cause.DEVICE_FAULT);
    List<String> nodes = List.of("n1", "n2", "n1", "n9", "n3");
    for (int number = 1; number <= nodes.size(); number++) {
      String node = nodes.get(number - 1);
      placed(number, share(node, 0));
      ends(number, node, number == 4 ? FAULT : Outcome.exit(7));
    }
    assertThat(there(4).sequel())
        .as("a node whose device failed counts for nothing")
        .hasValue(new Sequel.Next(run(5)));
    assertThat(there(5).sequel())
        .isEqualTo(none("it failed on 3 healthy nodes, n1, n2, n3: the fault is its own"));
    assertThat(book.run(run(6))).isEmpty();
  }

  @Test
  void whatEndsWellOrBySomebodysWillIsOver() {
    submit(1, 3, Cause.values());
    placed(1, share("n", 0));
    ends(1, "n", Outcome.exit(0));
    assertThat(there(1).sequel()).isEmpty();
    submit(1, 3, Cause.values());
    placed(2, share("n", 0));
    book.cancel(run(2), "anna");
    ends(2, "n", Outcome.signal(15));
    assertThat(there(2).sequel()).as("cancelled, whatever its end says").isEmpty();
    submit(1, 3, Cause.values());
    book.cancel(run(3), "anna");
    assertThat(there(3).sequel()).as("cancelled in the queue").isEmpty();
    submit(1, 3, Cause.values());
    placed(4, share("n", 0));
    ends(4, "n", Outcome.of(Outcome.Kind.TIME_LIMIT));
    assertThat(there(4).sequel()).isEmpty();
    assertThat(book.run(run(5))).isEmpty();
  }

  @Test
  void aCauseThatTheJobDoesNotNameIsSaid() {
    submit(1, 3, Cause.NODE_LOST);
    placed(1, share("n", 0));
    ends(1, "n", Outcome.exit(7));
    assertThat(there(1).sequel()).isEqualTo(none("its restart.on does not name failure"));
    assertThat(book.run(run(2))).isEmpty();
  }

  /** The other programs of a gang often see first that one does not answer. */
  @Test
  void aDeviceFaultExplainsTheExitsOfOtherMembers() {
    submit(2, 3, Cause.DEVICE_FAULT);
    placed(1, share("n", 0), share("m", 1));
    ends(1, "n", Outcome.exit(1));
    ends(1, "m", FAULT);
    assertThat(there(1).outcome()).hasValue(FAULT);
    assertThat(retry(2).avoided()).extracting(Retry.Avoided::node).containsExactly("m");
  }

  @Test
  void aPersonsCancelOutlivesTheStopOfAGangThatIsNotWhole() {
    submit(2, 3, Cause.values());
    placed(1, share("n", 0), share("m", 1));
    ends(1, "n", Outcome.exit(1));
    StopOrder own = there(1).stop().orElseThrow();
    assertThat(own.why()).isEqualTo(Outcome.Kind.GROUP_FAILED);
    long told = book.generation("m");
    book.cancel(run(1), "anna");
    assertThat(book.generation("m")).as("it is told the new reason").isGreaterThan(told);
    assertThat(there(1).stop())
        .hasValue(new StopOrder(own.generation(), Outcome.Kind.STOPPED_BY_REQUEST, "anna"));
    ends(1, "m", Outcome.of(Outcome.Kind.GROUP_FAILED));
    assertThat(there(1).sequel()).isEmpty();
    assertThat(book.run(run(2))).isEmpty();
  }

  /** Of a store that was restored: the nodes are ahead of it. */
  @Test
  void aRunThatNodesKnowALaterOneOfIsNotBegunAgain() {
    submit(1, 3, Cause.DEVICE_FAULT);
    placed(1, share("n", 0));
    book.seen(List.of(run(2)));
    ends(1, "n", FAULT);
    assertThat(there(1).sequel()).isEqualTo(none("nodes know a later run of it"));
    assertThat(book.latest("a").map(Run::id)).hasValue(run(1));
  }

  @Test
  void whatARecoveryGivesUpInTheQueueMayRunAndIsNotBegunAgain() {
    submit(1, 3, Cause.values());
    book.reconcile(
        Map.of(
            "n",
            Map.of(run(1), new Remembered(JobState.RUNNING, Optional.empty(), List.of("GPU-0")))),
        Set.of(),
        0);
    assertThat(there(1).outcome()).hasValue(Outcome.of(Outcome.Kind.UNTRACKED));
    assertThat(there(1).sequel()).isEmpty();
  }

  @Test
  void aJobOverSeveralNodesIsBegunAgainAsAWholeOnceAllOfItHasEnded() {
    submit(2, 3, Cause.DEVICE_FAULT);
    placed(1, share("n", 0), share("m", 1));
    ends(1, "m", FAULT);
    assertThat(book.run(run(2))).as("the other member still ends").isEmpty();
    ends(1, "n", Outcome.of(Outcome.Kind.GROUP_FAILED));
    assertThat(retry(2).avoided())
        .containsExactly(
            new Retry.Avoided("m", List.of("GPU-1"), CLOCK.wall().plus(Duration.ofMinutes(10))));
    assertThat(there(2).spec().nodes()).isEqualTo(2);
    reopen();
  }

  @Test
  void aGangThatCameNotTogetherIsBegunAgainAndTheHalfThatARecoveryFoundIsNot() {
    Outcome failed = Outcome.of(Outcome.Kind.GROUP_FAILED);
    submit(2, 4, Cause.values());
    granted(book.place(run(1), List.of(share("n", 0), share("m", 1)), Grant.Go.AWAITED, Set.of()));
    book.stop(run(1), Outcome.Kind.GROUP_FAILED, "gang");
    ends(1, "n", failed);
    ends(1, "m", failed);
    assertThat(there(1).sequel()).hasValue(new Sequel.Next(run(2)));
    placed(2, share("n", 0), share("m", 1));
    ends(2, "m", failed); // its go did not reach it
    ends(2, "n", failed);
    assertThat(there(2).sequel()).hasValue(new Sequel.Next(run(3)));
    placed(3, share("n", 0), share("m", 1));
    book.stop(run(3), Outcome.Kind.GROUP_FAILED, "recovery");
    ends(3, "n", failed);
    ends(3, "m", failed);
    assertThat(there(3).outcome()).hasValue(failed);
    assertThat(there(3).sequel()).isEmpty();
    assertThat(book.run(run(4))).isEmpty();
  }

  /** As the nodes tell a restored store of it, in the order of their ranks. */
  @Test
  void aGangOfWhichAProgramFailedWasWholeWhereAnotherStoreMayKnowMore() {
    Outcome failed = Outcome.of(Outcome.Kind.GROUP_FAILED);
    submit(2, 4, Cause.REFUSED);
    granted(book.place(run(1), List.of(share("n", 0), share("m", 1)), Grant.Go.AWAITED, Set.of()));
    book.stop(run(1), Outcome.Kind.GROUP_FAILED, "gang");
    ends(1, "n", failed);
    ends(1, "m", Outcome.of(Outcome.Kind.NODE_REBOOTED));
    assertThat(there(1).sequel()).as("it never came").hasValue(new Sequel.Next(run(2)));
    granted(book.place(run(2), List.of(share("n", 0), share("m", 1)), Grant.Go.ADOPTED, Set.of()));
    ends(2, "n", failed);
    ends(2, "m", Outcome.exit(7));
    assertThat(there(2).outcome()).hasValue(failed);
    assertThat(there(2).sequel()).isEmpty();
  }

  /** A collector that was killed between its two goes: what the one came to alone says nothing. */
  @Test
  void aGangOfWhichOneBeganAloneIsBegunAgainHoweverThatEnded() {
    submit(2, 4, Cause.REFUSED);
    placed(1, share("n", 0), share("m", 1));
    ends(1, "n", Outcome.of(Outcome.Kind.GROUP_FAILED));
    ends(1, "m", Outcome.exit(7));
    assertThat(there(1).sequel()).hasValue(new Sequel.Next(run(2)));
    assertThat(retry(2).avoided()).as("nobody's fault").isEmpty();
    assertThat(retry(2).failedOn()).isEmpty();
  }

  /** A node that lost sight of a run may still have its processes. */
  @Test
  void whatMayStillRunIsToldUntilItsNodeKnowsItsEnd() {
    submit(1, 3, Cause.NODE_LOST);
    placed(1, share("n", 0));
    book.meet("n", "first", 1);
    book.meet("n", "second", 1);
    assertThat(there(1).outcome()).hasValue(Outcome.of(Outcome.Kind.UNTRACKED));
    assertThat(retry(2).after()).isEqualTo(run(1));
    assertThat(book.untold(run(1), "n")).isTrue();
    book.applied("n", book.generation("n"));
    assertThat(book.untold(run(1), "n")).isFalse();
  }

  /**
   * The stop that a node has taken is told once more, or nothing would say that it knows the end.
   */
  @Test
  void theEndOfAMemberWhoseStopItsNodeHasIsToldToo() {
    submit(2, 3, Cause.REFUSED);
    placed(1, share("n", 0), share("m", 1));
    ends(1, "n", new Outcome(Outcome.Kind.START_FAILED, "no program"));
    book.applied("m", book.generation("m"));
    long stopped = book.generation("m");
    book.declare(run(1), "m", Outcome.of(Outcome.Kind.GROUP_FAILED));
    assertThat(there(2).state()).isEqualTo(JobState.QUEUED);
    assertThat(book.untold(run(1), "m")).isTrue();
    assertThat(book.generation("m")).isGreaterThan(stopped);
    book.applied("m", book.generation("m"));
    assertThat(book.untold(run(1), "m")).isFalse();
  }

  @Test
  void aNodeThatWasDeclaredLostIsNotWaitedFor() {
    submit(1, 3, Cause.NODE_LOST);
    placed(1, share("n", 0));
    book.declareEnded("n", Outcome.Kind.NODE_LOST);
    assertThat(there(2).state()).isEqualTo(JobState.QUEUED);
    assertThat(book.desired("n").stops()).as("it is told all the same").hasSize(1);
  }

  /** A transaction takes 128 changes. */
  @Test
  void aNodeWithManyRunsIsDeclaredLostAtOnce() {
    for (int i = 0; i < 200; i++) {
      JobSpec asked = spec("j" + i, 1, 1).with(new RestartRule(EnumSet.of(Cause.NODE_LOST), 1, 0));
      RunId id = accepted(book.submit(asked)).id();
      granted(book.place(id, List.of(share("n", i))));
    }
    assertThat(book.declareEnded("n", Outcome.Kind.NODE_LOST)).hasSize(200);
    assertThat(book.queued()).hasSize(200);
    reopen();
  }

  @Test
  void whatIsAvoidedIsSaidUntilItsTimeIsOver() {
    Instant until = CLOCK.wall().plusSeconds(60);
    Retry retry =
        new Retry(
            run(1),
            1,
            CLOCK.wall(),
            List.of(
                new Retry.Avoided("n", List.of("GPU-0"), until),
                new Retry.Avoided("m", List.of(), until)),
            List.of());
    List<NodeView> fleet = List.of(node("m", 1), node("n", 2), node("o", 1));
    Planner planner = Planner.standard();
    JobSpec two = spec("a", 2, 1);
    Placement none = planner.plan(retry.offered(fleet, CLOCK.wall()), Set.of(), two);
    assertThat(((Placement.Unplaced) none).refusals())
        .extracting(refusal -> refusal.node() + ": " + refusal.reason())
        .containsExactly(
            "m: avoided until 2026-01-02T12:01:00Z: a-r1 failed there",
            "n: 2 accelerators, 1 free, 2 wanted; 0 is unfit (avoided until 2026-01-02T12:01:00Z:"
                + " a-r1 failed on it)",
            "o: 1 accelerator, 1 free, 2 wanted");
    assertThat(planner.plan(retry.offered(fleet, until), Set.of(), two))
        .isInstanceOf(Placement.Placed.class);
  }

  private static NodeView node(String name, int devices) {
    return new NodeView(
        name,
        new Presence.Connected(),
        new Duty.InService(),
        IntStream.range(0, devices)
            .mapToObj(i -> new DeviceView("GPU-" + i, i, DeviceKind.GPU, new Condition.Fit()))
            .toList(),
        Topology.FLAT);
  }

  @Test
  void aNodeIsNotToldOfRestarts() {
    submit(1, 3, Cause.NODE_LOST);
    placed(1, share("n", 0));
    assertThat(book.desired("n").assignments().getFirst().spec()).isEqualTo(spec("a", 1, 1));
  }

  @Test
  void withAnInstanceItsGpuIsAvoided() {
    Instant until = CLOCK.wall().plusSeconds(60);
    Retry.Avoided avoided = new Retry.Avoided("n", List.of("MIG-0a"), until);
    Retry retry = new Retry(run(1), 1, CLOCK.wall(), List.of(avoided), List.of());
    NodeView divided =
        node("n", 0)
            .with(List.of(instance(0, "MIG-0a"), instance(0, "MIG-0b"), instance(1, "MIG-1a")));
    assertThat(retry.offered(List.of(divided), CLOCK.wall()).getFirst().devices())
        .filteredOn(DeviceView::fit)
        .extracting(DeviceView::uuid)
        .containsExactly("MIG-1a");
  }

  private static DeviceView instance(int gpu, String uuid) {
    return new DeviceView(
        uuid,
        gpu,
        DeviceKind.GPU,
        new Condition.Fit(),
        Traits.UNTOLD,
        MigProfile.ofText("1g.23gb"));
  }
}
