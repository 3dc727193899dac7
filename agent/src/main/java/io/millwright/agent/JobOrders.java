package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.downlink.Orders;
import io.millwright.agent.jobs.Checker;
import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.PlainProcesses;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.SystemdUnits;
import io.millwright.agent.launcher.Units;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the room of jobs of a node that may carry out some. */
final class JobOrders {
  private static final Logger LOG = LoggerFactory.getLogger(JobOrders.class);

  /** Between the kill of a job and the complaint that something of it is left. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private JobOrders() {}

  /**
   * Empty where the node has neither a policy nor a journal of earlier jobs: it only watches, and
   * leaves nothing on the disk.
   */
  static Optional<Orders> of(
      AgentConfig config,
      SeenDevices devices,
      Checker checker,
      BooleanSupplier devicesKnown,
      Clock clock) {
    Path policy = Path.of(config.jobs().policy());
    Path directory = Path.of(config.jobs().directory());
    if (!Files.exists(policy) && !Files.isDirectory(directory)) {
      LOG.info("no job runs here: there is no {}; restart the agent once there is one", policy);
      return Optional.empty();
    }
    JobsRoom.Settings settings =
        new JobsRoom.Settings(
            config.node().name(),
            directory.resolve("journal"),
            () -> execution(config, policy),
            devices,
            devices,
            checker);
    return Optional.of(
        new Orders(settings, units(config, devices, directory, clock), devicesKnown, clock));
  }

  private static Execution execution(AgentConfig config, Path policy) {
    return config.executes()
        ? PolicyFile.read(policy)
        : new Execution.Off(
            "mode is %s, and no job of Millwright begins here; set mode: execute and restart the agent"
                .formatted(config.mode()));
  }

  private static Units units(AgentConfig config, SeenDevices devices, Path directory, Clock clock) {
    return config.jobs().systemd()
        ? new SystemdUnits(Layout.installed(), devices::instances, clock, PATIENCE)
        : new PlainProcesses(
            directory.resolve("runs"),
            NeuronHost.under(Path.of(config.neuron().root())),
            clock,
            PATIENCE);
  }
}
