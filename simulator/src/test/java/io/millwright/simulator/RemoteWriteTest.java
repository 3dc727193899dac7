package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.remotewrite.RemoteWriteOptions;
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
import org.junit.jupiter.api.io.TempDir;

/** A simulated node's samples in real receivers of remote write, where these are at hand. */
class RemoteWriteTest {
  private static final String POWER = "millwright_accelerator_power_watts{accelerator=\"3\"}";
  private static final Pattern POINT = Pattern.compile("\\[([0-9.]+),\"([^\"]+)\"\\]");

  /** Samples of each second for so long are looked at. */
  private static final int SECONDS = 12;

  @TempDir private Path directory;
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
  private List<Long> times(int port) throws IOException, InterruptedException {
    Matcher point = POINT.matcher(ask(port, "query", POWER + "[10m]"));
    List<Long> times = new ArrayList<>();
    while (point.find()) {
      times.add(Math.round(Double.parseDouble(point.group(1)) * 1000));
    }
    return times;
  }

  /**
   * The receiver is ended in the middle and started again: no interval is missing, nothing came out
   * of order, and after the node has gone so has its series.
   */
  private void nothingIsLostOverARestart(Receiver receiver) throws Exception {
    int port = freePort();
    Clock clock = Clock.system();
    DemoTrust trust =
        DemoTrust.create(directory.resolve("trust"), "test-site", List.of("node1"), clock);
    Path file = directory.resolve("remote-write.yaml");
    Files.writeString(
        file,
        """
        url: http://127.0.0.1:%d/api/v1/write
        interval: 1s
        labels: {site: north}
        """
            .formatted(port));
    InetAddress loopback = InetAddress.getLoopbackAddress();
    CollectorOptions options =
        new CollectorOptions(
                new InetSocketAddress(loopback, 0),
                new InetSocketAddress(loopback, 0),
                trust.collector(),
                directory.resolve("data"),
                Optional.empty(),
                Set.of())
            .with(RemoteWriteOptions.read(file));
    Process process = start(receiver, port);
    SimulatedNode simulated = AgentProcess.simulated("profile b200", "load 0.5");
    try (Collector collector = new Collector(options, clock)) {
      collector.start();
      AgentProcess agent =
          AgentProcess.up(
              simulated,
              "--set",
              "node.name=node1",
              "--set",
              "collector.address=127.0.0.1:" + collector.uplinkPort(),
              "--set",
              "collector.credentials=" + trust.node("node1"));
      try (agent) {
        AgentProcess.soon().until(() -> times(port).size() >= SECONDS / 3);
        end(process);
        long away = clock.wall().toEpochMilli();
        AgentProcess.soon().until(() -> clock.wall().toEpochMilli() - away > SECONDS / 3 * 1000);
        process = start(receiver, port);
        long back = clock.wall().toEpochMilli();
        AgentProcess.soon().until(() -> newest(port) > back);
        assertThat(ask(port, "query", POWER)).contains("\"site\":\"north\"", "\"node\":\"node1\"");
        List<Long> times = times(port);
        long whileAway = times.stream().filter(at -> at > away && at < back).count();
        assertThat(whileAway).as("samples of the time without a receiver").isGreaterThan(1);
        assertThat(times).isSorted().doesNotHaveDuplicates();
        assertThat(own(collector, "taken")).isPositive();
        assertThat(own(collector, "refused")).isZero();
      }
      AgentProcess.soon().until(() -> !ask(port, "query", POWER).contains("\"value\""));
    } finally {
      end(process);
    }
  }

  private long newest(int port) throws IOException, InterruptedException {
    List<Long> times = times(port);
    return times.isEmpty() ? 0 : Collections.max(times);
  }

  private double own(Collector collector, String result) throws IOException, InterruptedException {
    String page =
        http.send(
                HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    String line = "millwright_collector_remote_write_samples_total{result=\"" + result + "\"} ";
    return page.lines()
        .filter(one -> one.startsWith(line))
        .mapToDouble(one -> Double.parseDouble(one.substring(line.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void prometheusGetsAllOfIt() throws Exception {
    Path program = program("prometheus");
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(config, "global: {scrape_interval: 1m}\n");
    nothingIsLostOverARestart(port ->
        List.of(
            program.toString(),
            "--config.file=" + config,
            "--storage.tsdb.path=" + directory.resolve("tsdb"),
            "--web.enable-remote-write-receiver",
            "--web.listen-address=127.0.0.1:" + port,
            "--log.level=warn"));
  }

  @Test
  void victoriaMetricsGetsAllOfIt() throws Exception {
    Path program = program("victoria.metrics");
    nothingIsLostOverARestart(port ->
        List.of(
            program.toString(),
            "-storageDataPath=" + directory.resolve("tsdb"),
            "-httpListenAddr=127.0.0.1:" + port,
            "-search.latencyOffset=0s",
            "-loggerLevel=WARN"));
  }
}
