package io.millwright.benchmarks;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many frames a second of processor time takes the whole collector: agents' real uplinks with
 * the real encoder, over real sockets with mutual TLS, as fast as the collector gives credits, into
 * a collector that is a process of its own. Arguments: launcher, seconds, agents.
 */
public final class FleetIngest {
  private static final int SERIES = 800;
  private static final int DEVICES = 8;
  private static final double TICKS_A_SECOND = 100;
  private static final Clock CLOCK = Clock.system();
  private static final Pattern INGESTED =
      Pattern.compile("(?m)^millwright_collector_ingested_samples_total ([0-9.eE+]+)$");

  private FleetIngest() {}

  public static void main(String[] arguments) throws Exception {
    Duration longest = Duration.ofSeconds(Long.parseLong(arguments[1]));
    int agents = Integer.parseInt(arguments[2]);
    List<String> nodes = new ArrayList<>();
    for (int i = 0; i < agents; i++) {
      nodes.add("node" + i);
    }
    Path directory = Scratch.directory("mw-ingest");
    DemoTrust trust = DemoTrust.create(directory.resolve("trust"), "bench", nodes, CLOCK);
    int http = Contender.freePort();
    int uplink = Contender.freePort();
    Process collector =
        new ProcessBuilder(
                arguments[0],
                "collector",
                "run",
                "--credentials",
                trust.collector().toString(),
                "--data",
                directory.resolve("data").toString(),
                "--http",
                "127.0.0.1:" + http,
                "--uplink",
                "127.0.0.1:" + uplink)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Uplink> uplinks = new ArrayList<>();
    try {
      awaitReady(http);
      for (String node : nodes) {
        uplinks.add(uplink(trust, node, uplink));
      }
      run(uplinks, nodes, collector.pid(), http, longest);
    } finally {
      uplinks.forEach(one -> one.stop(Duration.ofSeconds(2)));
      collector.destroy();
      if (!collector.waitFor(10, TimeUnit.SECONDS)) {
        collector.destroyForcibly();
      }
    }
  }

  private static Uplink uplink(DemoTrust trust, String node, int port) {
    MutualTls tls = new MutualTls(Credentials.read(trust.node(node)), CLOCK);
    Uplink uplink =
        new Uplink(
            new UplinkOptions("127.0.0.1", port, node, UUID.randomUUID(), "bench"),
            () -> tls,
            "bench",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new Chronicle(
                new Chronicle.Settings(node, "bench", Path.of("events"), Limits.USUAL, false),
                CLOCK),
            Optional.empty(),
            new Random(),
            CLOCK);
    uplink.start();
    return uplink;
  }

  private static void run(
      List<Uplink> uplinks, List<String> nodes, long collector, int http, Duration longest)
      throws IOException, InterruptedException {
    List<Source> sources = nodes.stream().map(Source::new).toList();
    offer(uplinks, sources, Duration.ofSeconds(5));
    double before = ingested(http);
    double cpuBefore = cpuSeconds(collector);
    long begun = CLOCK.nanos();
    offer(uplinks, sources, longest);
    double frames = (ingested(http) - before) / SERIES;
    double cpu = cpuSeconds(collector) - cpuBefore;
    double seconds = (CLOCK.nanos() - begun) / 1e9;
    System.out.printf(
        "%d agents, %.0f s: %.0f frames/s; the collector took %.2f cores: %.0f frames/s/core, %.2f M samples/s/core%n",
        uplinks.size(),
        seconds,
        frames / seconds,
        cpu / seconds,
        frames / cpu,
        frames * SERIES / cpu / 1e6);
  }

  private static void offer(List<Uplink> uplinks, List<Source> sources, Duration longest) {
    long until = CLOCK.nanos() + longest.toNanos();
    while (CLOCK.nanos() - until < 0) {
      for (int i = 0; i < uplinks.size(); i++) {
        uplinks.get(i).offer(sources.get(i).next());
      }
    }
  }

  /** The value model of the protocol's reference, as in the test of the bytes a sample. */
  private static final class Source {
    private final Random random = new Random(7);
    private final Readings readings;
    private final double[] values = new double[SERIES];
    private long sequence;

    Source(String node) {
      SeriesTable.Builder table = SeriesTable.builder();
      for (int i = 0; i < SERIES; i++) {
        int index = i / (SERIES / DEVICES);
        Accelerator device =
            new Accelerator(node, "" + index, "GPU-" + node + index, "nvidia", "B200", true);
        table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "s" + i % 100));
      }
      readings = new Readings(table.build());
    }

    NodeSnapshot next() {
      sequence++;
      readings.at(CLOCK.nanos());
      for (int i = 0; i < SERIES; i++) {
        values[i] = value(i % 10, values[i]);
        readings.measured(i, values[i]);
      }
      return new NodeSnapshot(sequence, CLOCK.nanos(), List.of(readings.sample()));
    }

    private double value(int kind, double last) {
      return switch (kind) {
        case 0 -> Math.rint(700_000 + random.nextGaussian() * 20_000) / 1000;
        case 1 -> random.nextInt(1_000_001) / 1e6;
        case 2 -> sequence == 1 ? 60 : last + (random.nextInt(5) == 0 ? random.nextInt(3) - 1 : 0);
        case 3 -> random.nextInt(10) == 0 ? 1e6 * (1500 + 15 * random.nextInt(30)) : last;
        case 4, 5 -> last + random.nextInt(1 << 30);
        default -> last + (random.nextInt(1000) == 0 ? 1 : 0);
      };
    }
  }

  private static void awaitReady(int http) throws InterruptedException {
    long until = CLOCK.nanos() + Duration.ofSeconds(60).toNanos();
    while (CLOCK.nanos() - until < 0) {
      try {
        ingested(http);
        return;
      } catch (IOException notYet) {
        CLOCK.parkUntil(CLOCK.nanos() + Duration.ofMillis(50).toNanos());
      }
    }
    throw new BenchmarkException("the collector serves no page");
  }

  private static double ingested(int http) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String page =
          client
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      Matcher matcher = INGESTED.matcher(page);
      if (!matcher.find()) {
        throw new BenchmarkException("no count of samples on the collector's page");
      }
      return Double.parseDouble(matcher.group(1));
    }
  }

  /** User and system time of a process, of {@code /proc/PID/stat}. */
  private static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
  }
}
