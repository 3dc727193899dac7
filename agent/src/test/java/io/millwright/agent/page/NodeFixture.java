package io.millwright.agent.page;

import io.millwright.agent.self.Build;
import io.millwright.agent.self.SelfMetrics;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.HealthReport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A server on a free port over snapshots that the test puts in. */
final class NodeFixture implements AutoCloseable {
  static final NodeSnapshot EMPTY = new NodeSnapshot(0, 0, List.of());

  final AtomicReference<NodeSnapshot> snapshot = new AtomicReference<>(EMPTY);
  final AtomicReference<Optional<String>> missing = new AtomicReference<>(Optional.empty());
  final AtomicReference<HealthReport> health =
      new AtomicReference<>(new HealthReport(0, List.of()));
  final AtomicInteger asked = new AtomicInteger();
  final SelfMetrics self;
  final PageServer server;

  private NodeFixture(PageOptions options, Clock clock) {
    self = self(clock);
    server =
        new PageServer(
            options,
            () -> {
              asked.incrementAndGet();
              return snapshot.get();
            },
            missing::get,
            health::get,
            self,
            clock);
  }

  static NodeFixture started() {
    return started(options(16, Duration.ofSeconds(10), Duration.ofSeconds(10)));
  }

  static NodeFixture started(PageOptions options) {
    return started(options, Clock.system());
  }

  static NodeFixture started(PageOptions options, Clock clock) {
    NodeFixture fixture = new NodeFixture(options, clock);
    fixture.server.start();
    return fixture;
  }

  static NodeFixture startedOn(ServerSocketChannel inherited) {
    NodeFixture fixture =
        new NodeFixture(
            options(16, Duration.ofSeconds(10), Duration.ofSeconds(10)), Clock.system());
    fixture.server.start(inherited);
    return fixture;
  }

  static PageOptions options(int connections, Duration request, Duration idle) {
    return new PageOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        connections,
        request,
        idle,
        List.of());
  }

  static SelfMetrics self(Clock clock) {
    return new SelfMetrics("n1", new Build("0.1.0", "abc123", "25.0.1", "2026-11-21"), clock);
  }

  /** One series of every family that a snapshot can hold, all measured. */
  static NodeSnapshot everyFamily() {
    SeriesTable.Builder table = SeriesTable.builder();
    Accelerator gpu = new Accelerator("n1", "0", "GPU-1", "nvidia", "B200", true);
    for (Metric metric : Metric.values()) {
      if (isOfSnapshots(metric)) {
        int own = metric.labels().size() - metric.scope().labels().size();
        String[] values = new String[own];
        Arrays.fill(values, "v \"1\"");
        table.add(
            Cadence.FAST,
            switch (metric.scope()) {
              case ACCELERATOR -> Series.of(metric, gpu, values);
              case NODE -> Series.of(metric, with("n1", values));
              case FLEET -> Series.of(metric, values);
            });
      }
    }
    return measured(new Readings(table.build()));
  }

  private static boolean isOfSnapshots(Metric metric) {
    return metric.kind() != Metric.Kind.HISTOGRAM
        && !metric.familyName().startsWith("millwright_agent_");
  }

  private static String[] with(String first, String[] rest) {
    String[] all = new String[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  /** A page of about a megabyte for each ten thousand. */
  static NodeSnapshot mounts(int count) {
    SeriesTable.Builder table = SeriesTable.builder();
    for (int i = 0; i < count; i++) {
      table.add(
          Cadence.FAST,
          Series.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, "n1", "/data/" + i, "/dev/sd" + i, "ext4"));
    }
    return measured(new Readings(table.build()));
  }

  private static NodeSnapshot measured(Readings readings) {
    readings.at(1);
    for (int i = 0; i < readings.table().size(); i++) {
      boolean info = readings.table().series(i).metric().kind() == Metric.Kind.INFO;
      readings.measured(i, info ? 1 : i + 0.5);
    }
    return new NodeSnapshot(1, 1, List.of(readings.sample()));
  }

  /** Three series: measured, unsupported, unavailable. */
  static NodeSnapshot threeReadings() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (String window : List.of("1m", "5m", "\"15\\m\"")) {
      table.add(Cadence.FAST, Series.of(Metric.NODE_LOAD_AVERAGE, "n1", window));
    }
    Readings readings = new Readings(table.build());
    readings.at(Duration.ofSeconds(1).toNanos());
    readings.measured(0, 0.25);
    readings.unsupported(1);
    readings.unavailable(2, Fault.PERMISSION);
    return new NodeSnapshot(7, Duration.ofMillis(1500).toNanos(), List.of(readings.sample()));
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
  }
}
