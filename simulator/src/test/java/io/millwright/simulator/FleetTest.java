package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.DeviceReading;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents as processes that stream over mutual TLS to a collector. */
@SuppressWarnings("NullAway.Init") // set before each test
class FleetTest {
  private static final String SITE = "test";
  private static final int DEVICES = 8;

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private DemoTrust trust;
  private Collector collector;

  @BeforeEach
  void startCollector() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), SITE, List.of("node1", "node2"), clock);
    collector = collector(0);
  }

  private Collector collector(int uplinkPort) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Collector made =
        new Collector(
            new CollectorOptions(
                new InetSocketAddress(loopback, 0),
                new InetSocketAddress(loopback, uplinkPort),
                trust.collector(),
                directory.resolve("data"),
                Optional.empty(),
                Set.of()),
            clock);
    made.start();
    return made;
  }

  @AfterEach
  void stopCollector() {
    collector.close();
  }

  private AgentProcess agent(SimulatedNode node, String name, Path credentials) throws IOException {
    return AgentProcess.up(
        node,
        "--set",
        "node.name=" + name,
        "--set",
        "collector.address=127.0.0.1:" + collector.uplinkPort(),
        "--set",
        "collector.credentials=" + credentials);
  }

  private Optional<NodeState> node(String name) {
    return collector.fleet().node(name);
  }

  private Link link(String name) {
    return node(name).map(node -> node.link(clock.nanos())).orElse(Link.LOST);
  }

  private long up(String name) {
    return node(name).stream()
        .flatMap(node -> node.accelerators().stream())
        .filter(AcceleratorState::up)
        .count();
  }

  @Test
  void whatANodeReadsIsInTheFleet() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile b200", "load 0.5");
    try (AgentProcess agent = agent(simulated, "node1", trust.node("node1"))) {
      AgentProcess.soon().until(() -> link("node1") == Link.CONNECTED && up("node1") == DEVICES);
      AgentProcess.soon()
          .until(() ->
              node("node1").orElseThrow().accelerators().stream()
                  .allMatch(device ->
                      device.simulated()
                          && device.value(DeviceReading.POWER_WATTS).orElse(0) > 100));

      simulated.fault(3, "hang");
      AgentProcess.soon().until(() -> up("node1") == DEVICES - 1);
      AcceleratorState hung = node("node1").orElseThrow().accelerators().get(3);
      assertThat(hung.up()).isFalse();
      AgentProcess.soon()
          .until(() -> node("node1").orElseThrow().accelerators().get(3).stuckCall().isPresent());
      simulated.fault(3, "release");
      AgentProcess.soon().until(() -> up("node1") == DEVICES);
      assertThat(collector.fleet().events())
          .anyMatch(event -> event.kind().equals("accelerator-down"))
          .anyMatch(event -> event.kind().equals("node-connected"));

      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
      AgentProcess.soon().until(() -> link("node1") != Link.CONNECTED);
    }
  }

  @Test
  void anAgentComesBackToACollectorThatWasAway() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = agent(simulated, "node1", trust.node("node1"))) {
      AgentProcess.soon().until(() -> up("node1") == DEVICES);
      int port = collector.uplinkPort();
      collector.close();
      agent.awaitLog("collector not connected");
      assertThat(agent.scrape().up(DEVICES)).as("the node goes on without it").isTrue();
      collector = collector(port);
      AgentProcess.soon().until(() -> link("node1") == Link.CONNECTED && up("node1") == DEVICES);
    }
  }

  /** Debian's Prometheus finds the nodes by itself and scrapes each behind the collector's port. */
  @Test
  void prometheusDiscoversAndScrapesTheFleet() throws Exception {
    Path program = Path.of(System.getProperty("prometheus", ""));
    assumeTrue(
        Files.isRegularFile(program) && Files.isExecutable(program),
        "prometheus is not at -Dprometheus");
    SimulatedNode one = AgentProcess.simulated("profile b200");
    SimulatedNode two = AgentProcess.simulated("profile b200", "seed 7");
    try (AgentProcess first = agent(one, "node1", trust.node("node1"));
        AgentProcess second = agent(two, "node2", trust.node("node2"))) {
      AgentProcess.soon().until(() -> up("node1") == DEVICES && up("node2") == DEVICES);
      assertThat(first.alive() && second.alive()).isTrue();
      Path config = directory.resolve("prometheus.yml");
      Files.writeString(
          config,
          """
          global: {scrape_interval: 1s, scrape_timeout: 1s}
          scrape_configs:
            - job_name: fleet
              http_sd_configs: [{url: 'http://127.0.0.1:%1$d/sd/targets', refresh_interval: 1s}]
              relabel_configs: [{source_labels: [millwright_node], target_label: instance}]
            - job_name: collector
              static_configs: [{targets: ['127.0.0.1:%1$d']}]
          """
              .formatted(collector.httpPort()));
      try (PrometheusProcess prometheus = PrometheusProcess.start(program, config, directory)) {
        AgentProcess.soon()
            .until(() ->
                prometheus.query("count(millwright_accelerator_power_watts)").orElse(0)
                    == 2 * DEVICES);
        AgentProcess.soon()
            .until(() ->
                prometheus.query("count(up{job=\"fleet\"} == 1)").orElse(0) == 2
                    && prometheus
                            .query("sum(millwright_collector_nodes{link=\"connected\"})")
                            .orElse(0)
                        == 2);
      }
    }
  }

  @Test
  void anotherNodesCertificateIsNoCredential() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = agent(simulated, "node1", trust.node("node2"))) {
      assertThat(agent.exitCode()).isEqualTo(78);
      assertThat(agent.errors())
          .startsWith("collector.credentials: the certificate in")
          .contains("of node node2, and this is node node1");
    }
    assertThat(collector.fleet().nodes()).isEmpty();
  }

  @Test
  void aCheckOfTheConfigurationSeesWhoseCertificateItIs() throws Exception {
    assertThat(check(trust.node("node1"))).isEqualTo("0 ");
    assertThat(check(trust.node("node2")))
        .startsWith("78 collector.credentials: the certificate in")
        .contains("of node node2, and this is node node1");
    assertThat(check(trust.node("node1").resolve("nowhere"))).as("not joined yet").isEqualTo("0 ");
  }

  private static String check(Path credentials) throws IOException, InterruptedException {
    String[] words = {
      "agent",
      "config",
      "check",
      "--set",
      "node.name=node1",
      "--set",
      "collector.address=127.0.0.1:9462",
      "--set",
      "collector.credentials=" + credentials
    };
    try (AgentProcess agent = AgentProcess.start(words)) {
      return agent.exitCode() + " " + agent.errors();
    }
  }

  @Test
  void anOperatorsCertificateIsNoNodes() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = agent(simulated, "demo", trust.admin())) {
      assertThat(agent.exitCode()).isEqualTo(78);
      assertThat(agent.errors()).contains("operator demo");
    }
  }

  /** The collector is somebody else's: both sides say so, and the node goes on. */
  @Test
  void aNodeOfAnotherSiteIsRefused() throws Exception {
    DemoTrust elsewhere =
        DemoTrust.create(directory.resolve("elsewhere"), "other", List.of("node1"), clock);
    SimulatedNode simulated = AgentProcess.simulated("profile b200");
    try (AgentProcess agent = agent(simulated, "node1", elsewhere.node("node1"))) {
      agent.awaitLog("collector not connected");
      AgentProcess.soon().until(() -> agent.errors().contains("authority"));
      agent.awaitPage(page -> page.up(DEVICES));
      assertThat(collector.fleet().nodes()).isEmpty();
    }
  }
}
