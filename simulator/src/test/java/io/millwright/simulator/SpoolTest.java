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
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent's process that samples simulated devices ten times a second, and a whole collector that
 * is away, while the agent is killed and its disk is full.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class SpoolTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String SAMPLES = "millwright_agent_spool_samples{node=\"node1\"}";
  private static final String WRITABLE = "millwright_agent_spool_writable{node=\"node1\"}";
  private static final String ERRORS = "millwright_agent_spool_write_errors_total{node=\"node1\"}";
  private static final String THINNED = "millwright_agent_spool_thinned_total{node=\"node1\"}";

  /** What the ring holds while the collector is away, and what may be on its way to the disk. */
  private static final int MOST_LOST = 10 + 5;

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final List<Late> late = new CopyOnWriteArrayList<>();
  private DemoTrust trust;
  private Collector collector;
  private int port;

  /** So many samples of each start wait for the collector. */
  private static final int WAITING = "yes".equals(System.getProperty("long")) ? 60 : 30;

  /**
   * A sample of the spool.
   *
   * @param takenMs when, by the clock of this machine
   * @param live whether the node was seen to live before it came
   */
  private record Late(Position at, long takenMs, boolean live) {}

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
            (node, schema) ->
                (at, takenMs, aheadMs, row) -> late.add(new Late(at, takenMs, connected(made[0]))),
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
        "sampling.fast=100ms",
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

  /**
   * The numbers of the samples that were taken in this time and came late, by start of the agent.
   */
  private Map<Long, NavigableSet<Long>> byStart(long sinceMs, long untilMs) {
    Map<Long, NavigableSet<Long>> starts = new TreeMap<>();
    for (Late one : late) {
      if (one.takenMs() >= sinceMs && one.takenMs() < untilMs) {
        starts
            .computeIfAbsent(one.at().incarnation(), first -> new TreeSet<>())
            .add(one.at().sequence());
      }
    }
    return starts;
  }

  private static void awaitEmpty(AgentProcess agent) {
    AgentProcess.within(LONG).until(() -> shown(agent.scrape(), SAMPLES) <= 1);
  }

  /**
   * What a collector has seen live does not come late, so that only what was taken while none was
   * there is without a gap.
   */
  @Test
  void aKillWhileTheCollectorIsAwayCostsTheLastSamplesAlone() throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("profile h100");
    Path state = directory.resolve("health");
    double before;
    long away;
    long back;
    try (AgentProcess agent = agent(simulated, state)) {
      AgentProcess.within(LONG).until(() -> connected(collector));
      collector.close();
      away = clock.wall().toEpochMilli();
      late.clear(); // what was taken before the first session came late, too
      before = waiting(agent, WAITING);
      agent.signal("KILL");
      agent.exitCode();
    }
    try (AgentProcess agent = agent(simulated, state)) {
      waiting(agent, before - MOST_LOST + WAITING);
      back = clock.wall().toEpochMilli();
      collector = collector();
      AgentProcess.within(LONG).until(() -> byStart(away, back).size() == 2);
      awaitEmpty(agent);
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
    assertThat(late.stream().map(Late::at)).as("each once").doesNotHaveDuplicates();
    Map<Long, NavigableSet<Long>> starts = byStart(away, back);
    for (NavigableSet<Long> numbers : starts.values()) {
      assertThat(numbers)
          .as("without a gap")
          .containsExactlyElementsOf(
              LongStream.rangeClosed(numbers.first(), numbers.last()).boxed().toList());
    }
    assertThat(starts.values()).anyMatch(numbers -> numbers.first() == 1);
    assertThat(starts.entrySet().stream().filter(start -> start.getValue().first() > 1))
        .as("the start that was killed")
        .singleElement()
        .satisfies(start ->
            assertThat(byStart(0, back).getOrDefault(start.getKey(), new TreeSet<>()).size())
                .isGreaterThan((int) before - MOST_LOST));
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
      AgentProcess.within(LONG).until(() -> shown(agent.scrape(), THINNED) > 0);
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
