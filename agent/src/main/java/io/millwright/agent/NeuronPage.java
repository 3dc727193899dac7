package io.millwright.agent;

import io.millwright.agent.config.AgentConfig;
import io.millwright.agent.dialect.Dialect;
import io.millwright.agent.dialect.NeuronDialect;
import io.millwright.agent.dialect.NeuronIdentity;
import io.millwright.agent.monitor.NeuronMonitor;
import io.millwright.drivers.neuron.monitor.MonitorRecord.Hardware;
import io.millwright.drivers.neuron.monitor.MonitorRecord.Instance;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The child neuron-monitor and the page in its exporter's names, where a configuration has them.
 */
final class NeuronPage {
  private static final Instance NO_INSTANCE = new Instance("", "", "", "", "", "");
  private static final Hardware NO_HARDWARE = new Hardware("", "", "");

  private NeuronPage() {}

  /** With the page, all that it shows is read, whatever the tier. */
  static Optional<NeuronMonitor> monitor(AgentConfig config, Clock clock) {
    String program = config.neuron().monitor();
    return program.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NeuronMonitor(
                Path.of(program),
                config.node().name(),
                config.sampling(),
                wanted(config) ? Metric.Tier.OPTIONAL : config.metrics().upTo(),
                clock));
  }

  private static boolean wanted(AgentConfig config) {
    return config.page().dialects().contains(Dialect.Name.NEURON.word());
  }

  /** These pages, and this one where it is wanted. */
  static List<Dialect> beside(
      List<Dialect> others, AgentConfig config, Optional<NeuronMonitor> monitor) {
    List<Dialect> all = new ArrayList<>(others);
    if (wanted(config)) {
      String node = config.node().name();
      all.add(new NeuronDialect(() -> identity(node, monitor)));
    }
    return all;
  }

  /** The node's name stands for what neuron-monitor does not say; nobody is asked for it. */
  private static NeuronIdentity identity(String node, Optional<NeuronMonitor> monitor) {
    Instance instance = monitor.flatMap(NeuronMonitor::instance).orElse(NO_INSTANCE);
    Hardware hardware = monitor.flatMap(NeuronMonitor::hardware).orElse(NO_HARDWARE);
    return new NeuronIdentity(
        instance.name().isEmpty() ? node : instance.name(),
        instance.id().isEmpty() ? node : instance.id(),
        instance.type(),
        instance.zone(),
        instance.region(),
        instance.subnet(),
        hardware.devices(),
        hardware.memoryBytes(),
        hardware.coresPerDevice());
  }
}
