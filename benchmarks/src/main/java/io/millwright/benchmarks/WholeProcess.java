package io.millwright.benchmarks;

import io.millwright.benchmarks.Contender.Recipe;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.SimulatedNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The agent as a process, over this machine's real host and simulated GPUs, beside Debian's node
 * exporter in the same run: start, memory, processor time at rest, scrapes, and scrapes while one
 * device hangs. Prints a line of JSON for each figure as it is taken; takes about twelve minutes.
 *
 * <pre>
 * WholeProcess LAUNCHER NODE_EXPORTER [quick] [wake|start|rest|hung|pages …]
 * </pre>
 *
 * <p>The launcher is the checkout's, or {@code /usr/bin/millwright-agent} of the package, whose own
 * runtime and cache are then measured.
 */
public final class WholeProcess {
  private static final Clock CLOCK = Clock.system();
  private static final String NODE = "bench";
  private static final int DEVICES = 8;
  private static final int HUNG = 3;
  private static final List<String> PARTS = List.of("wake", "start", "rest", "hung", "pages");

  private final Path runtime;
  private final Map<String, String> environment = new HashMap<>(System.getenv());
  private final Recipe gpus;
  private final Recipe host;
  private final Recipe exporter;
  private final boolean packaged;
  private final int repeats;
  private final int restSeconds;

  private WholeProcess(Path launcher, Path exporter, boolean quick) throws IOException {
    runtime = Scratch.directory("mw-whole");
    environment.put("XDG_RUNTIME_DIR", runtime.toString());
    environment.remove("MALLOC_ARENA_MAX");
    String listen = "127.0.0.1:%PORT%";
    packaged = launcher.endsWith("millwright-agent");
    gpus = simulated(launcher, listen).unwrapped();
    host = new Recipe(watching(launcher, listen), environment).unwrapped();
    this.exporter =
        new Recipe(List.of(exporter.toString(), "--web.listen-address=" + listen), environment);
    repeats = quick ? 3 : 9;
    restSeconds = quick ? 10 : 60;
  }

  private List<String> watching(Path launcher, String listen) {
    return List.of(launcher.toString(), packaged ? "run" : "up", "--listen", listen);
  }

  private Recipe simulated(Path launcher, String listen, String... scenario) throws IOException {
    List<String> command = new ArrayList<>(watching(launcher, listen));
    if (packaged) {
      List<String> lines = new ArrayList<>(List.of("profile b200"));
      lines.addAll(List.of(scenario));
      Path library =
          Path.of(environment.getOrDefault("MILLWRIGHT_HOME", "."))
              .resolve("simulator/target/native/libnvidia-ml.so.1");
      Path place = runtime.resolve("millwright-simulated").resolve(NODE);
      Files.createDirectories(place);
      SimulatedNode node = SimulatedNode.create(library, place, lines);
      command.addAll(List.of("--set", "nvidia.library=" + node.library()));
      command.addAll(List.of("--set", "node.name=" + NODE));
      return new Recipe(command, environment);
    }
    command.addAll(List.of("--simulate", "b200", "--node", NODE));
    for (String line : scenario) {
      command.addAll(List.of("--scenario", line));
    }
    return new Recipe(command, environment);
  }

  public static void main(String[] arguments) throws IOException {
    List<String> words = List.of(arguments).subList(2, arguments.length);
    boolean quick = words.contains("quick");
    Path launcher = Path.of(arguments[0]);
    WholeProcess benchmark = new WholeProcess(launcher, Path.of(arguments[1]), quick);
    for (String part : words.size() > (quick ? 1 : 0) ? words : PARTS) {
      switch (part) {
        case "quick" -> {}
        case "wake" -> WakeCost.print();
        case "start" -> benchmark.starts();
        case "rest" -> benchmark.footprintAndScrapes();
        case "hung" -> benchmark.hungDevice();
        case "pages" -> benchmark.largerPages(launcher);
        default -> throw new BenchmarkException("no part '" + part + "': there are " + PARTS);
      }
    }
  }

  private static boolean hostOnly(String page) {
    return page.contains("\nmillwright_node_cpu_seconds_total");
  }

  private static boolean allUp(String page) {
    return page.contains("\nmillwright_node_cpu_seconds_total") && devicesUp(page) == DEVICES;
  }

  private static int devicesUp(String page) {
    return (int)
        page.lines()
            .filter(line -> line.startsWith("millwright_accelerator_up{") && line.endsWith(" 1"))
            .count();
  }

  // ---- start

  private void starts() throws IOException {
    if (packaged) {
      packagedStarts();
      return;
    }
    Path cache = runtime.resolve("agent.aot");
    train(gpus.with("-XX:AOTCacheOutput=" + cache));
    Recipe cached = gpus.with("-XX:AOTCache=" + cache, "-XX:AOTMode=on");
    Path hostCache = runtime.resolve("host.aot");
    train(host.with("-XX:AOTCacheOutput=" + hostCache));
    Recipe cachedHost = host.with("-XX:AOTCache=" + hostCache, "-XX:AOTMode=on");
    Map<String, List<Double>> took = new LinkedHashMap<>();
    for (int i = 0; i < repeats; i++) {
      start(took, "agent, host only", host, WholeProcess::hostOnly);
      start(took, "agent, host only, AOT cache", cachedHost, WholeProcess::hostOnly);
      start(took, "agent, 8 simulated GPUs", gpus, WholeProcess::allUp);
      start(took, "agent, 8 simulated GPUs, AOT cache", cached, WholeProcess::allUp);
      start(took, "node exporter", exporter, page -> true);
    }
    started(took);
    print(Line.of("aot cache").add("bytes", Files.size(cache)));
    try (Contender agent = cached.start()) {
      agent.awaitPage(WholeProcess::allUp);
      fourThousand(agent);
      memory("agent, 8 simulated GPUs, AOT cache, after 4,000 scrapes", agent);
    }
  }

  /** The package's cache is in its own options. */
  private void packagedStarts() throws IOException {
    Map<String, List<Double>> took = new LinkedHashMap<>();
    for (int i = 0; i < repeats; i++) {
      start(took, "agent, host only", host, WholeProcess::hostOnly);
      start(took, "agent, 8 simulated GPUs", gpus, WholeProcess::allUp);
      start(took, "node exporter", exporter, page -> true);
    }
    started(took);
  }

  private static void started(Map<String, List<Double>> took) {
    took.forEach((who, millis) -> {
      Medians medians = Medians.of(millis);
      print(
          Line.of("start")
              .add("who", who)
              .add("starts", millis.size())
              .add("min_ms", medians.least())
              .add("median_ms", medians.median())
              .add("max_ms", medians.most()));
    });
  }

  private static void start(
      Map<String, List<Double>> took, String who, Recipe recipe, Predicate<String> good)
      throws IOException {
    try (Contender contender = recipe.start()) {
      took.computeIfAbsent(who, first -> new ArrayList<>()).add(contender.awaitPage(good));
    }
  }

  /** A run as java-stack says: some seconds, some scrapes, SIGTERM; the JVM writes at its end. */
  private static void train(Recipe recipe) throws IOException {
    try (Contender agent = recipe.start()) {
      agent.awaitPage(WholeProcess::hostOnly);
      for (int i = 0; i < 10; i++) {
        new ScrapeLoad(agent.uri()).run(5, 100, i % 2 == 0);
        rest(Duration.ofMillis(500));
      }
    }
  }

  // ---- memory, rest, scrapes

  private void footprintAndScrapes() throws IOException {
    try (Contender agent = gpus.start();
        Contender alone = host.start();
        Contender other = exporter.start()) {
      agent.awaitPage(WholeProcess::allUp);
      alone.awaitPage(WholeProcess::hostOnly);
      other.awaitPage(page -> true);
      new ScrapeLoad(agent.uri()).run(12, 1000, false);
      new ScrapeLoad(other.uri()).run(12, 1000, false);
      memory("agent, 8 simulated GPUs, after 12 scrapes", agent);
      memory("agent, host only, after 1 scrape", alone);
      memory("node exporter, after 12 scrapes", other);
      pages(Map.of("agent", agent, "agent, host only", alone, "node exporter", other));
      rests(
          Map.of(
              "agent, 8 simulated GPUs",
              agent.watched(),
              "agent, host only",
              alone.watched(),
              "node exporter",
              other.watched()));
      fresh("agent", agent);
      fresh("node exporter", other);
      scrapes("agent", agent, "node exporter", other);
      fourThousand(agent);
      fourThousand(other);
      fourThousand(alone);
      memory("agent, 8 simulated GPUs, after 4,000 scrapes", agent);
      memory("agent, host only, after 4,000 scrapes", alone);
      memory("node exporter, after 4,000 scrapes", other);
    }
  }

  private static void pages(Map<String, Contender> contenders) throws IOException {
    for (Map.Entry<String, Contender> one : contenders.entrySet()) {
      String page = one.getValue().page();
      int gzip = new ScrapeLoad(one.getValue().uri()).run(1, 0, true).bytes();
      print(
          Line.of("page")
              .add("who", one.getKey())
              .add("series", page.lines().filter(line -> !line.startsWith("#")).count())
              .add("bytes", page.length())
              .add("gzip_bytes", gzip));
    }
  }

  private void rests(Map<String, Watched> resting) {
    rest(Duration.ofSeconds(10));
    for (int window = 0; window < 2; window++) {
      Map<String, Double> before = new HashMap<>();
      resting.forEach((who, watched) -> before.put(who, watched.cpuSeconds()));
      long began = CLOCK.nanos();
      rest(Duration.ofSeconds(restSeconds));
      double wall = (CLOCK.nanos() - began) / 1e9;
      resting.forEach((who, watched) ->
          print(
              Line.of("rest")
                  .add("who", who)
                  .add("seconds", wall)
                  .add("threads", watched.threads())
                  .add(
                      "cpu_percent_of_a_core",
                      100 * (watched.cpuSeconds() - before.getOrDefault(who, 0.0)) / wall)));
    }
  }

  /** As Prometheus asks: each scrape meets a snapshot that nobody has asked for before. */
  private void fresh(String who, Contender contender) throws IOException {
    scrape(who + ", once a second", contender, repeats * 4, 1003, false);
  }

  private void scrapes(String one, Contender a, String other, Contender b) throws IOException {
    for (int i = 0; i < 3; i++) {
      scrape(one + ", paced 10 ms", a, 1000, 10, false);
      scrape(other + ", paced 10 ms", b, 1000, 10, false);
      scrape(one + ", back to back", a, 1000, 0, false);
      scrape(other + ", back to back", b, 1000, 0, false);
      scrape(one + ", back to back, gzip", a, 500, 0, true);
      scrape(other + ", back to back, gzip", b, 500, 0, true);
    }
  }

  private static void scrape(String who, Contender contender, int count, long period, boolean gzip)
      throws IOException {
    double cpu = contender.watched().cpuSeconds();
    ScrapeLoad.Result result = new ScrapeLoad(contender.uri()).run(count, period, gzip);
    cpu = contender.watched().cpuSeconds() - cpu;
    Line line = Line.of("scrapes").add("who", who).add("bytes", result.bytes());
    result.latencies().into(line);
    print(line.add("cpu_us_per_scrape", cpu * 1e6 / count));
  }

  private static void fourThousand(Contender contender) throws IOException {
    new ScrapeLoad(contender.uri()).run(4000, 0, false);
    rest(Duration.ofSeconds(6)); // the JVM gives freed native memory back each fifth second
  }

  private static void memory(String who, Contender contender) {
    Watched.Memory memory = contender.watched().memory();
    print(
        Line.of("memory")
            .add("who", who)
            .add("rss_mib", memory.rss() / 1024.0)
            .add("pss_mib", memory.pss() / 1024.0)
            .add("private_dirty_mib", memory.privateDirty() / 1024.0));
  }

  // ---- one device hangs

  private void hungDevice() throws IOException {
    try (Contender agent = gpus.start()) {
      agent.awaitPage(WholeProcess::allUp);
      SimulatedNode node = SimulatedNode.at(runtime.resolve("millwright-simulated").resolve(NODE));
      new ScrapeLoad(agent.uri()).run(1000, 0, false);
      for (int i = 0; i < 3; i++) {
        scrape("8 devices answer, paced 10 ms", agent, 1000, 10, false);
        node.fault(HUNG, "hang");
        agent.awaitPage(page -> devicesUp(page) == DEVICES - 1);
        scrape("device 3 hangs, paced 10 ms", agent, 1000, 10, false);
        stuck(agent.page());
        node.fault(HUNG, "release");
        agent.awaitPage(WholeProcess::allUp);
        scrape("device 3 released, paced 10 ms", agent, 1000, 10, false);
      }
    }
  }

  private static void stuck(String page) {
    page.lines()
        .filter(line -> line.startsWith("millwright_accelerator_native_call_stuck_seconds{"))
        .forEach(line ->
            print(
                Line.of("stuck")
                    .add("devices_up", devicesUp(page))
                    .add("seconds", Double.parseDouble(line.substring(line.lastIndexOf(' '))))));
  }

  // ---- more devices than a node has, to have pages of the size of the gates

  private void largerPages(Path launcher) throws IOException {
    for (int devices : new int[] {20, 56}) {
      Recipe many = simulated(launcher, "127.0.0.1:%PORT%", "devices " + devices).unwrapped();
      try (Contender agent = many.start()) {
        agent.awaitPage(page -> devicesUp(page) == devices);
        String who = "agent, " + devices + " simulated GPUs";
        pages(Map.of(who, agent));
        new ScrapeLoad(agent.uri()).run(1000, 0, false);
        fresh(who, agent);
        scrape(who + ", paced 10 ms", agent, 1000, 10, false);
        scrape(who + ", back to back", agent, 1000, 0, false);
        fourThousand(agent);
        memory(who + ", after 4,000 scrapes", agent);
      }
    }
  }

  private static void rest(Duration length) {
    long until = CLOCK.nanos() + length.toNanos();
    while (CLOCK.nanos() - until < 0) {
      CLOCK.parkUntil(until);
    }
  }

  private static void print(Line line) {
    System.out.println(line);
    System.out.flush();
  }
}
