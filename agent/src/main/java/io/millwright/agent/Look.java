package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.config.ReloadableConfig;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One look at this machine by a process of its own, whether or not an agent runs: the same lanes
 * read and the same rules judge, and nothing is kept, served, sent or set.
 *
 * <p><i>Lifecycle:</i> {@link #open} waits until everything was read once or is known to hang;
 * {@link #close}. <i>Threading:</i> one owner thread.
 */
final class Look {
  private static final Duration LONGEST = Duration.ofSeconds(12);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final int TICKS = 2;

  /** No directory can be made here, so that nothing is kept. */
  private static final String NOWHERE = "/dev/null/millwright";

  private final Agent agent;

  private Look(Agent agent) {
    this.agent = agent;
  }

  static Look open(ConfigResult.Loaded loaded, Clock clock) {
    ConfigResult.Loaded quiet =
        new ConfigResult.Loaded(keepingNothing(loaded.config()), loaded.sha256());
    Agent agent =
        new Agent(
            new ReloadableConfig(quiet, () -> quiet),
            BuildFacts.read(),
            List.of(),
            Optional.empty(),
            clock);
    agent.startReading();
    long until = clock.nanos() + LONGEST.toNanos();
    while (!done(agent) && clock.nanos() - until < 0) {
      clock.parkUntil(clock.nanos() + LOOK_AGAIN.toNanos());
    }
    return new Look(agent);
  }

  private static boolean done(Agent agent) {
    return agent.looked() && agent.allSeen() && agent.snapshot().sequence() >= TICKS;
  }

  private static AgentConfig keepingNothing(AgentConfig config) {
    return new AgentConfig(
        config.node(),
        config.mode(),
        config.listen(),
        config.sampling(),
        config.metrics(),
        config.page(),
        new AgentConfig.Collector(
            "", config.collector().credentials(), config.collector().spoolMebibytes()),
        config.jobs(),
        new AgentConfig.Health(
            config.health().kernelLog(),
            NOWHERE,
            config.health().rules(),
            config.health().eventsMebibytes(),
            config.health().eventsDays()),
        new AgentConfig.Power(false, config.power().directory(), config.power().launcher()),
        config.nvidia(),
        new AgentConfig.Neuron(
            config.neuron().enabled(),
            config.neuron().root(),
            config.neuron().callDeadline(),
            config.neuron().expectedAccelerators(),
            ""),
        config.host(),
        config.evidence());
  }

  NodeEvidence.Insight insight() {
    return agent.insight();
  }

  void close() throws InterruptedException {
    List<String> _ = agent.stop();
  }
}
