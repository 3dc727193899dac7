package io.millwright.collector.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.placement.Placement.Placed;
import io.millwright.collector.placement.Placement.Unplaced;
import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.FailureDomain;
import io.millwright.protocol.vocabulary.job.JobChecks;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import io.millwright.protocol.vocabulary.job.MigProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The indexed planner against the plain one, which looks at every node. */
class CapacityTest {
  private static final Planner PLANNER = Planner.standard();
  private static final int FLEETS = 150;
  private static final int STEPS = 20;

  private final Map<String, NodeView> fleet = new TreeMap<>();
  private final Set<DeviceKey> taken = new HashSet<>();
  private int placed;
  private int gangs;
  private int unplaced;

  @Test
  void answersAsThePlainPlannerDoes() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("CapacityTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    for (int i = 0; i < FLEETS; i++) {
      fleet.clear();
      taken.clear();
      Capacity capacity = new Capacity(PLANNER);
      List<NodeView> kinds = kinds(random);
      for (int step = 0; step < STEPS; step++) {
        change(kinds, random);
        if (random.nextInt(4) > 0) {
          capacity.see(fleet.values(), taken);
        } else {
          oneByOne(capacity);
        }
        JobSpec spec = spec(random);
        compare(capacity, spec, instead(random), spread(random).of(spec));
      }
    }
    assertThat(placed).as("cases that say something").isGreaterThan(FLEETS);
    assertThat(gangs).as("cases that say something").isGreaterThan(FLEETS / 5);
    assertThat(unplaced).as("cases that say something").isGreaterThan(FLEETS);
  }

  private static Spread spread(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new Spread("llm", Map.of());
      case 1 -> new Spread("llm", Map.of("r0", 1 + random.nextInt(3)));
      case 2 ->
          random.nextInt(4) == 0
              ? new Spread("llm", Map.of("r0", 1), Optional.of("away"), false)
              : new Spread("llm", Map.of("r0", 2, "r1", 1 + random.nextInt(3)));
      default -> Spread.NONE;
    };
  }

  private void compare(Capacity capacity, JobSpec spec, List<NodeView> instead, Spread spread) {
    Map<String, NodeView> seen = new TreeMap<>(fleet);
    instead.forEach(node -> seen.put(node.name(), node));
    Placement plain = PLANNER.plan(List.copyOf(seen.values()), taken, spec, spread);
    Placement indexed = capacity.plan(spec, instead, spread);
    switch (plain) {
      case Placed found -> {
        assertThat(indexed).as("%s on %s", spec, seen).isEqualTo(found);
        placed++;
        gangs += spec.nodes() > 1 ? 1 : 0;
      }
      case Unplaced none -> {
        int told = Math.min(3, none.refusals().size());
        assertThat(indexed)
            .as("%s on %s", spec, seen)
            .isEqualTo(
                new Unplaced(
                    none.summary(),
                    none.refusals().subList(0, told),
                    none.refusals().size() - told));
        unplaced++;
      }
    }
  }

  private void oneByOne(Capacity capacity) {
    Set<DeviceKey> nothing = Set.of();
    List<NodeView> known =
        fleet.values().stream().filter(n -> capacity.node(n.name()).isPresent()).toList();
    capacity.see(known, nothing);
    for (NodeView node : fleet.values()) {
      Set<String> own = new HashSet<>();
      taken.stream()
          .filter(key -> key.node().equals(node.name()))
          .forEach(key -> own.add(key.uuid()));
      capacity.see(node, own);
    }
  }

  @Test
  void saysWhetherAJobMayHaveAPlaceThatHadNone() {
    Capacity capacity = new Capacity(PLANNER);
    NodeView node = Fleets.node("a", 8);
    NodeView lost =
        Fleets.node("b", new Presence.Lost(Duration.ofSeconds(3)), new Duty.InService(), 8);
    assertThat(capacity.see(List.of(node, lost), Set.of())).isTrue();
    assertThat(capacity.see(List.of(node, lost), Set.of())).isFalse();
    NodeView later =
        Fleets.node("b", new Presence.Lost(Duration.ofSeconds(4)), new Duty.InService(), 8);
    assertThat(capacity.see(List.of(node, later), Set.of()))
        .as("who is away a second longer makes no place")
        .isFalse();
    DeviceView warm = node.devices().getFirst();
    Traits worse = new Traits(OptionalInt.empty(), false, OptionalInt.of(5), OptionalInt.of(1));
    List<DeviceView> devices = new ArrayList<>(node.devices());
    devices.set(0, new DeviceView(warm.uuid(), 0, warm.kind(), warm.condition(), worse));
    assertThat(capacity.see(List.of(node.with(devices), later), Set.of()))
        .as("a worse device makes no place")
        .isFalse();
    assertThat(capacity.see(List.of(node, later), Fleets.taken("a", 1))).isTrue();
    assertThat(capacity.see(List.of(node, Fleets.node("b", 8)), Fleets.taken("a", 1))).isTrue();
    assertThat(capacity.see(List.of(node), Fleets.taken("a", 1))).isTrue();
  }

  /** Who is known at home alone counts once a rack too, before it is said who is not reached. */
  @Test
  void membersApartAreCountedBeforeItIsSaidWhoReachesWhom() {
    NodeView near = at("a", "127.0.0.1", "r0");
    NodeView beside = at("b", "127.0.0.1", "r0");
    NodeView elsewhere = at("c", "127.0.0.1", "r1");
    NodeView far = at("d", "10.0.0.4", "r2");
    List<NodeView> crowd =
        List.of(far, at("e", "10.0.0.5", "r2"), at("f", "10.0.0.6", "r2"), near, elsewhere);
    JobSpec spec = Fleets.wants(4, 2).with(FailureDomain.RACK);
    Unplaced none = (Unplaced) both(List.of(near, beside, far), spec);
    assertThat(none.refusals())
        .extracting(Refusal::reason)
        .containsExactly(
            Planner.LOOPBACK, Planner.LOOPBACK, "fits, but 2 nodes are wanted and 1 of 3 fit");
    assertThat(((Placed) both(crowd, spec)).shares())
        .extracting(Share::node)
        .containsExactly("a", "c");
  }

  private static NodeView at(String name, String address, String rack) {
    NodeView node = Fleets.node(name, 8);
    return new NodeView(
        name,
        node.presence(),
        node.duty(),
        node.devices(),
        node.topology(),
        node.tenancy(),
        new Location(Optional.empty(), OptionalInt.empty(), Optional.of(rack)),
        new Contact.At(address));
  }

  private static Placement both(List<NodeView> fleet, JobSpec spec) {
    Capacity capacity = new Capacity(PLANNER);
    capacity.see(fleet, Set.of());
    Spread spread = new Spread("llm", Map.of()).of(spec);
    Placement plain = PLANNER.plan(fleet, Set.of(), spec, spread);
    assertThat(capacity.plan(spec, List.of(), spread)).isEqualTo(plain);
    return plain;
  }

  @Test
  void aMaintenanceThatComesNearerMakesNoPlace() {
    Capacity capacity = new Capacity(PLANNER);
    assertThat(closing(capacity, 60, false, "m1")).isTrue();
    assertThat(closing(capacity, 59, false, "m1")).as("less is left").isFalse();
    assertThat(closing(capacity, 61, false, "m1")).as("it was put off").isTrue();
    assertThat(closing(capacity, 30, false, "m2")).as("another one").isTrue();
    assertThat(closing(capacity, 30, true, "m2")).isTrue();
    assertThat(capacity.see(List.of(Fleets.node("a", 8)), Set.of())).as("it is over").isTrue();
    assertThat(closing(capacity, 60, false, "m1")).isTrue();
  }

  private static boolean closing(Capacity capacity, int minutes, boolean near, String what) {
    Duty duty = new Duty.Closing(Duration.ofMinutes(minutes), near, what);
    return capacity.see(List.of(Fleets.node("a", new Presence.Connected(), duty, 8)), Set.of());
  }

  // ---- random fleets of few kinds of nodes

  private static List<NodeView> kinds(Random random) {
    List<NodeView> kinds = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      kinds.add(kind(random));
    }
    return kinds;
  }

  private static NodeView kind(Random random) {
    boolean neuron = random.nextInt(3) == 0;
    boolean told = random.nextBoolean();
    List<DeviceView> devices = new ArrayList<>();
    int count = random.nextInt(10) == 0 ? 16 : random.nextInt(9);
    for (int i = 0; i < count; i++) {
      Condition condition =
          switch (random.nextInt(12)) {
            case 0 -> new Condition.Unfit("Xid 79");
            case 1 -> new Condition.Unknown();
            default -> new Condition.Fit();
          };
      devices.add(
          new DeviceView(
              "u" + i,
              i,
              neuron ? DeviceKind.NEURON : DeviceKind.GPU,
              condition,
              told ? traits(i, random) : Traits.UNTOLD,
              !neuron && random.nextInt(3) == 0 ? profile(random) : Optional.empty()));
    }
    Presence presence =
        random.nextInt(8) == 0
            ? new Presence.Lost(Duration.ofSeconds(9))
            : new Presence.Connected();
    Duty duty =
        switch (random.nextInt(10)) {
          case 0 -> new Duty.Cordoned("fan");
          case 1 ->
              new Duty.Closing(Duration.ofHours(1 + random.nextInt(3)), random.nextBoolean(), "m1");
          default -> new Duty.InService();
        };
    Tenancy tenancy =
        switch (random.nextInt(6)) {
          case 0 -> new Tenancy.Let(Set.of("alice"));
          case 1 -> new Tenancy.Inhabited(Set.of("alice", "bob"));
          default -> new Tenancy.Vacant();
        };
    return new NodeView(
        "",
        presence,
        duty,
        devices,
        new Topology(neuron ? Grouping.ofNeuron("Trainium2") : Grouping.ANY),
        tenancy,
        Location.UNKNOWN,
        new Contact.At("10.0.0.1"),
        random.nextInt(6) == 0 ? Map.of(Capability.CHECKS, "it does no checks") : Map.of());
  }

  private static Optional<MigProfile> profile(Random random) {
    return MigProfile.ofText(random.nextBoolean() ? "1g.10gb" : "2g.20gb");
  }

  static Traits traits(int index, Random random) {
    return new Traits(
        random.nextInt(8) == 0 ? OptionalInt.empty() : OptionalInt.of(index / 4),
        random.nextInt(3) == 0,
        random.nextBoolean() ? OptionalInt.of(10) : OptionalInt.of(random.nextInt(11)),
        random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(random.nextInt(11)),
        random.nextInt(4) == 0 ? OptionalInt.empty() : OptionalInt.of(5 * random.nextInt(3)));
  }

  private static NodeView named(String name, NodeView kind, Random random) {
    Location location =
        new Location(
            random.nextBoolean() ? Optional.of("u" + random.nextInt(3)) : Optional.empty(),
            OptionalInt.of(random.nextInt(4)),
            random.nextBoolean() ? Optional.of("r" + random.nextInt(2)) : Optional.empty());
    Contact contact =
        switch (random.nextInt(8)) {
          case 0 -> new Contact.None("its address is not known");
          case 1 -> new Contact.At("127.0.0.1");
          default -> new Contact.At("10.0.0." + name.hashCode() % 100);
        };
    return new NodeView(
        name,
        kind.presence(),
        kind.duty(),
        kind.devices().stream()
            .map(d ->
                new DeviceView(
                    name + d.uuid(), d.index(), d.kind(), d.condition(), d.traits(), d.profile()))
            .toList(),
        kind.topology(),
        kind.tenancy(),
        location,
        contact,
        kind.lacks());
  }

  private void change(List<NodeView> kinds, Random random) {
    for (int i = random.nextInt(6); i >= 0; i--) {
      String name = "n" + random.nextInt(20);
      switch (random.nextInt(8)) {
        case 0 -> {
          fleet.remove(name);
          taken.removeIf(key -> key.node().equals(name));
        }
        case 1, 2, 3 ->
            fleet.put(name, named(name, kinds.get(random.nextInt(kinds.size())), random));
        default -> take(name, random);
      }
    }
  }

  private void take(String name, Random random) {
    int mask = random.nextBoolean() ? 0x0F : random.nextInt(256);
    taken.removeIf(key -> key.node().equals(name));
    for (int i = 0; i < 16; i++) {
      if (random.nextBoolean() && (mask & 1 << i) != 0) {
        taken.add(new DeviceKey(name, name + "u" + i));
      }
    }
  }

  private List<NodeView> instead(Random random) {
    if (random.nextInt(3) > 0) {
      return List.of();
    }
    return fleet.values().stream()
        .filter(node -> random.nextInt(4) == 0)
        .map(node ->
            random.nextBoolean()
                ? node.with(new Duty.Declining("kept"))
                : node.with(
                    node.devices().stream()
                        .map(d -> random.nextBoolean() ? d : d.with(new Condition.Unfit("kept")))
                        .toList()))
        .toList();
  }

  private static JobSpec spec(Random random) {
    JobSpec spec =
        new JobSpec(
            "job",
            List.of("/bin/true"),
            Map.of(),
            Optional.empty(),
            random.nextBoolean() ? "alice" : "bob",
            "",
            50,
            switch (random.nextInt(4)) {
              case 0 -> new DeviceRequest(DeviceKind.NEURON, random.nextInt(9));
              case 1 ->
                  new DeviceRequest(
                      DeviceKind.GPU, 1 + random.nextInt(2), profile(random), random.nextBoolean());
              default ->
                  new DeviceRequest(
                      DeviceKind.GPU, random.nextInt(9), Optional.empty(), random.nextBoolean());
            },
            random.nextBoolean() ? 1 : 1 + random.nextInt(5),
            random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(5_400_000),
            10_000,
            OptionalLong.empty(),
            OptionalInt.empty(),
            LeaseRule.KEEP);
    JobSpec apart = random.nextInt(4) == 0 ? spec.with(FailureDomain.RACK) : spec;
    return random.nextInt(4) == 0 && spec.devices().mig().isEmpty()
        ? apart.with(new JobChecks(List.of("devices"), List.of(), 90_000))
        : apart;
  }
}
