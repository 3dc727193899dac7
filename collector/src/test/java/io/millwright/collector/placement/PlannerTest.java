package io.millwright.collector.placement;

import static io.millwright.collector.placement.Fleets.node;
import static io.millwright.collector.placement.Fleets.taken;
import static io.millwright.collector.placement.Fleets.wants;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.MigProfile;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  /** Of two adapters on a node one serves 2 and 3; the job has the node to itself. */
  @Test
  void acceleratorsNearAnAdapterGoToWhoTalksToOtherNodes() {
    NodeView plain = node("n", 4);
    NodeView node =
        plain.with(
            plain.devices().stream()
                .map(d ->
                    at(
                        d,
                        new Traits(
                            OptionalInt.of(0),
                            true,
                            FULL,
                            FULL,
                            OptionalInt.of(d.index() < 2 ? 5 : 10))))
                .toList());
    assertThat(numbers(plan(List.of(node), Set.of(), wants(2, 1)))).containsExactly("0", "1");
    Share rdma = only(plan(List.of(node), Set.of(), rdma(2)));
    assertThat(rdma.devices().uuids()).containsExactly(Fleets.uuid("n", 2), Fleets.uuid("n", 3));
    assertThat(rdma.marks()).contains(new Mark("affinity", 0.15, 1.0));
    Share three = only(plan(List.of(node), Set.of(), rdma(3)));
    assertThat(three.marks().get(2).value()).isEqualTo((1 + 2.5 / 3) / 2);
    Placed gang = (Placed) plan(List.of(node, renamed(node, "m")), Set.of(), wants(2, 2));
    assertThat(gang.shares())
        .allSatisfy(share ->
            assertThat(share.devices().uuids())
                .containsExactly(Fleets.uuid("n", 2), Fleets.uuid("n", 3)));
  }

  private static NodeView renamed(NodeView node, String name) {
    return new NodeView(
        name,
        node.presence(),
        node.duty(),
        node.devices(),
        node.topology(),
        node.tenancy(),
        node.location(),
        node.contact());
  }

  private static List<String> numbers(Placement placement) {
    return only(placement).devices().uuids().stream()
        .map(uuid -> uuid.substring(uuid.lastIndexOf('-') + 1))
        .toList();
  }

  private static JobSpec rdma(int gpus) {
    return devices("{\"count\":%d,\"rdma\":true}".formatted(gpus));
  }

  private static JobSpec mig(int count, String profile) {
    return devices("{\"count\":%d,\"mig\":\"%s\"}".formatted(count, profile));
  }

  private static JobSpec devices(String devices) {
    return JobJson.submitted(
        "{\"name\":\"j\",\"argv\":[\"/bin/true\"],\"devices\":%s}"
            .formatted(devices)
            .getBytes(StandardCharsets.UTF_8),
        "anna");
  }

  private static DeviceView instance(int gpu, String uuid, String profile) {
    return new DeviceView(
        uuid, gpu, DeviceKind.GPU, new Condition.Fit(), Traits.UNTOLD, MigProfile.ofText(profile));
  }

  /** GPU 0 is whole, 1 and 2 are divided. */
  private static NodeView divided() {
    List<DeviceView> devices = new ArrayList<>(List.of(Fleets.gpu("n", 0, new Condition.Fit())));
    devices.add(Fleets.gpu("n", 1, new Condition.Unfit("divided")));
    devices.add(Fleets.gpu("n", 2, new Condition.Unfit("divided")));
    devices.add(instance(1, "MIG-1a", "1g.23gb"));
    devices.add(instance(1, "MIG-1b", "3g.90gb"));
    devices.add(instance(2, "MIG-2a", "1g.23gb"));
    devices.add(instance(2, "MIG-2b", "1g.23gb"));
    devices.add(instance(2, "MIG-2c", "2g.45gb"));
    return node("n", 0).with(devices);
  }

  private static List<String> given(int count, String profile, String... taken) {
    Set<DeviceKey> held = new HashSet<>();
    Arrays.stream(taken).forEach(uuid -> held.add(new DeviceKey("n", uuid)));
    return only(plan(List.of(divided()), held, mig(count, profile))).devices().uuids();
  }

  @Test
  void theSmallestInstancesThatServeAreGivenOnGpusOfWhichSomeAre() {
    assertThat(given(1, "1g.23gb")).containsExactly("MIG-1a");
    assertThat(given(1, "1g.23gb", "MIG-2b")).as("of 2 one is given").containsExactly("MIG-2a");
    assertThat(given(4, "1g.23gb")).containsExactly("MIG-1a", "MIG-2a", "MIG-2b", "MIG-2c");
    assertThat(given(1, "2g.45gb")).containsExactly("MIG-2c");
    assertThat(given(1, "2g.45gb", "MIG-2c")).containsExactly("MIG-1b");
    assertThat(given(1, "1g.45gb")).containsExactly("MIG-2c");
    assertThat(numbers(plan(List.of(divided()), Set.of(), wants(1, 1)))).containsExactly("0");
    assertThat(reason(divided(), Set.of(), wants(2, 1)))
        .isEqualTo("3 accelerators, 1 free, 2 wanted; 1 is unfit (divided), 2 is unfit (divided)");
    assertThat(reason(divided(), Set.of(new DeviceKey("n", "MIG-1b")), mig(1, "3g.90gb")))
        .isEqualTo("1 MIG instance of 3g.90gb or more, 0 free, 1 wanted");
    assertThat(reason(divided(), Set.of(), mig(6, "1g.23gb")))
        .isEqualTo("5 MIG instances of 1g.23gb or more, 5 free, 6 wanted");
    assertThat(reason(divided(), Set.of(), mig(1, "7g.180gb")))
        .isEqualTo("no MIG instance of 7g.180gb or more, 1 wanted");
  }

  @Test
  void whatIsGivenOfAnotherProfileCountsForItsGpuAndWhatIsUnfitDoesNot() {
    NodeView node =
        node("n", 0)
            .with(
                List.of(
                    instance(0, "MIG-0a", "1g.23gb"),
                    instance(0, "MIG-0b", "3g.90gb").with(new Condition.Unfit("failed")),
                    instance(0, "MIG-0c", "3g.90gb"),
                    instance(1, "MIG-1a", "1g.23gb"),
                    instance(1, "MIG-1b", "3g.90gb")));
    JobSpec large = mig(1, "3g.90gb");
    assertThat(only(plan(List.of(node), Set.of(), large)).devices().uuids())
        .containsExactly("MIG-0c");
    Set<DeviceKey> held = Set.of(new DeviceKey("n", "MIG-1a"));
    assertThat(only(plan(List.of(node), held, large)).devices().uuids()).containsExactly("MIG-1b");
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
            Map.of(Capability.CHECKS, "its agent does no checks around jobs: upgrade it"));
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
            Map.of(
                Capability.SECRETS, "its agent knows no secrets and no hooks of jobs: upgrade it"));
    JobSpec secret = wants(4, 1).withSecrets(List.of("hf-token"));
    assertThat(reason(old, Set.of(), secret))
        .isEqualTo("its agent knows no secrets and no hooks of jobs: upgrade it");
    assertThat(only(plan(List.of(old, node("b", 8)), Set.of(), secret)).node()).isEqualTo("b");
    assertThat(only(plan(List.of(old), Set.of(), wants(4, 1))).node()).isEqualTo("a");
  }

  /** Nobody can tell that they are apart. */
  @Test
  void aRunInARackThatIsNotKnownKeepsOthersOfItsProjectWaiting() {
    Spread spread = new Spread("llm", Map.of(), Optional.of("n7"), false);
    NodeView node =
        node("a", 8).with(new Location(Optional.empty(), OptionalInt.empty(), Optional.of("r1")));
    JobSpec apart = wants(4, 1).with(FailureDomain.RACK);
    assertThat(Planner.standard().plan(List.of(node), Set.of(), apart, spread.of(apart)))
        .isEqualTo(
            new Unplaced(
                "1 node is wanted and none of 1 fit",
                List.of(
                    new Refusal(
                        "a",
                        "project llm has a run on n7, whose rack is not known, and the job wants a rack without one"))));
    JobSpec any = wants(4, 1);
    assertThat(Planner.standard().plan(List.of(node), Set.of(), any, spread.of(any)))
        .isInstanceOf(Placed.class);
  }

  @Test
  void aJobInAContainerGoesWhereContainersBegin() {
    NodeView plain = node("a", 8);
    NodeView bare =
        new NodeView(
            plain.name(),
            plain.presence(),
            plain.duty(),
            plain.devices(),
            plain.topology(),
            plain.tenancy(),
            plain.location(),
            plain.contact(),
            Map.of(Capability.CONTAINERS, "it begins no job in a container"));
    JobSpec contained = wants(4, 1).in(new Container("/srv/roots/llm"));
    assertThat(reason(bare, Set.of(), contained)).isEqualTo("it begins no job in a container");
    assertThat(only(plan(List.of(bare, node("b", 8)), Set.of(), contained)).node()).isEqualTo("b");
    assertThat(only(plan(List.of(bare), Set.of(), wants(4, 1))).node()).isEqualTo("a");
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
