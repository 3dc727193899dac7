package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.fleet.Link;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A collector's process that is stopped, an agent's process that has a job, and another collector
 * of the same site with a store of its own.
 */
class RedirectTest {
  private final Clock clock = Clock.system();
  private final HttpClient http = HttpClient.newHttpClient();

  private Collector other(JobSite site, ServerSocket third) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Path data = Files.createDirectory(site.directory().resolve("other"));
    Collector other =
        new Collector(
            new CollectorOptions(
                any,
                any,
                site.credentials(),
                data,
                Optional.empty(),
                Set.of(),
                Optional.empty(),
                CollectorOptions.Paging.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of("127.0.0.1:" + third.getLocalPort()),
                CollectorOptions.Bounds.USUAL,
                true),
            clock);
    other.start();
    return other;
  }

  private boolean connected(Collector collector) {
    return collector
        .fleet()
        .node("node1")
        .filter(node -> node.link(clock.nanos()) == Link.CONNECTED)
        .isPresent();
  }

  private String page(Collector of) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://" + of.httpAddress() + "/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /**
   * The node goes on at the other, takes no orders from it, does not let it send it anywhere, and
   * is back with its job when that one goes.
   */
  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes")
  void theOtherWatchesAndDoesNotCommand() throws Exception {
    try (JobSite site = JobSite.of("node1");
        ServerSocket third = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      try (Collector other = other(site, third)) {
        site.awaitCollector();
        site.killCollector();
        site.collect("--redirect", "127.0.0.1:" + other.uplinkPort());
        site.startCollector(); // the second start of its store: the later term
        site.startAgent("node1");
        site.awaitNodes(1);
        Path go = site.open().resolve("go");
        site.submit(JobSite.job("long", 1, "until [ -e %s ]; do sleep 0.1; done".formatted(go)));
        site.awaitState("long", "running");
        site.stopCollector();
        AgentProcess.soon().until(() -> connected(other));
        AgentProcess.soon()
            .until(() -> page(other).contains("millwright_collector_refusing_nodes 1\n"));
        Files.createFile(go); // and ends where only the right one is told
        site.startCollector();
        site.awaitCollector();
        assertThat(connected(other)).as("it stays").isTrue();
      }
      site.awaitNodes(1);
      site.awaitState("long", "ended");
      third.setSoTimeout(1);
      assertThat(catchConnection(third)).as("a connection to the third").isFalse();
    }
  }

  /** Whether somebody has connected. */
  private static boolean catchConnection(ServerSocket to) throws IOException {
    try {
      to.accept().close();
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    }
  }
}
