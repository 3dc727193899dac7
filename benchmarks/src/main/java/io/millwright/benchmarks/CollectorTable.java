package io.millwright.benchmarks;

import io.millwright.agent.events.Entry;
import io.millwright.agent.events.EventLog;
import io.millwright.agent.uplink.Uplink;
import io.millwright.agent.uplink.UplinkLoops;
import io.millwright.agent.uplink.UplinkOptions;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The collector's table: a collector as a process of its own on one core, simulated nodes with the
 * agent's real encoder as another on a second, and beside it in the same run Debian's Prometheus
 * and VictoriaMetrics on the collector's core. Prints a line of JSON for each figure as it is
 * taken.
 *
 * <pre>
 * CollectorTable LAUNCHER PROMETHEUS VICTORIA_METRICS [quick] [ingest|fleet=N|bare=N|visible|peers …]
 * </pre>
 *
 * <p>Processor time is the kernel's, of each process; on a shared machine the clock's times say
 * little. Whatever the fleet sent last is compared with what the collector serves of each node.
 */
public final class CollectorTable {
  private static final Clock CLOCK = Clock.system();
  private static final int SERVER_CORE = 0;
  private static final int FEEDING_CORE = 1;
  private static final int SERIES = 800;
  private static final int ROUNDS = 100;

  /** Sessions a second that two cores begin while both ends are on them. */
  private static final int BEGUN = 250;

  private static final int BEGUN_TLS = 60;
  private static final int PEERS_NODES = 100;
  private static final int SCRAPED_NODES = 1000;

  /** Nodes that are back in a second, at least, after a kill, with TLS and on one core. */
  private static final int AFTER_A_KILL = 50;

  private static final String PLAIN = "plain";
  private static final String TLS = "tls";

  /** Live samples that the writer did not see, because a newer one of their node was there. */
  private static final String OVERTAKEN =
      "millwright_collector_dropped_total{queue=\"inbox\",reason=\"superseded\"}";

  private static final Pattern SENT = Pattern.compile("bytes_sent:([0-9]+)");
  private static final Pattern SAME =
      Pattern.compile("values: ([0-9]+) of ([0-9]+) nodes are the same");
  private static final List<String> PARTS =
      List.of("ingest", "fleet=1000", "bare=1000", "visible", "peers");

  /** Until what was taken late has come and what is called often is compiled. */
  private static final Duration SETTLED = Duration.ofSeconds(60);

  private final String launcher;
  private final String prometheus;
  private final String victoria;
  private final Path directory;
  private final DemoTrust trust;
  private final Duration window;
  private int runs;

  private CollectorTable(String launcher, String prometheus, String victoria, boolean quick)
      throws IOException {
    this.directory = Scratch.directory("mw-table");
    this.launcher = launcher;
    this.prometheus = prometheus;
    this.victoria = victoria;
    this.trust = DemoTrust.create(directory.resolve("trust"), "bench", List.of(), CLOCK);
    this.window = Duration.ofSeconds(quick ? 10 : 30);
  }

  public static void main(String[] arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(arguments).subList(3, arguments.length));
    boolean quick = words.remove("quick");
    CollectorTable table = new CollectorTable(arguments[0], arguments[1], arguments[2], quick);
    for (String part : words.isEmpty() ? PARTS : words) {
      if (part.startsWith("fleet=")) {
        table.fleet(Integer.parseInt(part.substring(6)));
        continue;
      }
      if (part.startsWith("bare=")) {
        table.bare(Integer.parseInt(part.substring(5)));
        continue;
      }
      switch (part) {
        case "ingest" -> table.ingest();
        case "visible" -> table.visible();
        case "peers" -> table.peers();
        default -> throw new BenchmarkException("no part '" + part + "': there are " + PARTS);
      }
    }
  }

  // ---- the processes

  /** A collector, and where it is asked. */
  private record Serving(Pinned process, URI http, int uplink, Path data) {
    URI at(String path) {
      return http.resolve(path);
    }
  }

  private Serving collector(String sessions, String heap, List<String> more) throws Exception {
    runs++;
    return collector(
        sessions,
        heap,
        more,
        directory.resolve("data" + runs),
        Contender.freePort(),
        Contender.freePort());
  }

  private Serving collector(
      String sessions, String heap, List<String> more, Path data, int http, int uplink)
      throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                launcher,
                "collector",
                "run",
                "--credentials",
                trust.collector().toString(),
                "--data",
                data.toString(),
                "--http",
                "127.0.0.1:" + http,
                "--uplink",
                "127.0.0.1:" + uplink));
    if (sessions.equals(PLAIN)) {
      words.add("--plain-uplink");
    }
    words.addAll(more);
    runs++;
    Pinned process =
        Pinned.start(
            SERVER_CORE,
            directory.resolve("collector" + runs + ".log"),
            Map.of("MILLWRIGHT_COLLECTOR_JVM", heap),
            words);
    return new Serving(process, URI.create("http://127.0.0.1:" + http), uplink, data);
  }

  private Pinned feed(String sessions, Serving to, int nodes, int periodMs, Duration time)
      throws IOException {
    List<String> more = new ArrayList<>(List.of("--check", to.http().toString()));
    if (sessions.equals(TLS)) {
      more.addAll(List.of("--authority", trust.authority().toString()));
    }
    int begun = sessions.equals(TLS) ? BEGUN_TLS : BEGUN;
    return feed(to.uplink(), nodes, periodMs, begun, time, more);
  }

  private Pinned feed(
      int uplink, int nodes, int periodMs, int begun, Duration time, List<String> more)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                launcher,
                "simulate",
                "fleet",
                "--nodes",
                "" + nodes,
                "--period",
                "" + periodMs,
                "--collector",
                "127.0.0.1:" + uplink,
                "--begin",
                "" + begun,
                "--for",
                time.toSeconds() + "s"));
    words.addAll(more);
    runs++;
    return Pinned.start(FEEDING_CORE, directory.resolve("fleet" + runs + ".log"), Map.of(), words);
  }

  private static double samples(Serving collector) throws Exception {
    return value(collector, "millwright_collector_ingested_samples_total");
  }

  private static double value(Serving collector, String series) throws Exception {
    return Pinned.get(collector.at("/metrics"))
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0); // a counter that nothing has moved yet may not be there
  }

  private static int connected(Serving collector) throws Exception {
    Matcher found =
        Pattern.compile("\"nodes_connected\":([0-9]+)")
            .matcher(Pinned.get(collector.at("/v1/fleet")));
    return found.find() ? Integer.parseInt(found.group(1)) : 0;
  }

  /** Seconds until all nodes are connected and heard. */
  private static double awaitAll(Serving collector, int nodes, Duration patience) throws Exception {
    long begun = CLOCK.nanos();
    int most = 0;
    while (CLOCK.nanos() - begun < patience.toNanos()) {
      most = Math.max(most, connected(collector));
      if (most >= nodes) {
        return (CLOCK.nanos() - begun) / 1e9;
      }
      rest(Duration.ofMillis(200));
    }
    throw new BenchmarkException("only %d of %d nodes were connected".formatted(most, nodes));
  }

  private static void rest(Duration length) {
    long until = CLOCK.nanos() + length.toNanos();
    while (CLOCK.nanos() - until < 0) {
      CLOCK.parkUntil(until);
    }
  }

  /** Bytes that were sent over all connections to a port, TLS and all. */
  private static long sent(int port) throws Exception {
    Process ss =
        new ProcessBuilder("ss", "-tinH", "dport = :" + port).redirectErrorStream(true).start();
    String said = new String(ss.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    long bytes = 0;
    for (Matcher one = SENT.matcher(said); one.find(); ) {
      bytes += Long.parseLong(one.group(1));
    }
    return bytes;
  }

  private static String same(Pinned feeding) throws Exception {
    int code = feeding.await();
    Matcher told = SAME.matcher(feeding.said());
    return told.find() ? told.group(1) + " of " + told.group(2) : "not compared, exit " + code;
  }

  // ---- ingest

  private void ingest() throws Exception {
    for (String sessions : List.of(PLAIN, TLS)) {
      Serving collector = collector(sessions, "", List.of());
      try (Pinned serving = collector.process()) {
        serving.awaitAnswer(collector.at("/metrics"));
        int nodes = 100;
        try (Pinned feeding = feed(sessions, collector, nodes, 4, window.plusSeconds(45))) {
          awaitAll(collector, nodes, Duration.ofMinutes(2));
          rest(Duration.ofSeconds(10));
          print(rates("ingest, as fast as it goes", sessions, collector, feeding, nodes));
          print(Line.of("values").add("sessions", sessions).add("same", same(feeding)));
        }
      }
    }
  }

  private Line rates(String what, String sessions, Serving collector, Pinned feeding, int nodes)
      throws Exception {
    double samples = samples(collector);
    double late = value(collector, late("accepted"));
    double overtaken = value(collector, OVERTAKEN);
    double server = collector.process().watched().cpuSeconds();
    double feeder = feeding.watched().cpuSeconds();
    long bytes = sent(collector.uplink());
    long begun = CLOCK.nanos();
    rest(window);
    double wall = (CLOCK.nanos() - begun) / 1e9;
    samples = samples(collector) - samples;
    late = value(collector, late("accepted")) - late;
    overtaken = value(collector, OVERTAKEN) - overtaken;
    bytes = sent(collector.uplink()) - bytes;
    double live = samples - late * SERIES;
    server = collector.process().watched().cpuSeconds() - server;
    feeder = feeding.watched().cpuSeconds() - feeder;
    Watched.Memory memory = collector.process().watched().memory();
    return Line.of(what)
        .add("sessions", sessions)
        .add("nodes", nodes)
        .add("seconds", wall)
        .add("samples_a_second", samples / wall)
        .add("live_samples_a_second", live / wall)
        .add("late_frames", late)
        .add("frames_overtaken_in_the_inbox", overtaken)
        .add("collector_cores", server / wall)
        .add("M_samples_a_cpu_second", samples / server / 1e6)
        .add("M_live_samples_a_cpu_second", live / server / 1e6)
        .add("us_a_frame", server / samples * SERIES * 1e6)
        .add("fleet_cores", feeder / wall)
        .add("bytes_a_sample", bytes / samples)
        .add("rss_mib", memory.rss() / 1024.0)
        .add("private_dirty_mib", memory.privateDirty() / 1024.0);
  }

  // ---- a fleet at one hertz

  private void fleet(int nodes) throws Exception {
    String cache = " -XX:AOTCache=" + trained();
    for (String sessions : List.of(PLAIN, TLS)) {
      String heap = "-Xmx768m -Xmn64m" + cache; // as systemd/README says for ten thousand nodes
      Serving collector = collector(sessions, heap, List.of());
      try (Pinned serving = collector.process()) {
        print(
            Line.of("start of an empty collector to ready")
                .add("seconds", serving.awaitAnswer(collector.at("/readyz"))));
        int begun = sessions.equals(TLS) ? BEGUN_TLS : BEGUN;
        Duration time =
            window
                .multipliedBy(2)
                .plus(SETTLED)
                .plusSeconds(100 + nodes / AFTER_A_KILL + 2L * nodes / begun);
        try (Pinned feeding = feed(sessions, collector, nodes, 1000, time)) {
          awaitAll(collector, nodes, Duration.ofMinutes(8));
          rest(SETTLED);
          print(rates("fleet at 1 Hz", sessions, collector, feeding, nodes));
          asked(collector, nodes, sessions);
          again(sessions, heap, collector, nodes, feeding);
        }
      }
    }
  }

  /** A cache of classes as the package's collector has one, of a start and an orderly end. */
  private Path trained() throws Exception {
    Path cache = directory.resolve("collector.aot");
    Serving collector = collector(PLAIN, "-XX:AOTCacheOutput=" + cache, List.of());
    try (Pinned serving = collector.process()) {
      serving.awaitAnswer(collector.at("/readyz"));
    }
    if (!Files.exists(cache)) {
      throw new BenchmarkException("no cache was made; see the logs beneath " + directory);
    }
    return cache;
  }

  /** What people and Prometheus ask, while the samples come in. */
  private static void asked(Serving collector, int nodes, String sessions) throws Exception {
    String sum = "/v1/fleet/aggregate?metric=millwright_accelerator_power_watts";
    for (String path : List.of(sum, sum + "&by=rack", "/metrics/fleet?set=hot", "/v1/fleet")) {
      long[] took = new long[ROUNDS];
      int bytes = 0;
      double cpu = collector.process().watched().cpuSeconds();
      for (int i = 0; i < ROUNDS; i++) {
        long begun = CLOCK.nanos();
        bytes = Pinned.get(collector.at(path)).length();
        took[i] = CLOCK.nanos() - begun;
      }
      cpu = collector.process().watched().cpuSeconds() - cpu;
      Line line =
          Line.of("asked")
              .add("path", path)
              .add("sessions", sessions)
              .add("nodes", nodes)
              .add("bytes", bytes);
      Latencies.of(took).into(line);
      print(line.add("cpu_us_with_what_comes_in", cpu * 1e6 / ROUNDS));
    }
  }

  /** SIGKILL, a start over the same store, and how long until all are back. */
  private void again(String sessions, String heap, Serving before, int nodes, Pinned feeding)
      throws Exception {
    before.process().kill();
    Serving after =
        collector(
            sessions, heap, List.of(), before.data(), before.http().getPort(), before.uplink());
    try (Pinned serving = after.process()) {
      double ready = serving.awaitAnswer(after.at("/readyz"));
      double back = ready + awaitAll(after, nodes, Duration.ofMinutes(5));
      print(
          Line.of("killed and started again")
              .add("sessions", sessions)
              .add("nodes", nodes)
              .add("ready_s", ready)
              .add("all_back_s", back)
              .add("late_samples", value(after, late("accepted")))
              .add("duplicates", value(after, late("duplicate"))));
      print(Line.of("values").add("sessions", sessions).add("same", same(feeding)));
    }
  }

  private static String late(String result) {
    return "millwright_collector_backfilled_samples_total{result=\"" + result + "\"}";
  }

  // ---- a bare reader of what they send

  private void bare(int nodes) throws Exception {
    int port = Contender.freePort();
    runs++;
    List<String> words =
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Xmx768m",
            "-Xmn64m",
            "-cp",
            System.getProperty("java.class.path"),
            BareCollector.class.getName(),
            "" + port);
    Path log = directory.resolve("bare" + runs + ".log");
    Duration time = window.plus(SETTLED).plusSeconds(30 + 2L * nodes / BEGUN);
    try (Pinned reading = Pinned.start(SERVER_CORE, log, Map.of(), words)) {
      awaitSaid(reading, Pattern.compile("sessions=0 "));
      try (Pinned feeding = feed(port, nodes, 1000, BEGUN, time, List.of())) {
        awaitSaid(reading, Pattern.compile("sessions=%d ".formatted(nodes)));
        rest(SETTLED);
        double samples = bareSamples(reading);
        double cpu = reading.watched().cpuSeconds();
        long begun = CLOCK.nanos();
        rest(window);
        double wall = (CLOCK.nanos() - begun) / 1e9;
        samples = bareSamples(reading) - samples; // told once a second
        cpu = reading.watched().cpuSeconds() - cpu;
        Watched.Memory memory = reading.watched().memory();
        print(
            Line.of("bare reader: decode, last value, ACK")
                .add("nodes", nodes)
                .add("seconds", wall)
                .add("samples_a_second", samples / wall)
                .add("cores", cpu / wall)
                .add("M_samples_a_cpu_second", samples / cpu / 1e6)
                .add("fleet_alive", feeding.alive() ? "yes" : "no")
                .add("rss_mib", memory.rss() / 1024.0)
                .add("private_dirty_mib", memory.privateDirty() / 1024.0));
      }
    }
  }

  private static void awaitSaid(Pinned process, Pattern wanted) throws Exception {
    long until = CLOCK.nanos() + Duration.ofMinutes(8).toNanos();
    while (CLOCK.nanos() - until < 0 && process.alive()) {
      if (wanted.matcher(process.said()).find()) {
        return;
      }
      rest(Duration.ofMillis(500));
    }
    throw new BenchmarkException(
        "it did not say '%s', but last:%n%s".formatted(wanted, process.lastWords()));
  }

  private static double bareSamples(Pinned reading) throws IOException {
    Matcher told = Pattern.compile("samples=([0-9]+)").matcher(reading.said());
    double last = 0;
    while (told.find()) {
      last = Double.parseDouble(told.group(1));
    }
    return last;
  }

  // ---- from a sample to whoever asks

  /** A node of which nothing happens. */
  private record NoEvents(UUID id) implements EventLog {
    @Override
    public long newest() {
      return 0;
    }

    @Override
    public void listen(Runnable told) {}

    @Override
    public void after(long sequence, int most, Consumer<List<Entry>> answer) {
      answer.accept(List.of());
    }

    @Override
    public void acknowledged(long sequence) {}
  }

  private void visible() throws Exception {
    Serving collector = collector(PLAIN, "-Xmx1g", List.of());
    try (Pinned serving = collector.process();
        UplinkLoops loops = new UplinkLoops(1)) {
      serving.awaitAnswer(collector.at("/readyz"));
      try (Pinned feeding = feed(PLAIN, collector, 500, 1000, window.plusSeconds(90))) {
        awaitAll(collector, 500, Duration.ofMinutes(2));
        Uplink uplink =
            Uplink.simulated(
                new UplinkOptions(
                    "127.0.0.1", collector.uplink(), "probe", new UUID(0, 1), "bench"),
                Optional.empty(),
                new NoEvents(UUID.randomUUID()),
                loops,
                new Random(),
                CLOCK);
        uplink.start();
        probe(collector, uplink);
        uplink.leave();
        print(Line.of("values").add("sessions", PLAIN).add("same", same(feeding)));
      }
    }
  }

  private static void probe(Serving collector, Uplink uplink) throws Exception {
    SeriesTable.Builder table = SeriesTable.builder();
    Accelerator device = new Accelerator("probe", "0", "GPU-probe", "nvidia", "B200", true);
    int at = table.add(Cadence.FAST, Series.of(Metric.ACCELERATOR_POWER_WATTS, device, "gpu"));
    Readings readings = new Readings(table.build());
    Random random = new Random(1);
    int rounds = 2 * ROUNDS;
    long[] took = new long[rounds];
    for (int i = -10; i < rounds; i++) {
      rest(Duration.ofMillis(50 + random.nextInt(100)));
      long begun = CLOCK.nanos();
      readings.at(begun);
      readings.measured(at, 1000 + i);
      uplink.offer(new NodeSnapshot(i + 11, begun, List.of(readings.sample())));
      String wanted = "} %d\n".formatted(1000 + i);
      while (!page(collector).contains(wanted) && CLOCK.nanos() - begun < 10_000_000_000L) {
        rest(Duration.ofMillis(1));
      }
      if (i >= 0) {
        took[i] = CLOCK.nanos() - begun;
      }
    }
    Line line = Line.of("sample offered to the uplink -> on the node's page").add("fleet", 500);
    Latencies.of(took).into(line);
    print(line);
  }

  private static String page(Serving collector) throws Exception {
    try {
      return Pinned.get(collector.at("/metrics/node/probe"));
    } catch (BenchmarkException notKnownYet) {
      return "";
    }
  }

  // ---- the others

  private interface Peer {
    List<String> command(int port, Path data);
  }

  /** The same nodes' samples, by the collector's remote write and by scraping the collector. */
  private void peers() throws Exception {
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(config, "global: {scrape_interval: 1m}\n");
    Peer receiver =
        (port, data) ->
            List.of(
                prometheus,
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--web.enable-remote-write-receiver",
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn");
    Peer metrics =
        (port, data) ->
            List.of(
                victoria,
                "-storageDataPath=" + data,
                "-httpListenAddr=127.0.0.1:" + port,
                "-loggerLevel=WARN");
    written("Prometheus, remote write", receiver);
    written("VictoriaMetrics, remote write", metrics);
    scraped();
  }

  private void written(String who, Peer peer) throws Exception {
    int port = Contender.freePort();
    Path file = directory.resolve("remote-write" + port + ".yaml");
    Files.writeString(
        file, "url: http://127.0.0.1:%d/api/v1/write\ninterval: 1s\n".formatted(port));
    try (Pinned storing = storing(peer, port)) {
      Serving collector = collector(PLAIN, "-Xmx1g", List.of("--remote-write", file.toString()));
      try (Pinned serving = collector.process()) {
        serving.awaitAnswer(collector.at("/readyz"));
        try (Pinned feeding = feed(PLAIN, collector, PEERS_NODES, 1000, window.plusSeconds(60))) {
          awaitAll(collector, PEERS_NODES, Duration.ofMinutes(2));
          rest(Duration.ofSeconds(15));
          String taken = "millwright_collector_remote_write_samples_total{result=\"taken\"}";
          double before = value(collector, taken);
          print(peer(who, PEERS_NODES, storing, () -> value(collector, taken), before));
          print(Line.of("values").add("who", who).add("same", same(feeding)));
        }
      }
    }
  }

  private Pinned storing(Peer peer, int port) throws Exception {
    runs++;
    Pinned storing =
        Pinned.start(
            SERVER_CORE,
            directory.resolve("peer" + runs + ".log"),
            Map.of("GOMAXPROCS", "1"),
            peer.command(port, directory.resolve("peer" + runs)));
    storing.awaitAnswer(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query=vector(1)"));
    return storing;
  }

  private interface Count {
    double now() throws Exception;
  }

  private Line peer(String who, int nodes, Pinned storing, Count count, double before)
      throws Exception {
    double cpu = storing.watched().cpuSeconds();
    long begun = CLOCK.nanos();
    rest(window);
    double wall = (CLOCK.nanos() - begun) / 1e9;
    double samples = count.now() - before;
    cpu = storing.watched().cpuSeconds() - cpu;
    Watched.Memory memory = storing.watched().memory();
    return Line.of("peer")
        .add("who", who)
        .add("nodes", nodes)
        .add("seconds", wall)
        .add("samples_a_second", samples / wall)
        .add("cores", cpu / wall)
        .add("M_samples_a_cpu_second", samples / cpu / 1e6)
        .add("rss_mib", memory.rss() / 1024.0)
        .add("private_dirty_mib", memory.privateDirty() / 1024.0);
  }

  /** Prometheus asks the collector for the page of all nodes' hot readings, each second. */
  private void scraped() throws Exception {
    Serving collector = collector(PLAIN, "-Xmx1g", List.of());
    try (Pinned serving = collector.process()) {
      serving.awaitAnswer(collector.at("/readyz"));
      try (Pinned feeding = feed(PLAIN, collector, SCRAPED_NODES, 1000, window.plusSeconds(60))) {
        awaitAll(collector, SCRAPED_NODES, Duration.ofMinutes(2));
        Path config = directory.resolve("scraping.yml");
        Files.writeString(config, scraping(collector.http().getAuthority()));
        int port = Contender.freePort();
        Peer scraper =
            (own, data) ->
                List.of(
                    prometheus,
                    "--config.file=" + config,
                    "--storage.tsdb.path=" + data,
                    "--web.listen-address=127.0.0.1:" + own,
                    "--log.level=warn");
        try (Pinned storing = storing(scraper, port)) {
          rest(Duration.ofSeconds(15));
          URI own = URI.create("http://127.0.0.1:" + port + "/metrics");
          Count appended =
              () ->
                  Pinned.get(own)
                      .lines()
                      .filter(
                          line -> line.startsWith("prometheus_tsdb_head_samples_appended_total"))
                      .mapToDouble(
                          line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                      .sum();
          print(peer("Prometheus, scrape", SCRAPED_NODES, storing, appended, appended.now()));
        }
        print(Line.of("values").add("who", "scrape").add("same", same(feeding)));
      }
    }
  }

  private static String scraping(String address) {
    return """
    global: {scrape_interval: 1s}
    scrape_configs:
    - {job_name: fleet, metrics_path: /metrics/fleet, params: {set: [hot]}, static_configs: [{targets: ['%s']}]}
    """
        .formatted(address);
  }

  private static void print(Line line) {
    System.out.println(line);
    System.out.flush();
  }
}
