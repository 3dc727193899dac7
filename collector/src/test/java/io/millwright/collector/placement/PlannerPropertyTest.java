package io.millwright.collector.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every fleet; the oracle tries every set of every node. */
class PlannerPropertyTest {
  private static final int CASES = 4_000;
  private static final Planner PLANNER = Planner.standard();

  private record Case(List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec) {
    static Case random(Random random) {
      List<NodeView> fleet = Fleets.random(random);
      DeviceKind kind = random.nextInt(6) == 0 ? DeviceKind.NEURON : DeviceKind.GPU;
      JobSpec spec = Fleets.wants(kind, random.nextInt(9), 1 + random.nextInt(3));
      return new Case(fleet, Fleets.randomTaken(fleet, random), spec);
    }

    Placement plan() {
      return PLANNER.plan(fleet, taken, spec);
    }

    NodeView node(String name) {
      return fleet.stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    }

    /** Whether some set of the node's devices would do; tries them all. */
    boolean fits(NodeView node) {
      for (int set = 0; set < 1 << node.devices().size(); set++) {
        if (Integer.bitCount(set) == spec.devices().count() && grantable(node, set)) {
          return true;
        }
      }
      return false;
    }

    boolean grantable(NodeView node, int set) {
      boolean grantable =
          node.presence() instanceof Presence.Connected && node.duty() instanceof Duty.InService;
      for (int i = 0; i < node.devices().size(); i++) {
        grantable &= (set & 1 << i) == 0 || grantable(node, node.devices().get(i));
      }
      return grantable;
    }

    boolean grantable(NodeView node, DeviceView device) {
      return device.kind() == spec.devices().kind()
          && device.condition() instanceof Condition.Fit
          && !taken.contains(new DeviceKey(node.name(), device.uuid()));
    }

    long free(NodeView node) {
      return node.devices().stream().filter(device -> grantable(node, device)).count();
    }
  }

  @Test
  void holds() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("PlannerPropertyTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    int placed = 0;
    int unplaced = 0;
    for (int i = 0; i < CASES; i++) {
      Case one = Case.random(random);
      switch (one.plan()) {
        case Placed found -> {
          verify(one, found);
          placed++;
        }
        case Unplaced none -> {
          verify(one, none);
          unplaced++;
        }
      }
      sameForAnyOrder(one, random);
    }
    assertThat(placed).as("cases that say something").isGreaterThan(CASES / 10);
    assertThat(unplaced).as("cases that say something").isGreaterThan(CASES / 10);
  }

  private static void verify(Case one, Placed placed) {
    assertThat(placed.shares()).hasSize(one.spec.nodes());
    Set<String> nodes = new HashSet<>();
    for (Share share : placed.shares()) {
      assertThat(nodes.add(share.node())).as("each node once: %s", one).isTrue();
      verify(one, share);
    }
    if (one.spec.nodes() == 1 && one.fleet.stream().allMatch(PlannerPropertyTest::plain)) {
      verifySmallestLeftover(one, placed.shares().getFirst());
    }
  }

  private static void verify(Case one, Share share) {
    NodeView node = one.node(share.node());
    List<String> uuids = share.devices().uuids();
    assertThat(uuids).as("as many as wanted: %s", one).hasSize(one.spec.devices().count());
    assertThat(uuids).as("no device twice: %s", one).doesNotHaveDuplicates();
    int set = 0;
    for (int i = 0; i < node.devices().size(); i++) {
      set |= uuids.contains(node.devices().get(i).uuid()) ? 1 << i : 0;
    }
    assertThat(Integer.bitCount(set)).as("devices of the node: %s", one).isEqualTo(uuids.size());
    assertThat(one.grantable(node, set)).as("free and fit: %s", one).isTrue();
  }

  /** Whether nothing counts but what stays free. */
  private static boolean plain(NodeView node) {
    return node.devices().stream().allMatch(d -> d.traits().equals(Traits.UNTOLD));
  }

  private static void verifySmallestLeftover(Case one, Share share) {
    long least = one.fleet.stream().filter(one::fits).mapToLong(one::free).min().orElseThrow();
    assertThat(one.free(one.node(share.node()))).as("smallest leftover: %s", one).isEqualTo(least);
  }

  private static void verify(Case one, Unplaced unplaced) {
    assertThat(one.fleet.stream().filter(one::fits).count())
        .as("nodes that really fit: %s", one)
        .isLessThan(one.spec.nodes());
    assertThat(unplaced.refusals().stream().map(Refusal::node))
        .containsExactlyElementsOf(one.fleet.stream().map(NodeView::name).toList());
    for (Refusal refusal : unplaced.refusals()) {
      assertThat(refusal.reason().startsWith("fits"))
          .as("what is said of %s: %s", refusal, one)
          .isEqualTo(one.fits(one.node(refusal.node())));
    }
  }

  private static void sameForAnyOrder(Case one, Random random) {
    if (!(one.plan() instanceof Placed placed)) {
      return;
    }
    List<NodeView> shuffled = new ArrayList<>(one.fleet);
    Collections.shuffle(shuffled, random);
    assertThat(PLANNER.plan(shuffled, one.taken, one.spec)).as("%s", one).isEqualTo(placed);
  }
}
