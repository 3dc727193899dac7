package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.frames.Position;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent's process that samples simulated devices five times a second, and a whole collector that
 * is away, while the agent is killed and its disk is full.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SpoolTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String SAMPLES = "millwright_agent_spool_samples{node=\"node1\"}";
  private static final String WRITABLE = "millwright_agent_spool_writable{node=\"node1\"}";
  private static final String ERRORS = "millwright_agent_spool_write_errors_total{node=\"node1\"}";
  private static final String DROPPED =
      "millwright_agent_spool_dropped_total{node=\"node1\",kind=\"samples\"}";

  /** What the ring holds while the collector is away, and what may be on its way to the disk. */
  private static final int MOST_LOST = 10 + 5;

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final List<Late> late = new CopyOnWriteArrayList<>();
  private DemoTrust trust;
  private Collector collector;
  private int port;

  /** A sample of the spool, and whether the node was seen to live before it came. */
  private record Late(Position at, boolean live) {}

  @BeforeEach
  void start() throws IOException {
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of("node1"), clock);
    collector = collector();
  }

  private Collector collector() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Collector[] made = new Collector[1];
    made[0] =
        new Collector(
            new CollectorOptions(
                new InetSocketAddress(loopback, 0),
                new InetSocketAddress(loopback, port),
                trust.collector(),
                directory.resolve("data"),
                Optional.empty(),
                Set.of()),
            (node, at, taken, schema, row) -> late.add(new Late(at, connected(made[0]))),
            clock);
    made[0].start();
    port = made[0].uplinkPort();
    return made[0];
  }

  private boolean connected(Collector of) {
    return of.fleet()
        .node("node1")
        .filter(node -> node.link(clock.nanos()) == Link.CONNECTED)
        .isPresent();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  private AgentProcess agent(SimulatedNode simulated, Path state) throws IOException {
    return AgentProcess.up(
        simulated,
        "--set",
        "health.directory=" + state,
        "--set",
        "sampling.fast=200ms",
        "--set",
        "collector.address=127.0.0.1:" + port,
        "--set",
        "collector.credentials=" + trust.node("node1"));
  }

  /** NaN where there is none, which is neither more nor less nor equal. */
  private static double shown(LivePage page, String series) {
    return page.series().getOrDefault(series, Double.NaN);
  }

  private static double waiting(AgentProcess agent, double atLeast) {
    return shown(agent.awaitPage(page -> shown(page, SAMPLES) >= atLeast), SAMPLES);
  }

  private Map<Long, NavigableSet<Long>> byStart() {
    Map<Long, NavigableSet<Long>> starts = new TreeMap<>();
    for (Late one : late) {
      starts
          .computeIfAbsent(one.at().incarnation(), first -> new TreeSet<>())
          .add(one.at().sequence());
    }
    return starts;
  }

  private static void awaitEmpty(AgentProcess agent) {
    AgentProcess.within(LONG).until(() -> shown(agent.scrape(), SAMPLES) <= 1);
  }

  /** On a loaded machine one sample of the second start was once missing; why is not known yet. */
  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void aKillWhileTheCollectorIsAwayCostsTheLastSamplesAlone() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile h100");
    Path state = directory.resolve("health");
    double before;
    try (AgentProcess agent = agent(simulated, state)) {
      AgentProcess.within(LONG).until(() -> connected(collector));
      collector.close();
      late.clear(); // what was taken before the first session came late, too
      before = waiting(agent, 60);
      agent.signal("KILL");
      agent.exitCode();
    }
    try (AgentProcess agent = agent(simulated, state)) {
      waiting(agent, before - MOST_LOST + 60);
      collector = collector();
      AgentProcess.within(LONG).until(() -> byStart().size() == 2);
      awaitEmpty(agent);
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
    Map<Long, NavigableSet<Long>> starts = byStart();
    assertThat(late).as("each once").hasSize(starts.values().stream().mapToInt(Set::size).sum());
    for (NavigableSet<Long> numbers : starts.values()) {
      assertThat(numbers)
          .as("without a gap")
          .containsExactlyElementsOf(
              LongStream.rangeClosed(numbers.first(), numbers.last()).boxed().toList());
    }
    assertThat(starts.values()).anyMatch(numbers -> numbers.first() == 1);
    assertThat(starts.values().stream().filter(numbers -> numbers.first() > 1))
        .as("the start that was killed")
        .singleElement()
        .satisfies(numbers -> assertThat(numbers.size()).isGreaterThan((int) before - MOST_LOST));
    assertThat(late.getFirst().live()).as("the present came first").isTrue();
  }

  @Test
  void aFullDiskCostsSamplesAndNothingElse() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile h100");
    Path state = Files.createDirectory(directory.resolve("health"));
    mount(state);
    try (AgentProcess agent = agent(simulated, state)) {
      AgentProcess.within(LONG).until(() -> connected(collector));
      collector.close();
      late.clear();
      waiting(agent, 30);
      Path filler = state.resolve("fills");
      Files.write(filler, new byte[20 << 20]);
      agent.awaitPage(page -> shown(page, WRITABLE) == 0);
      agent.awaitLog("samples cannot be kept on the disk");
      AgentProcess.within(LONG).until(() -> shown(agent.scrape(), DROPPED) > 0);
      assertThat(shown(agent.scrape(), ERRORS)).isPositive();
      collector = collector();
      AgentProcess.within(LONG).until(() -> connected(collector));
      AgentProcess.within(LONG).until(() -> !late.isEmpty());
      assertThat(late.getFirst().live()).isTrue();
      collector.close();
      Files.delete(filler);
      agent.awaitLog("samples are kept on the disk again");
      agent.awaitPage(page -> shown(page, WRITABLE) == 1);
      double errors = shown(agent.scrape(), ERRORS);
      waiting(agent, 60);
      assertThat(shown(agent.scrape(), ERRORS)).isEqualTo(errors);
      assertThat(count(agent.errors(), "samples cannot be kept on the disk"))
          .as("one line")
          .isEqualTo(1);
    } finally {
      umount(state);
    }
  }

  private static long count(String text, String part) {
    return text.lines().filter(line -> line.contains(part)).count();
  }

  private static void mount(Path at) throws Exception {
    if (run("mount", "-t", "tmpfs", "-o", "size=48m", "none", at.toString()) != 0) {
      abort("no file system can be mounted here: run the tests as root to see this one");
    }
  }

  private static void umount(Path at) throws Exception {
    assertThat(run("umount", at.toString())).isZero();
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }
}
