package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.export.ExportOptions;
import io.millwright.collector.export.Format;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A simulated node's samples in real receivers of remote write and of OTLP, where these are at
 * hand. Those of OTLP are newer than what Debian 12 has: {@code -Dotlp.prometheus} (3 and later),
 * {@code -Dotlp.victoria.metrics} (1.92 and later).
 */
class RemoteWriteTest {
  private static final Pattern POINT = Pattern.compile("\\[([0-9.]+),\"([^\"]+)\"\\]");

  /** Samples of each second for so long are looked at. */
  private static final int SECONDS = 12;

  /** Seconds that an agent is cut off, more than it holds in memory then. */
  private static final int CUT = 20;

  private static final Way REMOTE_WRITE =
      new Way(
          Format.REMOTE_WRITE,
          "/api/v1/write",
          "millwright_accelerator_power_watts{accelerator=\"3\"}",
          List.of("\"site\":\"north\"", "\"node\":\"node1\""),
          List.of("millwright_accelerator_energy_joules_total", "millwright_node_cpus"));
  private static final Way OTLP =
      new Way(
          Format.OTLP,
          "/opentelemetry/v1/metrics",
          "hw_power_watts{hw_name=\"3\"}",
          List.of("\"site\":\"north\"", "\"host_name\":\"node1\"", "\"hw_type\":\"gpu\""),
          List.of(
              "hw_energy_joules_total",
              "hw_gpu_io_bytes_total",
              "hw_gpu_memory_usage_bytes",
              "millwright_accelerator_throttle_seconds_total",
              "millwright_accelerator_memory_bandwidth_utilization_ratio",
              "millwright_accelerator_clock_hertz",
              "millwright_accelerator_info",
              "millwright_node_cpus",
              "millwright_node_load_average"));

  /**
   * How samples come to a receiver, and are found there.
   *
   * @param power of one device
   * @param labels that it must have
   * @param names that are found there, too
   */
  private record Way(
      Format format, String path, String power, List<String> labels, List<String> names) {
    String samples() {
      return "millwright_collector_%s_samples_total".formatted(format.queue());
    }

    String late() {
      return "millwright_collector_%s_backfilled_samples_total".formatted(format.queue());
    }
  }

  @TempDir private Path directory;
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();

  private static Path program(String name) {
    Path program = Path.of(System.getProperty(name, ""));
    assumeTrue(
        Files.isRegularFile(program) && Files.isExecutable(program), name + " is not at -D" + name);
    return program;
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** A receiver, which may be started again over what it has. */
  private interface Receiver {
    List<String> command(int port);
  }

  private Process start(Receiver receiver, int port) throws IOException {
    Process process =
        new ProcessBuilder(receiver.command(port))
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("receiver.log").toFile()))
            .start();
    AgentProcess.soon()
        .ignoreExceptions()
        .until(() -> ask(port, "query", "vector(1)").contains("success"));
    return process;
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private String ask(int port, String what, String expression)
      throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/api/v1/%s=%s"
                .formatted(
                    port,
                    what.contains("?") ? what : what + "?query",
                    URLEncoder.encode(expression, StandardCharsets.UTF_8)));
    return http.send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** The times of a series' samples, as they were stored, oldest first. */
  private List<Long> times(int port, Way way) throws IOException, InterruptedException {
    Matcher point = POINT.matcher(ask(port, "query", way.power() + "[10m]"));
    List<Long> times = new ArrayList<>();
    while (point.find()) {
      times.add(Math.round(Double.parseDouble(point.group(1)) * 1000));
    }
    return times;
  }

  private DemoTrust trust() throws IOException {
    return DemoTrust.create(directory.resolve("trust"), "test-site", List.of("node1"), clock);
  }

  private CollectorOptions options(DemoTrust trust, int receiver, Way way, String more)
      throws IOException {
    Path file = directory.resolve("receiver.yaml");
    Files.writeString(
        file,
        """
        url: http://127.0.0.1:%d%s
        interval: 1s
        labels: {site: north}
        %s
        """
            .formatted(receiver, way.path(), more));
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new CollectorOptions(
            new InetSocketAddress(loopback, 0),
            new InetSocketAddress(loopback, 0),
            trust.collector(),
            directory.resolve("data"),
            Optional.empty(),
            Set.of())
        .with(ExportOptions.read(way.format(), file));
  }

  private static AgentProcess agent(SimulatedNode simulated, DemoTrust trust, int port)
      throws IOException {
    return AgentProcess.up(
        simulated,
        "--set",
        "node.name=node1",
        "--set",
        "collector.address=127.0.0.1:" + port,
        "--set",
        "collector.credentials=" + trust.node("node1"));
  }

  /**
   * The network between agent and collector is cut for a while; then the agent sends what it has
   * kept.
   *
   * @param fills whether the receiver takes samples that are older than the newest of their series
   */
  private void theGapOfANodeThatCameBack(Receiver receiver, Way way, boolean fills)
      throws Exception {
    int port = freePort();
    DemoTrust trust = trust();
    CollectorOptions options = options(trust, port, way, "backfill: 10m");
    Process process = start(receiver, port);
    SimulatedNode simulated = AgentProcess.simulated("profile b200", "load 0.5");
    try (Collector collector = new Collector(options, clock)) {
      collector.start();
      try (Relay relay = new Relay(collector.uplinkPort());
          AgentProcess agent = agent(simulated, trust, relay.port())) {
        AgentProcess.soon().until(() -> times(port, way).size() >= 3);
        relay.cut();
        long away = clock.wall().toEpochMilli();
        AgentProcess.soon().until(() -> clock.wall().toEpochMilli() - away > CUT * 1000);
        long back = clock.wall().toEpochMilli();
        relay.mend();
        AgentProcess.soon().until(() -> newest(port, way) > back);
        String result = fills ? "taken" : "refused";
        AgentProcess.soon().until(() -> own(collector, way.late(), result) > 0);
        if (fills) {
          AgentProcess.soon().until(() -> between(port, way, away, back) >= CUT - 2);
        }
        long then = clock.wall().toEpochMilli();
        AgentProcess.soon().until(() -> newest(port, way) > then);
        assertThat(agent.alive()).isTrue();
        List<Long> times = times(port, way);
        assertThat(times).isSorted().doesNotHaveDuplicates();
        assertThat(longest(times, away, back) > 2500).as("there is a hole").isNotEqualTo(fills);
        assertThat(own(collector, way.samples(), "refused")).as("of the present").isZero();
        assertThat(own(collector, way.late(), "refused") > 0).isNotEqualTo(fills);
      }
    } finally {
      end(process);
    }
  }

  /** Milliseconds from one sample to the next, about this time. */
  private static long longest(List<Long> times, long after, long before) {
    long longest = 0;
    for (int i = 1; i < times.size(); i++) {
      if (times.get(i) > after && times.get(i - 1) < before) {
        longest = Math.max(longest, times.get(i) - times.get(i - 1));
      }
    }
    return longest;
  }

  private long between(int port, Way way, long after, long before)
      throws IOException, InterruptedException {
    return times(port, way).stream().filter(at -> at > after && at < before).count();
  }

  /**
   * The receiver is ended in the middle and started again: no interval is missing, nothing came out
   * of order, and after the node has gone so has its series.
   */
  private void nothingIsLostOverARestart(Receiver receiver, Way way) throws Exception {
    int port = freePort();
    DemoTrust trust = trust();
    CollectorOptions options = options(trust, port, way, "");
    Process process = start(receiver, port);
    SimulatedNode simulated = AgentProcess.simulated("profile b200", "load 0.5");
    try (Collector collector = new Collector(options, clock)) {
      collector.start();
      try (AgentProcess agent = agent(simulated, trust, collector.uplinkPort())) {
        AgentProcess.soon().until(() -> times(port, way).size() >= SECONDS / 3);
        end(process);
        long away = clock.wall().toEpochMilli();
        AgentProcess.soon().until(() -> clock.wall().toEpochMilli() - away > SECONDS / 3 * 1000);
        process = start(receiver, port);
        long back = clock.wall().toEpochMilli();
        AgentProcess.soon().until(() -> newest(port, way) > back);
        assertThat(ask(port, "query", way.power())).contains(way.labels());
        for (String name : way.names()) {
          assertThat(ask(port, "query", name)).as(name).contains("\"value\"");
        }
        List<Long> times = times(port, way);
        long whileAway = times.stream().filter(at -> at > away && at < back).count();
        assertThat(whileAway).as("samples of the time without a receiver").isGreaterThan(1);
        assertThat(times).isSorted().doesNotHaveDuplicates();
        assertThat(agent.alive()).isTrue();
        assertThat(own(collector, way.samples(), "taken")).isPositive();
        assertThat(own(collector, way.samples(), "refused")).isZero();
      }
      AgentProcess.soon().until(() -> !ask(port, "query", way.power()).contains("\"value\""));
    } finally {
      end(process);
    }
  }

  private long newest(int port, Way way) throws IOException, InterruptedException {
    List<Long> times = times(port, way);
    return times.isEmpty() ? 0 : Collections.max(times);
  }

  private double own(Collector collector, String family, String result)
      throws IOException, InterruptedException {
    String page =
        http.send(
                HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    String line = "%s{result=\"%s\"} ".formatted(family, result);
    return page.lines()
        .filter(one -> one.startsWith(line))
        .mapToDouble(one -> Double.parseDouble(one.substring(line.length())))
        .findFirst()
        .orElseThrow();
  }

  private Receiver prometheus(String more) throws IOException {
    Path program = program("prometheus");
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(config, "global: {scrape_interval: 1m}\n" + more);
    return port ->
        List.of(
            program.toString(),
            "--config.file=" + config,
            "--storage.tsdb.path=" + directory.resolve("tsdb"),
            "--web.enable-remote-write-receiver",
            "--web.listen-address=127.0.0.1:" + port,
            "--log.level=warn");
  }

  private Receiver victoriaMetrics() {
    return victoriaMetrics(program("victoria.metrics"));
  }

  private Receiver victoriaMetrics(Path program, String... more) {
    return port -> {
      List<String> words = new ArrayList<>(List.of(more));
      words.addAll(
          0,
          List.of(
              program.toString(),
              "-storageDataPath=" + directory.resolve("tsdb"),
              "-httpListenAddr=127.0.0.1:" + port,
              "-search.latencyOffset=0s",
              "-loggerLevel=WARN"));
      return words;
    };
  }

  private Receiver otlpVictoriaMetrics() {
    return victoriaMetrics(program("otlp.victoria.metrics"), "-opentelemetry.usePrometheusNaming");
  }

  @Test
  void prometheusGetsAllOfIt() throws Exception {
    nothingIsLostOverARestart(prometheus(""), REMOTE_WRITE);
  }

  @Test
  void victoriaMetricsGetsAllOfIt() throws Exception {
    nothingIsLostOverARestart(victoriaMetrics(), REMOTE_WRITE);
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void prometheusWithAWindowGetsWhatCameLate() throws Exception {
    theGapOfANodeThatCameBack(
        prometheus("storage: {tsdb: {out_of_order_time_window: 10m}}\n"), REMOTE_WRITE, true);
  }

  /** What comes before the first sample of the present is in order and taken. */
  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void prometheusWithoutAWindowRefusesItAndGetsThePresent() throws Exception {
    theGapOfANodeThatCameBack(prometheus(""), REMOTE_WRITE, false);
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void victoriaMetricsGetsWhatCameLate() throws Exception {
    theGapOfANodeThatCameBack(victoriaMetrics(), REMOTE_WRITE, true);
  }

  @Test
  void victoriaMetricsGetsAllOfItByOtlp() throws Exception {
    nothingIsLostOverARestart(otlpVictoriaMetrics(), OTLP);
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void victoriaMetricsGetsByOtlpWhatCameLate() throws Exception {
    theGapOfANodeThatCameBack(otlpVictoriaMetrics(), OTLP, true);
  }
}
