package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobSpec.LeaseRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** Nodes and jobs for the tests of the planner. */
final class Fleets {
  private Fleets() {}

  static JobSpec wants(int devices, int nodes) {
    return wants(DeviceKind.GPU, devices, nodes);
  }

  static JobSpec wants(DeviceKind kind, int devices, int nodes) {
    return new JobSpec(
        "job",
        List.of("/bin/true"),
        Map.of(),
        Optional.empty(),
        "alice",
        "",
        50,
        new DeviceRequest(kind, devices),
        nodes,
        OptionalLong.empty(),
        10_000,
        OptionalLong.empty(),
        OptionalInt.empty(),
        LeaseRule.KEEP);
  }

  static NodeView node(String name, int gpus) {
    return node(name, new Presence.Connected(), new Duty.InService(), gpus);
  }

  static NodeView node(String name, Presence presence, Duty duty, int gpus) {
    List<DeviceView> devices = new ArrayList<>();
    for (int i = 0; i < gpus; i++) {
      devices.add(gpu(name, i, new Condition.Fit()));
    }
    return node(name, presence, duty, devices, Topology.FLAT);
  }

  private static NodeView node(
      String name, Presence presence, Duty duty, List<DeviceView> devices, Topology topology) {
    return new NodeView(
        name,
        presence,
        duty,
        devices,
        topology,
        new Tenancy.Vacant(),
        Location.UNKNOWN,
        new Contact.At("10.0.0.1"));
  }

  static DeviceView gpu(String node, int index, Condition condition) {
    return new DeviceView(uuid(node, index), index, DeviceKind.GPU, condition);
  }

  static String uuid(String node, int index) {
    return "GPU-" + node + "-" + index;
  }

  static Set<DeviceKey> taken(String node, int... indexes) {
    Set<DeviceKey> taken = new HashSet<>();
    Arrays.stream(indexes).forEach(i -> taken.add(new DeviceKey(node, uuid(node, i))));
    return taken;
  }

  static List<NodeView> random(Random random) {
    List<NodeView> fleet = new ArrayList<>();
    int nodes = random.nextInt(6);
    for (int i = 0; i < nodes; i++) {
      fleet.add(randomNode("n" + i, random));
    }
    return fleet;
  }

  private static NodeView randomNode(String name, Random random) {
    List<DeviceView> devices = new ArrayList<>();
    int count = random.nextInt(9);
    boolean told = random.nextBoolean();
    for (int i = 0; i < count; i++) {
      DeviceKind kind = random.nextInt(8) == 0 ? DeviceKind.NEURON : DeviceKind.GPU;
      Traits traits = told ? CapacityTest.traits(i, random) : Traits.UNTOLD;
      devices.add(new DeviceView(uuid(name, i), i, kind, randomCondition(random), traits));
    }
    Presence presence =
        switch (random.nextInt(8)) {
          case 0 -> new Presence.Lost(Duration.ofSeconds(12));
          case 1 -> new Presence.Unseen();
          default -> new Presence.Connected();
        };
    Duty duty = random.nextInt(8) == 0 ? new Duty.Cordoned("fan") : new Duty.InService();
    return node(name, presence, duty, devices, Topology.FLAT);
  }

  private static Condition randomCondition(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> new Condition.Unfit("Xid 79");
      case 1 -> new Condition.Unknown();
      default -> new Condition.Fit();
    };
  }

  static Set<DeviceKey> randomTaken(List<NodeView> fleet, Random random) {
    Set<DeviceKey> taken = new HashSet<>();
    for (NodeView node : fleet) {
      for (DeviceView device : node.devices()) {
        if (random.nextInt(3) == 0) {
          taken.add(new DeviceKey(node.name(), device.uuid()));
        }
      }
    }
    return taken;
  }
}
