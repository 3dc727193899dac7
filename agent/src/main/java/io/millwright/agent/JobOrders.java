package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.downlink.Orders;
import io.millwright.agent.events.HolderNews;
import io.millwright.agent.jobs.Checker;
import io.millwright.agent.jobs.JobsRoom;
import io.millwright.agent.launcher.Claims;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.PlainProcesses;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.Strangers;
import io.millwright.agent.launcher.SystemdUnits;
import io.millwright.agent.launcher.Units;
import io.millwright.agent.privileged.ForeignHolders;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

  /**
   * Who tells which processes have devices of these jobs open and are not of them; empty where they
   * are no units, and no control group says whose a process is.
   *
   * @param snapshot the newest
   */
  static Optional<ForeignHolders> foreign(
      AgentConfig config,
      Orders jobs,
      Supplier<NodeSnapshot> snapshot,
      Consumer<HolderNews> told,
      Clock clock) {
    if (!config.jobs().systemd()) {
      return Optional.empty();
    }
    Layout layout = Layout.installed();
    return Optional.of(
        new ForeignHolders(
            Path.of("/"),
            Strangers.to(layout.agent()),
            new OpenRuns(jobs::runs, new Claims(layout)),
            snapshot,
            one ->
                told.accept(
                    new HolderNews(
                        one.run(),
                        one.device(),
                        one.process(),
                        one.holds(),
                        one.sentence(),
                        clock.wall().toEpochMilli()))));
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
