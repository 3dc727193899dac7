package io.millwright.simulator.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.jobs.Run;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.DeviceRequest;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent that has forgotten a run without a word is found by its heartbeats: the real room, its
 * session, the real port and book, over a clock that stands until it is moved.
 */
class SilentLossTest {
  private static final RunId RUN = new RunId("long", 1);
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final Duration STEP = Duration.ofSeconds(1);

  @TempDir private Path directory = Path.of("");

  @Test
  void whatIsForgottenWithoutAWordIsFoundWithinTwoHeartbeats() throws Exception {
    Violation.forget();
    Trust trust = new Trust(directory.resolve("trust"), List.of("n1"));
    try (Ground ground = new Ground(trust)) {
      Pair pair = new Pair(ground);
      var _ = pair.collector.submit(job());
      pair.steps(40, true);
      assertThat(pair.state()).hasValue(JobState.RUNNING);
      assertThat(pair.collector.mismatches()).as("they speak of the same").isZero();

      pair.agent.forgetsSilently(RUN);
      int passed = 0;
      for (; pair.collector.mismatches() == 0 && passed < 60; passed++) {
        pair.steps(1, false);
      }
      assertThat(STEP.multipliedBy(passed))
          .isLessThanOrEqualTo(HEARTBEAT.multipliedBy(2).plus(STEP));
      pair.steps(60, false);
      assertThat(pair.collector.mismatches()).as("once for this difference").isEqualTo(1);
      assertThat(pair.collector.runs().getFirst().outcome())
          .as("the node's answer says that it does not know it")
          .hasValue(Outcome.of(Outcome.Kind.UNTRACKED));
      assertThat(pair.machine.running()).as("and nothing was stopped").containsExactly(RUN);
      pair.agent.bury();
    }
  }

  private static JobSpec job() {
    return new JobSpec(
        RUN.job(),
        List.of("/bin/true"),
        Map.of(),
        Optional.empty(),
        "nobody",
        "",
        50,
        new DeviceRequest(DeviceKind.GPU, 1),
        1,
        OptionalLong.empty(),
        1_000,
        OptionalLong.empty(),
        OptionalInt.empty(),
        JobSpec.LeaseRule.KEEP);
  }

  /** One agent and its collector over a network that loses nothing. */
  private static final class Pair {
    private final VirtualClock clock = new VirtualClock();
    private final Random random = new Random(1);
    private final Machine machine;
    private final SimulatedAgent agent;
    private final SimulatedCollector collector;
    private final Link link;

    Pair(Ground ground) throws Exception {
      Witness witness = new Witness(what -> {});
      machine = new Machine("n1", witness, clock, random);
      Path files = ground.fresh();
      agent =
          new SimulatedAgent(
              "n1",
              1,
              files,
              new Platter(files, random),
              machine,
              ground.policy(),
              ground.trust(),
              witness,
              clock,
              random);
      SimulatedStore.Disk disk = new SimulatedStore.Disk();
      collector =
          new SimulatedCollector(
              SimulatedStore.open(disk, random),
              new BookView(witness),
              ground.events(0),
              new HashSet<>(),
              ground.trust(),
              clock);
      witness.go(Set.of(RUN));
      collector.turn(true);
      SteppedChannel there =
          new SteppedChannel(clock, ground.trust().towardsCollector(), agent.uplink().next())
              .opened();
      SteppedChannel here =
          new SteppedChannel(clock, ground.trust().towardsNode("n1"), collector.ingest().next())
              .opened();
      agent.uplink().connected(there);
      link = new Link(agent, collector, there, here, witness, random);
      link.collect();
    }

    Optional<JobState> state() {
      return agent.run(RUN).map(Run::state);
    }

    /**
     * @param whole whether the agent looks after itself, which finds a process that it has
     *     forgotten
     */
    void steps(int count, boolean whole) {
      for (int i = 0; i < count; i++) {
        clock.pass(STEP);
        if (whole) {
          agent.step();
        } else {
          agent.uplink().step();
          agent.turn();
          agent.turn();
          agent.uplink().step();
        }
        machine.goOn(false, true);
        link.collect();
        link.deliverToCollector(true);
        link.collectorTurn();
        collector.turn(true);
        link.collect();
        link.deliverToAgent(true);
      }
    }
  }
}
