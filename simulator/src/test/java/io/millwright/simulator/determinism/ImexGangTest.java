package io.millwright.simulator.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gangs that ask for an IMEX channel, on nodes that tell of GB200 in a fabric: the real rooms,
 * sessions, port, planner and book over their own frames. Nodes, processes and channels are
 * simulated.
 */
class ImexGangTest {
  private static final RunId FIRST = new RunId("first", 1);
  private static final RunId SECOND = new RunId("second", 1);
  private static final RunId PLAIN = new RunId("plain", 1);
  private static final Duration STEP = Duration.ofSeconds(1);

  @TempDir private Path directory = Path.of("");

  @Test
  void theMembersOfAGangHaveOneChannelAndNoOtherRunHasIt() throws Exception {
    Violation.forget();
    List<String> nodes = List.of("n1", "n2");
    Trust trust = new Trust(directory.resolve("trust"), nodes);
    try (Ground ground = new Ground(trust)) {
      Floor floor = new Floor(ground, nodes);
      var _ = floor.collector.submit(gang(FIRST, 1, true));
      var _ = floor.collector.submit(gang(SECOND, 1, true));
      var _ = floor.collector.submit(gang(PLAIN, 0, false));
      floor.steps(60);
      assertThat(floor.machines).allMatch(machine -> machine.running().size() == 3);
      assertThat(floor.channels(FIRST)).hasSize(2);
      assertThat(floor.channels(SECOND)).hasSize(2);
      assertThat(Set.copyOf(floor.channels(FIRST))).hasSize(1);
      assertThat(Set.copyOf(floor.channels(SECOND)))
          .hasSize(1)
          .doesNotContainAnyElementsOf(floor.channels(FIRST));
      assertThat(floor.channels(PLAIN)).isEmpty();
      for (SimulatedAgent agent : floor.agents) {
        agent.bury();
      }
    }
  }

  private static JobSpec gang(RunId run, int devices, boolean imex) {
    return new JobSpec(
        run.job(),
        List.of("/bin/true"),
        Map.of(),
        Optional.empty(),
        "nobody",
        "",
        50,
        new DeviceRequest(DeviceKind.GPU, devices, Optional.empty(), false, imex),
        2,
        OptionalLong.empty(),
        1_000,
        OptionalLong.empty(),
        OptionalInt.empty(),
        JobSpec.LeaseRule.KEEP);
  }

  /** Nodes and their collector over a network that loses nothing. */
  private static final class Floor {
    private final VirtualClock clock = new VirtualClock();
    private final Random random = new Random(1);
    private final List<Machine> machines = new ArrayList<>();
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final SimulatedCollector collector;

    Floor(Ground ground, List<String> nodes) throws Exception {
      Witness witness = new Witness(what -> {});
      collector =
          new SimulatedCollector(
              SimulatedStore.open(new SimulatedStore.Disk(), random),
              new BookView(witness),
              ground.events(0),
              new HashSet<>(),
              ground.trust(),
              clock);
      witness.go(Set.of(FIRST, SECOND, PLAIN));
      collector.turn(true);
      Path files = ground.fresh();
      for (String node : nodes) {
        Machine machine = new Machine(node, witness, clock, random);
        Path own = Files.createDirectory(files.resolve(node));
        SimulatedAgent agent =
            new SimulatedAgent(
                node,
                1,
                own,
                new Platter(own, random),
                machine,
                ground.policy(),
                ground.trust(),
                witness,
                clock,
                random);
        SteppedChannel there =
            new SteppedChannel(clock, ground.trust().towardsCollector(), agent.uplink().next())
                .opened();
        SteppedChannel here =
            new SteppedChannel(clock, ground.trust().towardsNode(node), collector.ingest().next())
                .opened();
        agent.uplink().connected(there);
        Link link = new Link(agent, collector, there, here, witness, random);
        link.collect();
        machines.add(machine);
        agents.add(agent);
        links.add(link);
      }
    }

    List<ImexChannel> channels(RunId run) {
      return machines.stream()
          .flatMap(machine -> Stream.ofNullable(machine.channels().get(run)))
          .toList();
    }

    void steps(int count) {
      for (int i = 0; i < count; i++) {
        clock.pass(STEP);
        agents.forEach(SimulatedAgent::step);
        machines.forEach(machine -> machine.goOn(false, true));
        for (Link link : links) {
          link.collect();
          link.deliverToCollector(true);
          link.collectorTurn();
        }
        collector.turn(true);
        for (Link link : links) {
          link.collect();
          link.deliverToAgent(true);
        }
      }
    }
  }
}
