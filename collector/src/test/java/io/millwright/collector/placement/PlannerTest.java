package io.millwright.collector.placement;

import static io.millwright.collector.placement.Fleets.node;
import static io.millwright.collector.placement.Fleets.taken;
import static io.millwright.collector.placement.Fleets.wants;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who gets what, and why not. */
class PlannerTest {
  private static final Planner PLANNER = Planner.standard();
  private static final OptionalInt FULL = OptionalInt.of(10);

  private static Placement plan(List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec) {
    return PLANNER.plan(fleet, taken, spec);
  }

  private static Share only(Placement placement) {
    assertThat(placement).isInstanceOf(Placed.class);
    List<Share> shares = ((Placed) placement).shares();
    assertThat(shares).hasSize(1);
    return shares.getFirst();
  }

  private static String reason(NodeView node, Set<DeviceKey> taken, JobSpec spec) {
    Placement placement = plan(List.of(node), taken, spec);
    assertThat(placement).isInstanceOf(Unplaced.class);
    Refusal refusal = ((Unplaced) placement).refusals().getFirst();
    assertThat(refusal.node()).isEqualTo(node.name());
    return refusal.reason();
  }

  private static int[] indexes(String list) {
    return list.isEmpty()
        ? new int[0]
        : Arrays.stream(list.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1, '0'",
    "'', 2, '0 1'",
    "'', 3, '0 1 2'",
    "'', 8, '0 1 2 3 4 5 6 7'",
    "'0', 2, '2 3'",
    "'0', 4, '4 5 6 7'",
    "'0 1', 1, '2'",
    "'1', 1, '0'",
    "'4 5 7', 1, '6'",
    "'0 4 5 7', 1, '1'",
    "'0 1 4 5', 4, '2 3 6 7'",
    "'1 2 5', 2, '6 7'",
    "'3', 3, '0 1 2'",
    "'1 3 5 7', 2, '0 2'",
  })
  void aNodeGivesAlignedBlocks(String taken, int wanted, String given) {
    Share share = only(plan(List.of(node("n", 8)), taken("n", indexes(taken)), wants(wanted, 1)));
    assertThat(share.devices().uuids())
        .containsExactlyElementsOf(
            Arrays.stream(indexes(given)).mapToObj(i -> Fleets.uuid("n", i)).toList());
  }

  @ParameterizedTest
  @CsvSource({"'', 4, '0 1 2 3'", "'0 1', 4, '4 5 6 7'", "'0', 8, '8 9 10 11 12 13 14 15'"})
  void alsoOfManyAccelerators(String taken, int wanted, String given) {
    Share share = only(plan(List.of(node("n", 64)), taken("n", indexes(taken)), wants(wanted, 1)));
    assertThat(share.devices().uuids())
        .containsExactlyElementsOf(
            Arrays.stream(indexes(given)).mapToObj(i -> Fleets.uuid("n", i)).toList());
  }

  @Test
  void theNodeWithTheSmallestLeftoverThatFitsIsTaken() {
    Set<DeviceKey> taken = new HashSet<>(taken("b", 0, 1, 2));
    taken.addAll(taken("c", 0, 1, 2, 3, 4));
    List<NodeView> fleet = List.of(node("a", 8), node("b", 8), node("c", 8));
    assertThat(only(plan(fleet, taken, wants(3, 1))).node()).isEqualTo("c");
    assertThat(only(plan(fleet, taken, wants(4, 1))).node()).isEqualTo("b");
    assertThat(only(plan(fleet, taken, wants(6, 1))).node()).isEqualTo("a");
  }

  @Test
  void ofEqualNodesTheFirstByNameIsTakenWhateverTheOrder() {
    List<NodeView> fleet = List.of(node("c", 4), node("a", 4), node("b", 4));
    assertThat(only(plan(fleet, Set.of(), wants(2, 1))).node()).isEqualTo("a");
    assertThat(only(plan(fleet.reversed(), Set.of(), wants(2, 1))).node()).isEqualTo("a");
  }

  @Test
  void eachNodeWithoutAShareIsToldWhy() {
    Set<DeviceKey> taken = new HashSet<>(taken("b", 0, 1, 2, 3));
    taken.addAll(taken("c", 0, 1, 2, 3));
    taken.addAll(taken("d", 0, 1));
    List<NodeView> fleet = List.of(node("a", 1), node("c", 8), node("b", 8), node("d", 8));
    Explanation told = PLANNER.explain(fleet, taken, wants(4, 1));
    assertThat(only(told.placement()).node()).isEqualTo("b");
    assertThat(told.placement()).isEqualTo(plan(fleet, taken, wants(4, 1)));
    assertThat(told.others())
        .extracting(refusal -> refusal.node() + ": " + refusal.reason())
        .containsExactly(
            "a: 1 accelerator, 1 free, 4 wanted",
            "c: fits with the same score of 0.70 as b, which comes first by name",
            "d: fits with a score of 0.57; b has 0.70: leftover 0.33, not 1.00");
    Explanation none = PLANNER.explain(fleet, taken, wants(9, 1));
    assertThat(none.others()).isEqualTo(((Unplaced) none.placement()).refusals()).hasSize(4);
  }

  @Test
  void aGangGetsAsManyNodesAsItWants() {
    List<NodeView> fleet = List.of(node("a", 8), node("b", 8), node("c", 4), node("d", 2));
    Placed placed = (Placed) plan(fleet, Set.of(), wants(4, 3));
    assertThat(placed.shares().stream().map(Share::node)).containsExactly("c", "a", "b");
  }

  @Test
  void aGangThatIsOneNodeShortGetsNone() {
    List<NodeView> fleet = List.of(node("a", 8), node("b", 8), node("c", 2));
    Unplaced unplaced = (Unplaced) plan(fleet, Set.of(), wants(4, 3));
    assertThat(unplaced.summary()).isEqualTo("3 nodes are wanted and 2 of 3 fit");
    assertThat(unplaced.refusals())
        .containsExactly(
            new Refusal("a", "fits, but 3 nodes are wanted and 2 of 3 fit"),
            new Refusal("b", "fits, but 3 nodes are wanted and 2 of 3 fit"),
            new Refusal("c", "2 accelerators, 2 free, 4 wanted"));
  }

  @Test
  void aJobWithoutDevicesRunsOnTheFullestNode() {
    Share share = only(plan(List.of(node("a", 8), node("b", 8)), taken("b", 0, 1), wants(0, 1)));
    assertThat(share.node()).isEqualTo("b");
    assertThat(share.devices().uuids()).isEmpty();
  }

  @Test
  void nearAcceleratorsAreTakenTogether() {
    NodeView flat = node("n", 8);
    NodeView two =
        flat.with(
            flat.devices().stream()
                .map(d -> at(d, new Traits(OptionalInt.of(d.index() % 2), false, FULL, FULL)))
                .toList());
    Share share = only(plan(List.of(two), taken("n", 0), wants(4, 1)));
    assertThat(share.devices().uuids())
        .containsExactlyElementsOf(
            IntStream.of(1, 3, 5, 7).mapToObj(i -> Fleets.uuid("n", i)).toList());
    assertThat(share.marks())
        .containsExactly(
            new Mark("topology", 0.30, 1.0),
            new Mark("leftover", 0.20, 0.25),
            new Mark("affinity", 0.15, 1.0),
            new Mark("health", 0.15, 1.0),
            new Mark("headroom", 0.10, 1.0));
  }

  private static DeviceView at(DeviceView device, Traits traits) {
    return new DeviceView(device.uuid(), device.index(), device.kind(), device.condition(), traits);
  }

  @Test
  void eachTermIsFromNoneToAllAndCountsByItsWeight() {
    NodeView plain = node("n", 4);
    List<Traits> traits =
        List.of(
            new Traits(OptionalInt.of(0), false, FULL, FULL),
            new Traits(OptionalInt.of(1), false, OptionalInt.of(5), OptionalInt.of(2)),
            new Traits(OptionalInt.of(0), false, OptionalInt.empty(), OptionalInt.empty()),
            new Traits(OptionalInt.of(1), false, FULL, FULL));
    NodeView told =
        plain.with(
            IntStream.range(0, 4)
                .mapToObj(i -> at(plain.devices().get(i), traits.get(i)))
                .toList());
    assertThat(marks(told, 3))
        .as("0 2 3 leave the degraded one; 1 of 3 pairs is near, as in every set of 3")
        .containsExactly(1.0, 0.5, 1.0, (1 + 0.5 + 1) / 3, (1 + 0.5 + 1) / 3);
    assertThat(marks(told, 2)).as("0 and 2").containsExactly(1.0, 1 / 3.0, 1.0, 0.75, 0.75);
    Share far = only(plan(List.of(told), taken("n", 2, 3), wants(2, 1)));
    assertThat(far.marks().stream().map(Mark::value))
        .as("0 and 1, where 0 and 2 would be nearer")
        .containsExactly(0.5, 1.0, 0.5, 0.75, 0.6);
    NodeView switched =
        plain.with(
            plain.devices().stream()
                .map(d -> at(d, new Traits(OptionalInt.of(d.index() / 2), true, FULL, FULL)))
                .toList());
    Share pair = only(plan(List.of(switched), taken("n", 0, 2), wants(2, 1)));
    assertThat(pair.marks().stream().map(Mark::value))
        .as("behind a switch any two are near; of the host they are at two NUMA nodes")
        .containsExactly(1.0, 1.0, 0.5, 1.0, 1.0);
    assertThat(marks(node("n", 4), 0)).containsExactly(1.0, 0.2, 1.0, 1.0, 1.0);
  }

  private static List<Double> marks(NodeView node, int wanted) {
    return only(plan(List.of(node), Set.of(), wants(wanted, 1))).marks().stream()
        .map(Mark::value)
        .toList();
  }

  @Test
  void aHealthierAndCoolerNodeIsTakenBeforeTheFirstByName() {
    assertThat(better(new Traits(OptionalInt.of(0), true, OptionalInt.of(5), FULL)))
        .isEqualTo("fits with a score of 0.83; b has 0.90: health 0.50, not 1.00");
    assertThat(better(new Traits(OptionalInt.of(0), true, FULL, OptionalInt.of(3))))
        .isEqualTo("fits with a score of 0.83; b has 0.90: headroom 0.30, not 1.00");
  }

  private static String better(Traits worse) {
    Traits best = new Traits(OptionalInt.of(0), true, FULL, FULL);
    NodeView a = node("a", 2);
    NodeView b = node("b", 2);
    List<NodeView> fleet =
        List.of(
            a.with(a.devices().stream().map(d -> at(d, worse)).toList()),
            b.with(b.devices().stream().map(d -> at(d, best)).toList()));
    Explanation told = PLANNER.explain(fleet, Set.of(), wants(2, 1));
    assertThat(only(told.placement()).node()).isEqualTo("b");
    return told.others().getFirst().reason();
  }

  static Stream<List<Object>> refusals() {
    Presence connected = new Presence.Connected();
    Duty inService = new Duty.InService();
    return Stream.of(
        List.of(node("n", 8), "8 accelerators, 3 free, 4 wanted"),
        List.of(node("n", 1), "1 accelerator, 0 free, 4 wanted"),
        List.of(node("n", 0), "no gpu, 4 wanted"),
        List.of(
            node("n", new Presence.Lost(Duration.ofSeconds(12)), inService, 8), "lost since 12 s"),
        List.of(
            node("n", new Presence.Lost(Duration.ofMinutes(61)), inService, 8),
            "lost since 61 min"),
        List.of(node("n", new Presence.Lost(Duration.ofDays(2)), inService, 8), "lost since 48 h"),
        List.of(
            node("n", new Presence.Unseen(), inService, 8),
            "never heard of since the collector started"),
        List.of(node("n", connected, new Duty.Cordoned(""), 8), "cordoned"),
        List.of(node("n", connected, new Duty.Cordoned("new fan"), 8), "cordoned: new fan"),
        List.of(
            new NodeView(
                "n",
                connected,
                inService,
                List.of(
                    Fleets.gpu("n", 5, new Condition.Fit()),
                    Fleets.gpu("n", 6, new Condition.Unfit("Xid 79")),
                    Fleets.gpu("n", 7, new Condition.Unknown())),
                Topology.FLAT),
            "3 accelerators, 1 free, 4 wanted; 6 is unfit (Xid 79), 7 was not observed"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aRefusalSaysWhy(List<Object> refusal) {
    assertThat(reason((NodeView) refusal.getFirst(), taken("n", 0, 1, 2, 3, 4), wants(4, 1)))
        .isEqualTo(refusal.get(1));
  }

  @Test
  void anotherKindOfAcceleratorIsNone() {
    assertThat(reason(node("n", 8), Set.of(), wants(DeviceKind.NEURON, 1, 1)))
        .isEqualTo("no neuron, 1 wanted");
  }

  @Test
  void aNodeThatDoesNoChecksGetsNoJobWithThem() {
    NodeView plain = node("a", 8);
    NodeView old =
        new NodeView(
            plain.name(),
            plain.presence(),
            plain.duty(),
            plain.devices(),
            plain.topology(),
            plain.tenancy(),
            plain.location(),
            plain.contact(),
            Optional.of("its agent does no checks around jobs: upgrade it"),
            Optional.empty());
    JobSpec unchecked = wants(4, 1);
    JobSpec checked =
        JobJson.submitted(
            "{\"name\":\"j\",\"argv\":[\"/bin/true\"],\"devices\":{\"count\":4},\"checks\":{\"before\":[\"devices\"]}}"
                .getBytes(StandardCharsets.UTF_8),
            "anna");
    assertThat(reason(old, Set.of(), checked))
        .isEqualTo("its agent does no checks around jobs: upgrade it");
    assertThat(only(plan(List.of(old, node("b", 8)), Set.of(), checked)).node()).isEqualTo("b");
    assertThat(only(plan(List.of(old), Set.of(), unchecked)).node()).isEqualTo("a");
  }

  @Test
  void aNodeThatGivesNoSecretsGetsNoJobWithThem() {
    NodeView plain = node("a", 8);
    NodeView old =
        new NodeView(
            plain.name(),
            plain.presence(),
            plain.duty(),
            plain.devices(),
            plain.topology(),
            plain.tenancy(),
            plain.location(),
            plain.contact(),
            Optional.empty(),
            Optional.of("its agent knows no secrets and no hooks of jobs: upgrade it"));
    JobSpec secret = wants(4, 1).withSecrets(List.of("hf-token"));
    assertThat(reason(old, Set.of(), secret))
        .isEqualTo("its agent knows no secrets and no hooks of jobs: upgrade it");
    assertThat(only(plan(List.of(old, node("b", 8)), Set.of(), secret)).node()).isEqualTo("b");
    assertThat(only(plan(List.of(old), Set.of(), wants(4, 1))).node()).isEqualTo("a");
  }

  @Test
  void anEmptyFleetIsSaid() {
    assertThat(plan(List.of(), Set.of(), wants(1, 1)))
        .isEqualTo(new Unplaced("no node is known", List.of()));
  }

  @Test
  void whatCannotBeIsRefused() {
    DeviceView gpu = Fleets.gpu("n", 0, new Condition.Fit());
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new NodeView(
                "n",
                new Presence.Connected(),
                new Duty.InService(),
                List.of(gpu, gpu),
                Topology.FLAT));
    assertThatIllegalArgumentException().isThrownBy(() -> Fleets.gpu("n", -1, new Condition.Fit()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Traits(OptionalInt.empty(), false, OptionalInt.of(11), FULL))
        .withMessage("health: '11' is refused; allowed is from 0 to 10");
  }
}
