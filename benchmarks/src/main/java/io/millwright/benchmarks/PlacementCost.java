package io.millwright.benchmarks;

import io.millwright.collector.jobs.Granting;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Submission;
import io.millwright.collector.placement.Capacity;
import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.Contact;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.Location;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Placement;
import io.millwright.collector.placement.Planner;
import io.millwright.collector.placement.Presence;
import io.millwright.collector.placement.Share;
import io.millwright.collector.placement.Spread;
import io.millwright.collector.placement.Tenancy;
import io.millwright.collector.placement.Topology;
import io.millwright.collector.store.SqliteStore;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What it takes to plan on many nodes of eight accelerators in racks of eighteen, a third of them
 * taken, for a project that is spread over racks, and to grant a placement durably. In this
 * process, on one thread, as the single writer does it.
 */
public final class PlacementCost {
  private static final Clock CLOCK = Clock.system();
  private static final int DEVICES = 8;
  private static final int GANG = 512;
  private static final int RACK = 18;
  private static final String PROJECT = "llm";

  /** Of a project that has runs in three racks, so that it makes a difference where a node is. */
  private static final Spread SPREAD =
      new Spread(PROJECT, Map.of("rack0000", 3, "rack0001", 2, "rack0002", 1));

  private PlacementCost() {}

  /**
   * Of the line {@code NODES ROUNDS}.
   *
   * @throws IOException where the store's place cannot be made
   */
  public static void main(String[] arguments) throws IOException {
    int nodes = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    List<NodeView> fleet = fleet(nodes);
    Set<DeviceKey> taken = taken(fleet);
    JobSpec one = spec("one", DEVICES, 1);
    JobSpec gang = spec("gang", DEVICES, GANG);
    Capacity capacity = new Capacity(Planner.standard());
    seen(capacity, fleet, taken, rounds);
    placed("plan a job of 8 accelerators", capacity, fleet, one, rounds);
    placed("plan a gang of 512 nodes", capacity, fleet, gang, rounds);
    planned("plan a job of 8 accelerators, every node looked at", fleet, taken, one, rounds);
    planned("plan a gang of 512 nodes, every node looked at", fleet, taken, gang, rounds);
    granted(fleet, rounds);
  }

  private static List<NodeView> fleet(int nodes) {
    List<NodeView> fleet = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      String name = "node%05d".formatted(i);
      List<DeviceView> devices = new ArrayList<>();
      for (int device = 0; device < DEVICES; device++) {
        devices.add(
            new DeviceView(
                "GPU-%s-%d".formatted(name, device), device, DeviceKind.GPU, new Condition.Fit()));
      }
      fleet.add(
          new NodeView(
              name,
              new Presence.Connected(),
              new Duty.InService(),
              devices,
              Topology.FLAT,
              new Tenancy.Vacant(),
              rack("rack%04d".formatted(i / RACK)),
              new Contact.At("10.0.0.1")));
    }
    return fleet;
  }

  private static Location rack(String name) {
    return new Location(Optional.empty(), OptionalInt.empty(), Optional.of(name));
  }

  /** All devices of each third node. */
  private static Set<DeviceKey> taken(List<NodeView> fleet) {
    Set<DeviceKey> taken = new HashSet<>();
    for (int i = 0; i < fleet.size(); i += 3) {
      NodeView node = fleet.get(i);
      node.devices().forEach(device -> taken.add(new DeviceKey(node.name(), device.uuid())));
    }
    return taken;
  }

  private static JobSpec spec(String name, int devices, int nodes) {
    return new JobSpec(
        name,
        List.of("/bin/true"),
        Map.of(),
        Optional.empty(),
        "alice",
        PROJECT,
        50,
        new DeviceRequest(DeviceKind.GPU, devices),
        nodes,
        OptionalLong.empty(),
        10_000,
        OptionalLong.empty(),
        OptionalInt.empty(),
        JobSpec.LeaseRule.KEEP);
  }

  private static List<Share> plan(List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec) {
    return shares(Planner.standard().plan(fleet, taken, spec, SPREAD));
  }

  private static List<Share> shares(Placement placement) {
    return switch (placement) {
      case Placement.Placed placed -> placed.shares();
      case Placement.Unplaced unplaced -> throw new BenchmarkException(unplaced.summary());
    };
  }

  /** The whole fleet taken in anew, as once a second while jobs wait; every view is another one. */
  private static void seen(
      Capacity capacity, List<NodeView> fleet, Set<DeviceKey> taken, int rounds) {
    capacity.see(fleet, taken);
    long[] took = new long[rounds];
    for (int i = -rounds; i < rounds; i++) {
      List<NodeView> now = fleet(fleet.size());
      long begun = CLOCK.nanos();
      if (capacity.see(now, taken)) {
        throw new BenchmarkException("the same fleet is seen otherwise");
      }
      took[Math.max(0, i)] = CLOCK.nanos() - begun;
    }
    print(Line.of("take in the fleet as it is seen").add("nodes", fleet.size()), took);
  }

  /** By what is free, of which one node has more or less each time. */
  private static void placed(
      String what, Capacity capacity, List<NodeView> fleet, JobSpec spec, int rounds) {
    long[] took = new long[rounds];
    for (int i = -rounds; i < rounds; i++) {
      NodeView changed = fleet.get(1 + 3 * Math.floorMod(i, fleet.size() / 3));
      Set<String> own = i % 2 == 0 ? Set.of(changed.devices().getFirst().uuid()) : Set.of();
      long begun = CLOCK.nanos();
      capacity.see(changed, own);
      int shares = shares(capacity.plan(spec, List.of(), SPREAD)).size();
      if (shares != spec.nodes()) {
        throw new BenchmarkException("%d shares of %d".formatted(shares, spec.nodes()));
      }
      took[Math.max(0, i)] = CLOCK.nanos() - begun;
    }
    print(Line.of(what).add("nodes", fleet.size()), took);
  }

  private static void planned(
      String what, List<NodeView> fleet, Set<DeviceKey> taken, JobSpec spec, int rounds) {
    long[] took = new long[rounds];
    for (int i = -rounds; i < rounds; i++) {
      long begun = CLOCK.nanos();
      int shares = plan(fleet, taken, spec).size();
      if (shares != spec.nodes()) {
        throw new BenchmarkException("%d shares of %d".formatted(shares, spec.nodes()));
      }
      took[Math.max(0, i)] = CLOCK.nanos() - begun;
    }
    print(Line.of(what).add("nodes", fleet.size()), took);
  }

  /**
   * One after the other, each durable when the call returns; the submission before is not timed.
   */
  private static void granted(List<NodeView> fleet, int rounds) throws IOException {
    long[] took = new long[rounds];
    try (SqliteStore store =
        SqliteStore.open(Scratch.directory("mw-grants").resolve("collector.db"))) {
      JobBook book = JobBook.open(store, CLOCK);
      for (int i = 0; i < rounds; i++) {
        JobSpec spec = spec("job-" + i, DEVICES, 1);
        List<NodeView> free = List.of(fleet.get(i % fleet.size()));
        if (!(book.submit(spec) instanceof Submission.Accepted(var run))) {
          throw new BenchmarkException(spec.name() + " was not taken");
        }
        List<Share> shares = plan(free, Set.of(), spec);
        long begun = CLOCK.nanos();
        if (!(book.place(run.id(), shares) instanceof Granting.Granted)) {
          throw new BenchmarkException(spec.name() + " was not granted");
        }
        took[i] = CLOCK.nanos() - begun;
      }
    }
    long all = 0;
    for (long one : took) {
      all += one;
    }
    print(Line.of("durable grant, one after the other").add("a_second", rounds * 1e9 / all), took);
  }

  private static void print(Line line, long[] took) {
    Latencies.of(took).into(line);
    System.out.println(line);
  }
}
