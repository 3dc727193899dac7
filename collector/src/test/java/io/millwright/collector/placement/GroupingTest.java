package io.millwright.collector.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which sets of Neuron devices a job may get. */
class GroupingTest {
  private static final Planner PLANNER = Planner.standard();
  private static final int CASES = 5_000;

  /**
   * Neighbours of the torus of Trn2, by the driver's own table as the project's reference page has
   * it; never read from a device.
   */
  private static final int[][] TORUS = {
    {12, 1, 3, 4}, {0, 13, 5, 2}, {14, 3, 1, 6}, {2, 15, 7, 0},
    {8, 5, 7, 0}, {4, 9, 1, 6}, {10, 7, 5, 2}, {6, 11, 3, 4},
    {4, 9, 11, 12}, {8, 5, 13, 10}, {6, 11, 9, 14}, {10, 7, 15, 8},
    {0, 13, 15, 8}, {12, 1, 9, 14}, {2, 15, 13, 10}, {14, 3, 11, 12}
  };

  private static NodeView node(String model, int devices) {
    return node(model, devices, new Tenancy.Vacant());
  }

  private static NodeView node(String model, int devices, Tenancy tenancy) {
    List<DeviceView> views =
        IntStream.range(0, devices)
            .mapToObj(i -> new DeviceView("neuron-" + i, i, DeviceKind.NEURON, new Condition.Fit()))
            .toList();
    return new NodeView(
        "n",
        new Presence.Connected(),
        new Duty.InService(),
        views,
        new Topology(Grouping.ofNeuron(model)),
        tenancy,
        Location.UNKNOWN,
        new Contact.At("10.0.0.1"));
  }

  private static Set<DeviceKey> taken(Iterable<Integer> numbers) {
    Set<DeviceKey> taken = new HashSet<>();
    numbers.forEach(i -> taken.add(new DeviceKey("n", "neuron-" + i)));
    return taken;
  }

  private static Placement plan(NodeView node, Set<DeviceKey> taken, int count) {
    return PLANNER.plan(List.of(node), taken, Fleets.wants(DeviceKind.NEURON, count, 1));
  }

  private static List<Integer> given(Placement placement) {
    assertThat(placement).isInstanceOf(Placed.class);
    return ((Placed) placement)
        .shares().getFirst().devices().uuids().stream()
            .map(uuid -> Integer.valueOf(uuid.substring("neuron-".length())))
            .toList();
  }

  private static String refused(Placement placement) {
    assertThat(placement).isInstanceOf(Unplaced.class);
    return ((Unplaced) placement).refusals().getFirst().reason();
  }

  @Test
  void threeOfATorusAreNeverGiven() {
    assertThat(refused(plan(node("Trainium2", 16), Set.of(), 3)))
        .isEqualTo("devices.count: '3' is refused; allowed of a torus of 16 are 1, 4, 8, 16");
    assertThat(refused(plan(node("Trainium3", 4), Set.of(), 3)))
        .isEqualTo("devices.count: '3' is refused; allowed of pairs of 4 are 1, 2, 4");
  }

  /** Of a model that nobody knows as little as of a torus. */
  @Test
  void anUnknownModelIsGivenAsTheTorus() {
    assertThat(refused(plan(node("Neuron", 16), Set.of(), 2))).contains("'2' is refused");
    assertThat(given(plan(node("Neuron", 16), Set.of(), 4))).containsExactly(0, 1, 2, 3);
  }

  @Test
  void aRowIsGivenThatIsWhole() {
    assertThat(given(plan(node("Trainium1", 16), taken(List.of(1, 6)), 4)))
        .containsExactly(8, 9, 10, 11);
    assertThat(given(plan(node("Trainium1", 16), taken(List.of(1)), 8)))
        .containsExactly(8, 9, 10, 11, 12, 13, 14, 15);
    assertThat(refused(plan(node("Trainium1", 16), taken(List.of(0, 5, 10, 15)), 4)))
        .startsWith(
            "16 accelerators, 12 free, 4 wanted that belong together, and no such group is free:");
  }

  /** The rest of a row that is begun, so that whole rows stay whole. */
  @Test
  void oneIsTakenWhereItBreaksNothing() {
    assertThat(given(plan(node("Trainium2", 16), taken(List.of(4, 5)), 1))).containsExactly(6);
  }

  @Test
  void trainium3IsGivenInPairs() {
    assertThat(given(plan(node("Trainium3", 16), taken(List.of(1, 2)), 2))).containsExactly(4, 5);
    assertThat(refused(plan(node("Trainium3", 4), taken(List.of(1, 2)), 2)))
        .contains("free are [0, 3]");
  }

  @Test
  void inferentia2IsGivenInNeighbours() {
    assertThat(given(plan(node("Inferentia2", 12), taken(List.of(0, 4)), 3)))
        .containsExactly(1, 2, 3);
    assertThat(given(plan(node("Inferentia2", 12), taken(List.of(0, 4)), 5)))
        .containsExactly(5, 6, 7, 8, 9);
  }

  @Test
  void aHostIsLetToOneUserAtATime() {
    NodeView let = node("Trainium3", 16, new Tenancy.Let(Set.of("bob")));
    assertThat(refused(plan(let, Set.of(), 1))).startsWith("its Neuron devices are let to another");
    NodeView own = node("Trainium3", 16, new Tenancy.Let(Set.of("alice")));
    assertThat(given(plan(own, Set.of(), 1))).containsExactly(0);
    assertThat(refused(plan(node("Trainium3", 16, new Tenancy.Unclear()), Set.of(), 1)))
        .contains("a run that this collector does not know");
    assertThat(refused(plan(let, Set.of(), 0))).startsWith("its Neuron devices are let to another");
    assertThat(plan(own, Set.of(), 0)).isInstanceOf(Placed.class);
  }

  @Test
  void neuronDevicesAreGivenBesideNobodyElsesJob() {
    NodeView others = node("Trainium3", 16, new Tenancy.Inhabited(Set.of("alice", "bob")));
    assertThat(refused(plan(others, Set.of(), 1))).startsWith("another user's job runs there");
    assertThat(plan(others, Set.of(), 0)).isInstanceOf(Placed.class);
    NodeView own = node("Trainium3", 16, new Tenancy.Inhabited(Set.of("alice")));
    assertThat(given(plan(own, Set.of(), 1))).containsExactly(0);
  }

  /** Every row and every two rows are one piece of the torus; no other rule is assumed of it. */
  @Test
  void everyGroupOfATorusHoldsTogether() {
    for (int size : List.of(4, 8, 16)) {
      for (List<Integer> group : Grouping.TORUS.groups(size, 16)) {
        assertThat(reached(group)).as("%s", group).hasSize(size);
      }
    }
  }

  private static Set<Integer> reached(List<Integer> group) {
    Set<Integer> reached = new HashSet<>(List.of(group.getFirst()));
    List<Integer> open = new ArrayList<>(reached);
    while (!open.isEmpty()) {
      for (int neighbour : TORUS[open.removeLast()]) {
        if (group.contains(neighbour) && reached.add(neighbour)) {
          open.add(neighbour);
        }
      }
    }
    return reached;
  }

  /** Whatever is taken: what is given is one of the groups, and is refused only if none is free. */
  @Test
  void holdsForWhateverIsTaken() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("GroupingTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    Map<Boolean, Integer> outcomes = new HashMap<>();
    for (int i = 0; i < CASES; i++) {
      String model = List.of("Trainium1", "Trainium2", "Trainium3", "Inferentia2").get(i % 4);
      int devices = model.equals("Inferentia2") ? 12 : List.of(1, 4, 16).get(random.nextInt(3));
      Set<Integer> busy = new HashSet<>();
      IntStream.range(0, devices).filter(d -> random.nextInt(5) == 0).forEach(busy::add);
      int count = 1 + random.nextInt(devices);
      boolean possible = possible(Grouping.ofNeuron(model), count, devices, busy);
      Placement placement = plan(node(model, devices), taken(busy), count);
      String one = "%s of %d %s, busy %s, seed %d".formatted(count, devices, model, busy, seed);
      assertThat(placement instanceof Placed).as(one).isEqualTo(possible);
      outcomes.merge(possible, 1, Integer::sum);
      if (possible) {
        List<Integer> given = given(placement);
        assertThat(given).as(one).hasSize(count).noneMatch(busy::contains);
        assertThat(allowed(Grouping.ofNeuron(model), given)).as(one + given).isTrue();
      }
    }
    assertThat(outcomes.get(true)).as("cases that say something").isGreaterThan(CASES / 10);
    assertThat(outcomes.get(false)).as("cases that say something").isGreaterThan(CASES / 10);
  }

  /** The rules once more, told in another way: a set in order, its first and its size. */
  private static boolean allowed(Grouping grouping, List<Integer> set) {
    int first = set.getFirst();
    int size = set.size();
    boolean together = set.getLast() - first == size - 1;
    return switch (grouping) {
      case ANY -> true;
      case RING -> together;
      case TORUS -> together && Set.of(1, 4, 8, 16).contains(size) && first % size == 0;
      case PAIRS -> together && Set.of(1, 2, 4, 8, 16).contains(size) && first % size == 0;
    };
  }

  private static boolean possible(Grouping grouping, int count, int devices, Set<Integer> busy) {
    return IntStream.rangeClosed(0, devices - count)
        .mapToObj(first -> IntStream.range(first, first + count).boxed().toList())
        .anyMatch(set -> set.stream().noneMatch(busy::contains) && allowed(grouping, set));
  }
}
