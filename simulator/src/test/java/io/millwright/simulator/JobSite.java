package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A collector and agents that carry out jobs, each a process of its own over directories that
 * outlive it, so that any of them can be killed and started again.
 */
final class JobSite implements AutoCloseable {
  static final String TOKEN = "a-token-of-an-admin-for-tests";
  static final String OPERATOR = "a-token-of-anna-for-tests-only";
  private static final String COLLECTOR = "io.millwright.collector.Main";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final DemoTrust trust;
  private final int http = freePort();
  private final int uplink = freePort();
  private final AtomicInteger logs = new AtomicInteger();
  private final Map<String, SimulatedNode> simulated = new HashMap<>();
  private final Map<String, Process> agents = new HashMap<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private Process collector;
  private List<String> settings = List.of();
  private List<String> collectorOptions = List.of();
  private String room = "-Xmx256m";
  private String address = "127.0.0.1";
  private Function<String, List<String>> before = node -> List.of();

  /** Prepares the site and starts its collector. */
  static JobSite of(String... nodes) throws IOException {
    JobSite site = new JobSite(List.of(nodes));
    site.startCollector();
    return site;
  }

  /** The same, whose agents are on the nodes of a network. */
  static JobSite over(Network network, String... nodes) throws IOException {
    JobSite site = new JobSite(List.of(nodes), List.of(Network.COLLECTOR));
    site.address = Network.COLLECTOR;
    site.before = network::on;
    site.startCollector();
    return site;
  }

  /** A site without nodes of its own, whose collector has these options. */
  static JobSite collecting(String... options) throws IOException {
    JobSite site = new JobSite(List.of());
    site.collect(options);
    site.startCollector();
    return site;
  }

  private JobSite(List<String> nodes) throws IOException {
    this(nodes, List.of());
  }

  @SuppressWarnings("NullAway.Init") // the factory starts the collector
  private JobSite(List<String> nodes, List<String> names) throws IOException {
    directory = Scratch.directory("mw-jobs");
    for (Path open : List.of(directory, open())) {
      Files.createDirectories(open);
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.setPosixFilePermissions(open(), PosixFilePermissions.fromString("rwxrwxrwx"));
    trust = DemoTrust.create(directory.resolve("trust"), "test", nodes, names, Clock.system());
    Path tokens = directory.resolve("tokens");
    Files.writeString(tokens, "admin test " + TOKEN + "\noperator anna " + OPERATOR + "\n");
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        policy(),
        """
        users: [%s]
        argv_roots: [/usr, /bin, %2$s]
        writable_roots: [%2$s]
        working_directory: %2$s
        demo: true
        """
            .formatted(user(), open()));
    Files.setPosixFilePermissions(policy(), PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError("no port is free", e);
    }
  }

  /** Whom jobs run as. */
  static String user() {
    String name = System.getProperty("user.name");
    return name.equals("root") ? "nobody" : name;
  }

  /** Where jobs may write. */
  Path open() {
    return directory.resolve("open");
  }

  private Path policy() {
    return directory.resolve("policy.yaml");
  }

  // ---- processes

  void startCollector() throws IOException {
    collector =
        java(
            "collector",
            List.of(),
            List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // it lives for seconds: half of its work is compiling
                room,
                "--enable-native-access=ALL-UNNAMED"),
            COLLECTOR,
            Stream.concat(
                    Stream.of(
                        "collector",
                        "run",
                        "--credentials",
                        trust.collector().toString(),
                        "--data",
                        directory.resolve("data").toString(),
                        "--tokens",
                        directory.resolve("tokens").toString(),
                        "--http",
                        "127.0.0.1:" + http,
                        "--uplink",
                        address + ":" + uplink),
                    collectorOptions.stream())
                .toList());
  }

  /** Heap of every collector that is started from now on, as in {@code -Xmx4g}. */
  void room(String heap) {
    room = heap;
  }

  /** Further options of every collector that is started from now on. */
  void collect(String... more) {
    collectorOptions = List.of(more);
  }

  void awaitCollector() {
    AgentProcess.soon().ignoreExceptions().until(() -> get("/livez").statusCode() == 200);
  }

  /** SIGTERM. */
  void stopCollector() throws InterruptedException {
    collector.destroy();
    if (!collector.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the collector does not end");
    }
  }

  /** Of the collector. */
  Path credentials() {
    return trust.collector();
  }

  /** The collector's process. */
  long collectorPid() {
    return collector.pid();
  }

  /** The newest process of a node's agent. */
  long agentPid(String node) {
    return Objects.requireNonNull(agents.get(node), "no such agent").pid();
  }

  /** Who a node of this site is. */
  Path credentials(String node) {
    return trust.node(node);
  }

  /** SIGKILL. */
  void killCollector() throws InterruptedException {
    kill(collector);
  }

  /** Further settings of every agent that is started from now on, each {@code KEY=VALUE}. */
  void set(String... more) {
    settings = List.of(more);
  }

  /** Where this site keeps its files. */
  Path directory() {
    return directory;
  }

  /** Starts the agent of a node over eight simulated devices. */
  void startAgent(String node, String... scenario) throws IOException {
    SimulatedNode hardware = simulated.get(node);
    if (hardware == null) {
      hardware =
          AgentProcess.simulated(
              "profile b200", "seed " + (node.hashCode() & 0xffff), String.join("\n", scenario));
      simulated.put(node, hardware);
    }
    agents.put(
        node,
        java(
            node,
            before.apply(node),
            AgentProcess.flags(),
            "io.millwright.agent.Main",
            Stream.concat(
                    Stream.of(
                        "agent",
                        "run",
                        "--set",
                        "listen=127.0.0.1:0",
                        "--set",
                        "node.name=" + node,
                        "--set",
                        "nvidia.library=" + hardware.library(),
                        "--set",
                        "collector.address=" + address + ":" + uplink,
                        "--set",
                        "collector.credentials=" + trust.node(node),
                        "--set",
                        "jobs.policy=" + policy(),
                        "--set",
                        "jobs.directory=" + directory.resolve("jobs-" + node),
                        "--set",
                        "health.kernel_log=" + hardware.kernelLog(),
                        "--set",
                        "health.directory=" + directory.resolve("health-" + node)),
                    settings.stream().flatMap(setting -> Stream.of("--set", setting)))
                .toList()));
  }

  /** Of the site's authority, with its key. */
  Path authority() {
    return trust.authority();
  }

  /** Where the collector awaits agents. */
  int uplinkPort() {
    return uplink;
  }

  /** The value of a series without labels on the collector's own page. */
  double value(String series) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + series));
  }

  /** Of REST and of the collector's pages. */
  int httpPort() {
    return http;
  }

  /** Of the newest agent's own page, once it serves one. */
  int pagePort(String node) {
    Pattern served = Pattern.compile("page is served address=\\S+ port=(\\d+)");
    int[] port = {0};
    AgentProcess.soon()
        .until(() -> {
          Matcher said = served.matcher(Files.readString(log(node + "-" + logs.get())));
          port[0] = said.find() ? Integer.parseInt(said.group(1)) : 0;
          return port[0] != 0;
        });
    return port[0];
  }

  SimulatedNode hardware(String node) {
    return Objects.requireNonNull(simulated.get(node), "no such node");
  }

  /** SIGKILL. */
  void killAgent(String node) throws InterruptedException {
    kill(Objects.requireNonNull(agents.get(node), "no such agent"));
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("it survived SIGKILL");
    }
  }

  private Process java(
      String name, List<String> before, List<String> flags, String main, List<String> words)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(words);
    File log = log(name + "-" + logs.incrementAndGet()).toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log);
    builder.environment().keySet().removeIf(word -> word.startsWith("MILLWRIGHT_"));
    return builder.start();
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  /** All that the processes said, for a failure's message. */
  String said() {
    StringBuilder all = new StringBuilder();
    try (var files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        all.append("== ").append(file.getFileName()).append('\n');
        lines
            .subList(Math.max(0, lines.size() - 25), lines.size())
            .forEach(line -> all.append(line).append('\n'));
      }
    } catch (IOException e) {
      all.append(e);
    }
    return all.toString();
  }

  // ---- REST

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path, TOKEN).GET().build());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return post(path, body, TOKEN);
  }

  HttpResponse<String> post(String path, String body, String token)
      throws IOException, InterruptedException {
    return send(request(path, token).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
        .timeout(Duration.ofSeconds(10))
        .header("authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** A job of a shell script. */
  static String job(String name, int devices, String script) {
    return JSON.createObjectNode()
        .put("name", name)
        .put("user", user())
        .<com.fasterxml.jackson.databind.node.ObjectNode>set(
            "argv", JSON.createArrayNode().add("/bin/sh").add("-c").add(script))
        .<com.fasterxml.jackson.databind.node.ObjectNode>set(
            "devices", JSON.createObjectNode().put("kind", "gpu").put("count", devices))
        .toString();
  }

  /** Submits and returns the run as REST shows it. */
  JsonNode submit(String job) throws IOException, InterruptedException {
    HttpResponse<String> answer = post("/v1/jobs", job);
    if (answer.statusCode() != 201) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /** Where a job would run, and why there. */
  JsonNode explain(String job) throws IOException, InterruptedException {
    HttpResponse<String> answer = post("/v1/placements/explain", job);
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = get(path);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /** Waits until the newest run of a job is in this state. */
  JsonNode awaitState(String job, String state) {
    JsonNode[] seen = {JSON.createObjectNode()};
    try {
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> {
            seen[0] = json("/v1/jobs/" + job);
            return seen[0].path("state").asText().equals(state);
          });
    } catch (org.awaitility.core.ConditionTimeoutException never) {
      throw new AssertionError("never " + state + ": " + seen[0] + "\n" + said(), never);
    }
    return seen[0];
  }

  /** Waits until the collector's own page has all of this at once. */
  void awaitMetrics(String... lines) {
    AgentProcess.soon()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(get("/metrics").body()).contains(lines));
  }

  /** Waits until so many nodes are connected with all their devices. */
  void awaitNodes(int nodes) {
    try {
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> {
            JsonNode fleet = json("/v1/fleet");
            return fleet.path("nodes_connected").asInt() == nodes
                && fleet.path("accelerators_up").asInt() == 8 * nodes;
          });
    } catch (org.awaitility.core.ConditionTimeoutException never) {
      throw new AssertionError("the fleet is not there:\n" + said(), never);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    List<Process> all = new ArrayList<>(agents.values());
    all.add(collector);
    all.forEach(Process::destroyForcibly);
    all.forEach(process -> process.onExit().join());
    endJobs();
  }

  /** What a job left running is ended by the directory that it works in. */
  private void endJobs() {
    ProcessHandle.allProcesses()
        .filter(process ->
            process
                .info()
                .commandLine()
                .filter(line -> line.contains(directory.toString()))
                .isPresent())
        .forEach(ProcessHandle::destroyForcibly);
  }
}
