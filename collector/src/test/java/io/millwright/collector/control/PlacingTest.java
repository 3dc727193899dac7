package io.millwright.collector.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.collector.jobs.Retry;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.Contact;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.Location;
import io.millwright.collector.placement.Needs;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Occupant;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Presence;
import io.millwright.collector.placement.Reservation;
import io.millwright.collector.placement.Share;
import io.millwright.collector.placement.Tenancy;
import io.millwright.collector.placement.Topology;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A queue over virtual time: who goes first, and what is kept for whom. */
class PlacingTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final long GRACE_MS = 60_000;
  private static final int MINUTE = 60_000;

  private Placing placing = new Placing(0);
  private final List<NodeView> fleet = new ArrayList<>();
  private String project = "";
  private boolean apart;
  private final List<Run> queue = new ArrayList<>();
  private final Map<RunId, Started> running = new HashMap<>();
  private final Map<RunId, Long> startedAt = new HashMap<>();
  private final Map<RunId, Long> promised = new HashMap<>();
  private final Map<RunId, String> told = new HashMap<>();
  private final Map<RunId, Long> lasts = new HashMap<>();
  private long now = NOON.toEpochMilli();
  private long book;
  private int sentences;
  private int looks;
  private Optional<String> unstored = Optional.empty();

  private record Started(Run run, List<Share> shares, long at) {
    List<String> devices(String node) {
      return shares.stream()
          .filter(share -> share.node().equals(node))
          .flatMap(share -> share.devices().uuids().stream())
          .toList();
    }
  }

  // ---- the desk

  private final Placing.Desk desk =
      new Placing.Desk() {
        @Override
        public List<NodeView> grant(Run run, Placement.Placed placed) {
          if (unstored.equals(Optional.of(run.id().job()))) {
            throw new StoreException("the disk is full");
          }
          book++;
          queue.remove(run);
          for (Share share : placed.shares()) {
            share
                .devices()
                .uuids()
                .forEach(
                    uuid -> assertThat(taken()).doesNotContain(new DeviceKey(share.node(), uuid)));
          }
          running.put(run.id(), new Started(run, placed.shares(), now));
          startedAt.put(run.id(), now);
          Set<String> nodes = new HashSet<>(placed.shares().stream().map(Share::node).toList());
          return fleet.stream().filter(node -> nodes.contains(node.name())).toList();
        }

        @Override
        public String sentence(Placement.Unplaced unplaced, Optional<Reservation> own) {
          sentences++;
          own.ifPresent(PlacingTest.this::promise);
          return unplaced.summary() + own.map(kept -> "; " + kept.sentence()).orElse("");
        }

        @Override
        public void wait(Run run, String why) {
          told.put(run.id(), why);
        }

        @Override
        public List<Occupant> occupants(String node) {
          looks++;
          return running.values().stream()
              .filter(one -> one.shares().stream().anyMatch(s -> s.node().equals(node)))
              .map(one -> {
                OptionalLong longest = Needs.of(one.run().spec()).longestMs();
                return new Occupant(
                    one.run().spec().user(),
                    Set.copyOf(one.devices(node)),
                    longest.isPresent()
                        ? OptionalLong.of(one.at() + longest.getAsLong())
                        : OptionalLong.empty());
              })
              .toList();
        }

        @Override
        public Map<String, Map<String, Integer>> projects() {
          Map<String, Map<String, Integer>> projects = new HashMap<>();
          for (Started one : running.values()) {
            Map<String, Integer> nodes =
                projects.computeIfAbsent(one.run().spec().project(), first -> new HashMap<>());
            one.shares().forEach(share -> nodes.merge(share.node(), 1, Integer::sum));
          }
          return projects;
        }
      };

  /** A promise is never put off. */
  private void promise(Reservation kept) {
    RunId run = new RunId(kept.run().substring(0, kept.run().lastIndexOf("-r")), 1);
    kept.startMs()
        .ifPresent(start -> {
          assertThat(start)
              .as("%s was told so before", run.text())
              .isLessThanOrEqualTo(promised.getOrDefault(run, Long.MAX_VALUE));
          promised.put(run, start);
        });
  }

  private Set<DeviceKey> taken() {
    Set<DeviceKey> taken = new HashSet<>();
    running
        .values()
        .forEach(one ->
            one.shares()
                .forEach(share ->
                    share
                        .devices()
                        .uuids()
                        .forEach(uuid -> taken.add(new DeviceKey(share.node(), uuid)))));
    return taken;
  }

  private void turn() {
    placing.turn(fleet, taken(), List.copyOf(queue), book, Instant.ofEpochMilli(now), desk);
  }

  private void minute() {
    now += MINUTE;
    List<RunId> over =
        running.values().stream()
            .filter(one -> now - one.at() >= lasts.getOrDefault(one.run().id(), Long.MAX_VALUE))
            .map(one -> one.run().id())
            .toList();
    over.forEach(running::remove);
    book += over.size();
  }

  // ---- jobs and nodes

  private void nodes(int count) {
    for (int n = 0; n < count; n++) {
      List<DeviceView> devices = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        devices.add(new DeviceView("GPU-" + n + "-" + i, i, DeviceKind.GPU, new Condition.Fit()));
      }
      fleet.add(
          new NodeView(
              "n" + n,
              new Presence.Connected(),
              new Duty.InService(),
              devices,
              Topology.FLAT,
              new Tenancy.Vacant(),
              Location.UNKNOWN,
              new Contact.At("10.0.0." + n)));
    }
  }

  /**
   * @param limitMinutes 0 for none
   */
  private Run submit(String name, int devices, int nodes, int limitMinutes, int lastsMinutes) {
    JobSpec spec =
        new JobSpec(
            name,
            List.of("/bin/true"),
            Map.of(),
            Optional.empty(),
            "alice",
            project,
            50,
            new DeviceRequest(DeviceKind.GPU, devices),
            nodes,
            limitMinutes == 0
                ? OptionalLong.empty()
                : OptionalLong.of(limitMinutes * (long) MINUTE - GRACE_MS),
            GRACE_MS,
            OptionalLong.empty(),
            OptionalInt.empty(),
            JobSpec.LeaseRule.KEEP);
    Run run =
        new Run(
            new RunId(name, 1),
            apart ? spec.with(FailureDomain.RACK) : spec,
            queue.size(),
            NOON,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    queue.add(run);
    lasts.put(run.id(), lastsMinutes * (long) MINUTE);
    book++;
    return run;
  }

  /** Two nodes a rack. */
  private void racks() {
    for (int n = 0; n < fleet.size(); n++) {
      Optional<String> rack = Optional.of("r" + n / 2);
      fleet.set(n, fleet.get(n).with(new Location(Optional.empty(), OptionalInt.empty(), rack)));
    }
  }

  private List<String> racksOf(String job) {
    return Optional.ofNullable(running.get(new RunId(job, 1))).orElseThrow().shares().stream()
        .flatMap(share -> fleet.stream().filter(node -> node.name().equals(share.node())))
        .map(node -> node.location().rack().orElseThrow())
        .toList();
  }

  @Test
  void runsThatWantRacksOfTheirOwnGetThemOrWaitAndKeepNothing() {
    nodes(4);
    racks();
    project = "llm";
    apart = true;
    submit("a", 1, 1, 0, 2);
    submit("b", 1, 1, 0, 60);
    Run waits = submit("c", 1, 1, 0, 60);
    Run gang = submit("gang", 1, 2, 0, 60);
    apart = false;
    project = "other";
    submit("beside", 8, 1, 0, 60);
    turn();
    assertThat(running()).containsExactly("a", "b", "beside");
    assertThat(racksOf("a")).doesNotContainAnyElementsOf(racksOf("b"));
    assertThat(told.get(waits.id())).isEqualTo("1 node is wanted and none of 4 fit");
    assertThat(told.get(gang.id())).isEqualTo("2 nodes are wanted and none of 4 fit");
    List<String> free = racksOf("a");
    minute();
    minute();
    turn();
    assertThat(running()).containsExactly("b", "beside", "c");
    assertThat(racksOf("c")).isEqualTo(free);
  }

  @Test
  void membersOfARunThatWantsRacksOfItsOwnAreInTwoRacks() {
    nodes(4);
    racks();
    apart = true;
    submit("gang", 1, 2, 0, 60);
    Run wide = submit("wide", 1, 3, 0, 60);
    turn();
    assertThat(racksOf("gang")).containsExactly("r0", "r1");
    assertThat(told.get(wide.id())).isEqualTo("3 nodes are wanted and 2 of 4 fit");
  }

  /** In the pass in which the first of them is placed, too. */
  @Test
  void nobodyCanTellWhatIsApartFromARunInARackThatIsNotKnown() {
    nodes(2);
    Location known = new Location(Optional.empty(), OptionalInt.empty(), Optional.of("r1"));
    fleet.set(1, fleet.get(1).with(known));
    project = "llm";
    submit("before", 8, 1, 0, 60);
    apart = true;
    Run waits = submit("apart", 1, 1, 0, 60);
    turn();
    assertThat(nodesOf("before")).containsExactly("n0");
    assertThat(running()).containsExactly("before");
    assertThat(told.get(waits.id())).isEqualTo("1 node is wanted and none of 2 fit");
    turn();
    assertThat(running()).containsExactly("before");
  }

  private List<String> running() {
    return running.keySet().stream().map(RunId::job).sorted().toList();
  }

  // ---- what is kept

  @Test
  void whatIsBehindTakesNothingThatIsKeptUnlessItEndsBefore() {
    nodes(2);
    submit("a", 4, 1, 60, 60);
    submit("b", 8, 1, 30, 30);
    turn();
    Run head = submit("big", 8, 2, 120, 120);
    submit("long", 4, 1, 90, 90);
    submit("endless", 1, 1, 0, 90);
    submit("short", 4, 1, 60, 60);
    turn();
    assertThat(running()).containsExactly("a", "b", "short");
    assertThat(told.get(head.id()))
        .isEqualTo("2 nodes are wanted and none of 2 fit; kept for it: n0, n1");
    assertThat(promised).containsEntry(head.id(), now + Duration.ofMinutes(60).toMillis());
    for (int i = 0; i < 60; i++) {
      minute();
      turn();
    }
    assertThat(startedAt).containsEntry(head.id(), now);
    assertThat(running()).containsExactly("big");
  }

  private List<String> nodesOf(String job) {
    return Optional.ofNullable(running.get(new RunId(job, 1))).stream()
        .flatMap(one -> one.shares().stream())
        .map(Share::node)
        .toList();
  }

  /** Three nodes a rack: in one pass, and beside what runs since. */
  @Test
  void theRunsOfAProjectAreSpreadOverRacks() {
    nodes(9);
    for (int n = 0; n < 9; n++) {
      Location at = new Location(Optional.empty(), OptionalInt.empty(), Optional.of("r" + n / 3));
      fleet.set(n, fleet.get(n).with(at));
    }
    submit("none1", 8, 1, 0, 9);
    turn();
    assertThat(nodesOf("none1")).containsExactly("n0");
    project = "llm";
    submit("a", 8, 1, 0, 9);
    submit("b", 8, 1, 0, 9);
    turn();
    assertThat(nodesOf("a")).containsExactly("n1");
    assertThat(nodesOf("b")).as("its rack has none of the project").containsExactly("n3");
    submit("c", 8, 1, 0, 9);
    turn();
    assertThat(nodesOf("c")).containsExactly("n6");
    project = "other";
    submit("d", 8, 1, 0, 9);
    turn();
    assertThat(nodesOf("d")).as("of a project that has nothing yet").containsExactly("n2");
  }

  @Test
  void whatIsNotKeptIsGivenAway() {
    nodes(2);
    submit("a", 8, 1, 30, 30);
    submit("b", 4, 1, 60, 60);
    turn();
    submit("big", 8, 1, 0, 10);
    submit("endless", 4, 1, 0, 600);
    turn();
    assertThat(running()).as("the head gets the node that is free sooner").contains("endless");
  }

  @Test
  void withoutTimeLimitsTheNodesWithMostFreeAreKept() {
    nodes(3);
    submit("a", 8, 1, 0, 100);
    submit("b", 8, 1, 0, 100);
    submit("c", 2, 1, 0, 100);
    turn();
    Run head = submit("big", 8, 1, 0, 10);
    submit("small", 1, 1, 0, 10);
    submit("limited", 1, 1, 5, 5);
    turn();
    assertThat(told.get(head.id())).endsWith("; kept for it: n2");
    assertThat(running()).as("nobody knows when c ends").containsExactly("a", "b", "c");
  }

  @Test
  void aCancelledHeadKeepsNothing() {
    nodes(1);
    submit("a", 4, 1, 0, 100);
    turn();
    Run head = submit("big", 8, 1, 0, 10);
    submit("small", 4, 1, 0, 10);
    turn();
    assertThat(running()).containsExactly("a");
    queue.remove(head);
    book++;
    turn();
    assertThat(running()).containsExactly("a", "small");
  }

  @Test
  void whatCanNeverHaveAPlaceKeepsNothing() {
    nodes(2);
    submit("a", 4, 1, 0, 100);
    turn();
    submit("toomany", 8, 3, 0, 10);
    submit("small", 8, 1, 0, 10);
    turn();
    assertThat(running()).containsExactly("a", "small");
  }

  @Test
  void aJobThatIsAskedForNowIsToldOfWhatIsKept() {
    nodes(1);
    submit("a", 4, 1, 60, 60);
    turn();
    submit("big", 8, 1, 0, 10);
    turn();
    JobSpec late = submit("late", 4, 1, 90, 90).spec();
    JobSpec soon = submit("soon", 4, 1, 50, 50).spec();
    Instant at = Instant.ofEpochMilli(now);
    assertThat(placing.offered(fleet, taken(), soon, at)).isEqualTo(fleet);
    assertThat(
            placing.offered(fleet, taken(), late, at).getFirst().devices().stream()
                .map(DeviceView::condition)
                .distinct())
        .containsExactly(new Condition.Unfit("kept for big-r1, which is before it in the queue"));
  }

  @Test
  void aHeadThatNothingCanBeKeptForAnyMoreKeepsNothing() {
    nodes(2);
    submit("a", 4, 1, 0, 100);
    turn();
    submit("big", 8, 2, 0, 10);
    JobSpec small = submit("small", 4, 1, 0, 10).spec();
    turn();
    Instant at = Instant.ofEpochMilli(now);
    assertThat(placing.offered(fleet, taken(), small, at)).isNotEqualTo(fleet);
    assertThat(running()).containsExactly("a");
    fleet.set(1, fleet.get(1).with(new Duty.Cordoned("fan")));
    turn();
    assertThat(placing.offered(fleet, taken(), small, at)).isEqualTo(fleet);
    assertThat(running()).containsExactly("a", "small");
  }

  @Test
  void whatIsKeptIsSoughtAgainThoughTheStoreFailedMeanwhile() {
    nodes(3);
    submit("a", 8, 1, 60, 60);
    submit("b", 8, 1, 30, 30);
    submit("c", 4, 1, 0, 600);
    turn();
    Run head = submit("big", 8, 1, 0, 10);
    turn();
    assertThat(told.get(head.id())).endsWith("; kept for it: n1");
    promised.clear();
    fleet.set(1, fleet.get(1).with(new Duty.Cordoned("fan")));
    Run first = submit("first", 4, 1, 0, 600);
    queue.addFirst(queue.removeLast());
    unstored = Optional.of(first.id().job());
    assertThatThrownBy(this::turn).isInstanceOf(StoreException.class);
    queue.removeFirst();
    unstored = Optional.empty();
    turn();
    assertThat(told.get(head.id())).endsWith("; kept for it: n0");
  }

  // ---- spares

  @Test
  void aRestartKeepsSparesToo() {
    placing = new Placing(1);
    nodes(2);
    oneDomain();
    submit("a", 8, 1, 60, 60);
    turn();
    assertThat(startedOn("a")).containsExactly("n0");
    Run again = again(submit("c", 8, 2, 60, 60));
    queue.set(0, again);
    turn();
    assertThat(told.get(again.id())).endsWith("; kept for it: n0, n1");
  }

  @Test
  void theRestOfASpareThatWasGivenIsForAll() {
    placing = new Placing(1);
    nodes(2);
    oneDomain();
    submit("a", 8, 1, 60, 60);
    turn();
    for (int i = 0; i < 60; i++) {
      submit("never" + i, 8, 3, 10 + i, 10);
    }
    submit("big", 8, 1, 0, 10);
    Run late = submit("late", 4, 1, 0, 10);
    for (int i = 0; i < 8; i++) {
      turn();
    }
    assertThat(startedOn("late")).as("n1 is the spare").isEmpty();
    queue.add(again(submit("c", 4, 1, 0, 60)));
    queue.remove(queue.size() - 2);
    turn();
    assertThat(startedOn("c")).containsExactly("n1");
    turn();
    assertThat(startedOn(late.id().job())).containsExactly("n1");
  }

  private void oneDomain() {
    for (int n = 0; n < fleet.size(); n++) {
      Location at = new Location(Optional.of("x"), OptionalInt.of(n), Optional.empty());
      fleet.set(n, fleet.get(n).with(at));
    }
  }

  @Test
  void theLastFreeNodesOfADomainAreForRestarts() {
    placing = new Placing(1);
    nodes(5);
    for (int n = 0; n < 4; n++) {
      Location at =
          new Location(Optional.of(n < 3 ? "x" : "y"), OptionalInt.of(n), Optional.empty());
      fleet.set(n, fleet.get(n).with(at));
    }
    submit("a", 8, 2, 60, 60);
    Run both = submit("b", 8, 2, 60, 60);
    turn();
    assertThat(startedOn("a")).as("n2 is the spare of x, n3 that of y").containsExactly("n0", "n1");
    assertThat(told.get(both.id())).startsWith("2 nodes are wanted and 1 of 5 fit");
    queue.clear();
    Run again = again(submit("c", 8, 1, 60, 60));
    queue.clear();
    queue.add(again);
    turn();
    assertThat(startedOn("c")).as("of the same score, the first by name").containsExactly("n2");
    JobSpec late = submit("late", 8, 1, 60, 60).spec();
    assertThat(placing.offered(fleet, taken(), late, Instant.ofEpochMilli(now)).get(3).duty())
        .isEqualTo(
            new Duty.Declining(
                "kept as a spare of its NVLink domain, for jobs that have lost a node there"));
  }

  private List<String> startedOn(String job) {
    return Optional.ofNullable(running.get(new RunId(job, 1))).stream()
        .flatMap(one -> one.shares().stream())
        .map(Share::node)
        .toList();
  }

  private static Run again(Run run) {
    return new Run(
        run.id(),
        run.spec(),
        run.ticket(),
        run.submitted(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Retry(new RunId("c", 2), 1, NOON, List.of(), List.of())),
        Optional.empty());
  }

  // ---- over time

  @Test
  void aPromiseIsKeptAndNeverPutOff() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("PlacingTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    int heads = 0;
    int ahead = 0;
    for (int world = 0; world < 12; world++) {
      clear();
      nodes(2 + random.nextInt(4));
      for (int i = 0; i < 240; i++) {
        if (queue.size() < 12 && random.nextInt(3) > 0) {
          int limit = 5 + random.nextInt(60);
          int nodes = 1 + random.nextInt(fleet.size());
          boolean big = random.nextInt(4) == 0;
          submit(
              "j" + i,
              big ? 8 : 1 + random.nextInt(4),
              big ? nodes : 1,
              limit,
              1 + random.nextInt(limit));
        }
        turn();
        minute();
      }
      for (Map.Entry<RunId, Long> promise : promised.entrySet()) {
        heads++;
        if (promise.getValue() < now) {
          assertThat(startedAt)
              .as("%s was promised its place", promise.getKey().text())
              .containsKey(promise.getKey());
          assertThat(startedAt.get(promise.getKey())).isLessThanOrEqualTo(promise.getValue());
        }
      }
      ahead += overtaken();
    }
    assertThat(heads).as("heads that something was kept for").isGreaterThan(50);
    assertThat(ahead).as("jobs that went ahead of one before them").isGreaterThan(50);
  }

  private int overtaken() {
    int ahead = 0;
    for (RunId one : startedAt.keySet()) {
      for (RunId other : startedAt.keySet()) {
        int first = Integer.parseInt(one.job().substring(1));
        boolean before = first < Integer.parseInt(other.job().substring(1));
        ahead += before && startedAt.get(one) > startedAt.get(other) ? 1 : 0;
      }
    }
    return ahead;
  }

  @Test
  void aLargeJobIsNotStarvedBySmallOnesWithoutTimeLimits() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("PlacingTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    for (int world = 0; world < 5; world++) {
      clear();
      nodes(3);
      Optional<Run> large = Optional.empty();
      for (int i = 0; i < 600; i++) {
        while (queue.size() < 4) {
          submit(
              "s" + i + "x" + queue.size() + "y" + random.nextInt(1 << 20),
              1 + random.nextInt(3),
              1,
              0,
              1 + random.nextInt(30));
        }
        if (i == 40) {
          large = Optional.of(submit("large", 8, 2, 0, 10));
        }
        turn();
        minute();
      }
      assertThat(startedAt).containsKey(large.orElseThrow().id());
    }
  }

  private void clear() {
    placing.idle();
    List.of(running, startedAt, promised, told, lasts).forEach(Map::clear);
    fleet.clear();
    queue.clear();
    book++;
  }

  // ---- what is not planned again

  @Test
  void whatHadNoPlaceIsNotPlannedAgainBeforeSomethingChanged() {
    nodes(1);
    submit("a", 8, 1, 0, 100);
    turn();
    for (int i = 0; i < 400; i++) {
      submit("j" + i, 1 + i % 8, 1, 10 + i, 10);
    }
    sentences = 0;
    turn();
    assertThat(sentences).as("all are different").isEqualTo(400);
    assertThat(told).hasSize(400);
    sentences = 0;
    turn();
    assertThat(sentences).as("of those that are told anew").isEqualTo(50);
    minute();
    running.clear();
    book++;
    sentences = 0;
    turn();
    assertThat(sentences).as("something ended").isGreaterThan(300);
    assertThat(running).isNotEmpty();
  }

  /** However much changes all the time, each gets its turn. */
  @Test
  void forFewSomethingIsSoughtInOnePass() {
    nodes(2);
    submit("a", 8, 1, 0, 10_000);
    turn();
    for (int i = 0; i < 100; i++) {
      submit("never" + i, 8, 3, 10 + i, 10);
    }
    Run head = submit("big", 8, 2, 0, 10);
    for (int i = 0; i < 7; i++) {
      assertThat(told.getOrDefault(head.id(), "")).as("pass %d", i).doesNotContain("kept for it");
      NodeView other = fleet.get(1);
      fleet.set(
          1,
          other.duty() instanceof Duty.InService
              ? other.with(new Duty.Closing(Duration.ofDays(i + 1), false, "m" + i))
              : other.with(new Duty.InService()));
      looks = 0;
      turn();
      assertThat(looks).as("three for each").isBetween(1, 3 * 17);
    }
    assertThat(told.get(head.id())).endsWith("; kept for it: n0, n1");
  }

  @Test
  void forARestartNothingIsSoughtAgainBeforeSomethingChanged() {
    nodes(1);
    submit("a", 8, 1, 0, 100);
    turn();
    queue.add(again(submit("c", 8, 2, 0, 10)));
    queue.removeFirst();
    turn();
    assertThat(looks).as("it was sought once").isPositive();
    looks = 0;
    turn();
    assertThat(looks).isZero();
  }

  @Test
  void ofJobsOfTheSameNeedsOneIsPlanned() {
    nodes(1);
    submit("a", 8, 1, 0, 100);
    turn();
    for (int i = 0; i < 5000; i++) {
      submit("j" + i, 2, 1, 10, 10);
    }
    sentences = 0;
    turn();
    assertThat(sentences).isLessThanOrEqualTo(51);
    assertThat(told).hasSize(5000);
  }

  /** However many they are, what is behind them gets its turn. */
  @Test
  void ofJobsOfTheSameNeedsThatWantRacksOfTheirOwnOneIsPlanned() {
    nodes(2);
    racks();
    project = "llm";
    submit("a", 1, 1, 0, 100);
    turn();
    apart = true;
    for (int i = 0; i < 1500; i++) {
      submit("j" + i, 1, 1, 0, 10);
    }
    apart = false;
    project = "other";
    submit("behind", 8, 1, 0, 10);
    sentences = 0;
    turn();
    assertThat(sentences).isLessThanOrEqualTo(51);
    assertThat(told).hasSize(1500);
    assertThat(running()).containsExactly("a", "behind");
  }
}
