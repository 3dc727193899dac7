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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which nodes a job over several Neuron nodes gets. */
class NodeChooserTest {
  private static final Planner PLANNER = Planner.standard();
  private static final int CASES = 3_000;

  private static NodeView node(String name, String model, int devices, Location location) {
    return node(
        name, model, devices, location, new Contact.At("10.0.0." + (name.hashCode() & 127)));
  }

  private static NodeView node(
      String name, String model, int devices, Location location, Contact contact) {
    return new NodeView(
        name,
        new Presence.Connected(),
        new Duty.InService(),
        IntStream.range(0, devices)
            .mapToObj(i -> new DeviceView(uuid(name, i), i, DeviceKind.NEURON, new Condition.Fit()))
            .toList(),
        new Topology(Grouping.ofNeuron(model)),
        new Tenancy.Vacant(),
        location,
        contact);
  }

  private static String uuid(String node, int device) {
    return "neuron-%s-%d".formatted(node, device);
  }

  private static Location at(String server, int position, String rack) {
    return new Location(
        Optional.of(server).filter(name -> !name.isEmpty()),
        server.isEmpty() ? OptionalInt.empty() : OptionalInt.of(position),
        Optional.of(rack).filter(name -> !name.isEmpty()));
  }

  /** Two UltraServers of four Trn2 nodes of sixteen devices, one rack each, their nodes mixed. */
  private static List<NodeView> trn2() {
    List<NodeView> fleet = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      fleet.add(node("a" + i, "Trainium2", 16, at("00c3", 3 - i, "r1")));
      fleet.add(node("b" + i, "Trainium2", 16, at("00c4", i, "r2")));
    }
    return fleet;
  }

  /** An UltraServer of Trn3 servers of four devices over two racks, and servers of none. */
  private static List<NodeView> trn3() {
    List<NodeView> fleet = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      fleet.add(node("t" + i, "Trainium3", 4, at("0001", i, i < 2 ? "r1" : "r2")));
      fleet.add(node("s" + i, "Trainium3", 4, at("", 0, "r2")));
    }
    return fleet;
  }

  private static Placement plan(
      List<NodeView> fleet, Set<DeviceKey> taken, int devices, int nodes) {
    return PLANNER.plan(fleet, taken, Fleets.wants(DeviceKind.NEURON, devices, nodes));
  }

  private static List<String> names(Placement placement) {
    assertThat(placement).isInstanceOf(Placed.class);
    return ((Placed) placement).shares().stream().map(Share::node).toList();
  }

  private static double mark(Placement placement) {
    List<Mark> marks =
        ((Placed) placement)
            .shares().stream()
                .flatMap(share -> share.marks().stream())
                .filter(mark -> mark.term().equals("nodes"))
                .distinct()
                .toList();
    assertThat(marks).as("the same in every share").hasSize(1);
    return marks.getFirst().value();
  }

  private static Set<DeviceKey> all(String node, int devices) {
    return IntStream.range(0, devices)
        .mapToObj(i -> new DeviceKey(node, uuid(node, i)))
        .collect(Collectors.toSet());
  }

  @Test
  void aJobOnTrn2GetsOneUltraServerInTheOrderOfItsNodes() {
    Placement four = plan(trn2(), Set.of(), 16, 4);
    assertThat(names(four)).containsExactly("a3", "a2", "a1", "a0");
    assertThat(mark(four)).isEqualTo(1);
  }

  @Test
  void anUltraServerStaysWholeWhereAnotherIsBegun() {
    Placement two = plan(trn2(), all("a1", 16), 16, 2);
    assertThat(names(two)).as("of the one with three left").containsExactly("a2", "a0");
    assertThat(names(plan(trn2(), all("a1", 16), 16, 4))).allMatch(name -> name.startsWith("b"));
  }

  /** Packing alone would take b0 and b1, whose other rows are taken. */
  @Test
  void oneUltraServerGoesBeforeAFullerNodeElsewhere() {
    Set<DeviceKey> taken = new HashSet<>();
    for (String node : List.of("a0", "b0")) {
      IntStream.range(0, 12).forEach(i -> taken.add(new DeviceKey(node, uuid(node, i))));
    }
    List<String> names = names(plan(trn2(), taken, 4, 2));
    assertThat(names.stream().map(name -> name.charAt(0)).distinct()).hasSize(1);
    assertThat(names).as("and there the fuller one").containsAnyOf("a0", "b0");
  }

  @Test
  void aJobOnTrn3StaysInItsUltraServerOverRacks() {
    assertThat(names(plan(trn3(), Set.of(), 4, 4))).containsExactly("t0", "t1", "t2", "t3");
  }

  @Test
  void aRackGoesBeforeAnyNodes() {
    Placement five = plan(trn3(), Set.of(), 4, 5);
    assertThat(names(five))
        .as("as few UltraServers as the rack allows")
        .containsExactlyInAnyOrder("t2", "t3", "s0", "s1", "s2");
    assertThat(mark(five)).isEqualTo(0.5);
  }

  @Test
  void anyNodesAreBetterThanNone() {
    Placement eight = plan(trn3(), Set.of(), 4, 8);
    assertThat(names(eight)).hasSize(8);
    assertThat(mark(eight)).isZero();
    assertThat(plan(trn3(), Set.of(), 4, 9)).isInstanceOf(Unplaced.class);
  }

  @Test
  void aJobOnOneNodeIsNotAskedWhereItStands() {
    Placed one = (Placed) plan(trn2(), Set.of(), 16, 1);
    assertThat(one.shares().getFirst().marks()).extracting(Mark::term).doesNotContain("nodes");
  }

  @Test
  void nodesThatCannotMeetAreRefused() {
    Location here = at("0001", 0, "");
    NodeView old =
        node("old", "Trainium3", 4, here, new Contact.None("its agent is too old: upgrade it"));
    NodeView far = node("far", "Trainium3", 4, here);
    assertThat(((Unplaced) plan(List.of(old, far), Set.of(), 4, 2)).refusals().getFirst().reason())
        .isEqualTo("its agent is too old: upgrade it");
    assertThat(names(plan(List.of(old), Set.of(), 4, 1))).containsExactly("old");

    NodeView near = node("near", "Trainium3", 4, here, new Contact.At("127.0.0.1"));
    Unplaced apart = (Unplaced) plan(List.of(near, far), Set.of(), 4, 2);
    assertThat(apart.refusals().getFirst().reason()).contains("set jobs.address");
    NodeView next = node("next", "Trainium3", 4, here, new Contact.At("127.0.0.2"));
    assertThat(((Unplaced) plan(List.of(near), Set.of(), 4, 2)).refusals().getFirst().reason())
        .as("it would do, if there was another")
        .startsWith("fits, but 2 nodes are wanted");
    assertThat(names(plan(List.of(near, far, next), Set.of(), 4, 2)))
        .as("on one machine they reach each other")
        .containsExactlyInAnyOrder("near", "next");
  }

  /** Whatever fits: the nearest kind of place that has enough, and a place only if there is one. */
  @Test
  void holdsForWhateverIsFree() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("NodeChooserTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    Map<Double, Integer> marks = new HashMap<>();
    for (int i = 0; i < CASES; i++) {
      List<NodeView> fleet = randomFleet(random);
      Set<DeviceKey> taken = new HashSet<>();
      List<NodeView> free = new ArrayList<>();
      for (NodeView node : fleet) {
        if (random.nextInt(3) == 0) {
          taken.addAll(all(node.name(), 16));
        } else {
          free.add(node);
        }
      }
      int wanted = 2 + random.nextInt(6);
      String one = "%d of %s, taken %s, seed %d".formatted(wanted, fleet, taken, seed);
      Placement placement = plan(fleet, taken, 16, wanted);
      assertThat(placement instanceof Placed).as(one).isEqualTo(free.size() >= wanted);
      if (placement instanceof Placed) {
        judge(free, names(placement), mark(placement), wanted, one);
        marks.merge(mark(placement), 1, Integer::sum);
      }
    }
    assertThat(marks.keySet()).as("cases of all kinds").containsExactlyInAnyOrder(0.0, 0.5, 1.0);
    assertThat(marks.values()).allMatch(cases -> cases > CASES / 50);
  }

  private static void judge(
      List<NodeView> free, List<String> names, double mark, int wanted, String one) {
    List<NodeView> chosen = free.stream().filter(node -> names.contains(node.name())).toList();
    assertThat(names).as(one).doesNotHaveDuplicates().hasSize(wanted);
    assertThat(chosen).as("free, " + one).hasSize(wanted);
    boolean server = largest(free, Location::domain) >= wanted;
    boolean rack = largest(free, Location::rack) >= wanted;
    assertThat(mark == 1).as("one UltraServer, " + one).isEqualTo(server);
    assertThat(largest(chosen, Location::domain) == wanted).as(one).isEqualTo(server);
    if (!server) {
      assertThat(largest(chosen, Location::rack) == wanted).as("a rack, " + one).isEqualTo(rack);
      assertThat(mark).as(one).isEqualTo(rack ? 0.5 : 0);
    }
    if (!server && !rack) {
      assertThat(parts(chosen)).as("UltraServers, " + one).isEqualTo(fewest(free, wanted));
    }
  }

  private static Map<String, Long> sizes(
      List<NodeView> nodes, Function<Location, Optional<String>> part) {
    return nodes.stream()
        .flatMap(node -> part.apply(node.location()).stream())
        .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
  }

  private static long largest(List<NodeView> nodes, Function<Location, Optional<String>> part) {
    return sizes(nodes, part).values().stream().mapToLong(n -> n).max().orElse(0);
  }

  /** Of how many UltraServers they are; a node of none counts as one. */
  private static long parts(List<NodeView> nodes) {
    long single = nodes.stream().filter(n -> n.location().domain().isEmpty()).count();
    return single + sizes(nodes, Location::domain).size();
  }

  private static long fewest(List<NodeView> free, int wanted) {
    List<Long> sizes =
        new ArrayList<>(
            sizes(free, Location::domain).values().stream()
                .sorted((one, other) -> Long.compare(other, one))
                .toList());
    long left = wanted;
    long parts = 0;
    while (left > 0) {
      left -= sizes.isEmpty() ? 1 : sizes.removeFirst();
      parts++;
    }
    return parts;
  }

  private static List<NodeView> randomFleet(Random random) {
    List<NodeView> fleet = new ArrayList<>();
    int nodes = 2 + random.nextInt(14);
    for (int i = 0; i < nodes; i++) {
      String server = random.nextInt(4) == 0 ? "" : "u" + random.nextInt(5);
      String rack = random.nextInt(4) == 0 ? "" : "r" + random.nextInt(3);
      fleet.add(node("n" + i, "Trainium2", 16, at(server, i, rack)));
    }
    return fleet;
  }
}
