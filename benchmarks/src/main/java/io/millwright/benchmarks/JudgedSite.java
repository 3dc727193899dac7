package io.millwright.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import io.millwright.simulator.SimulatedNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A collector and one agent as processes of their own, with mutual TLS between them, over eight
 * simulated GPUs and a kernel log that is a file; the usual periods. A second agent with eight GPUs
 * of its own joins when it is told to.
 *
 * <p><i>Lifecycle:</i> {@link #start}; {@link #close} ends both by SIGTERM. <i>Threading:</i> one
 * owner. <i>Failure:</i> what does not come in time is a {@link BenchmarkException}.
 */
final class JudgedSite implements AutoCloseable {
  static final int DEVICES = 8;

  private static final String NODE = "node1";
  private static final String SPARE = "node2";
  private static final String TOKEN = "a-token-of-an-admin-of-a-benchmark";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration LOOK = Duration.ofMillis(10);
  private static final Clock CLOCK = Clock.system();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Path launcher;
  private final Path library;
  private final SimulatedNode hardware;
  private final int http;
  private final int uplink;
  private final DemoTrust trust;
  private final Map<String, SimulatedNode> nodes = new HashMap<>();
  private final List<Process> processes = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private JudgedSite(Path directory, Path launcher, Path library) throws IOException {
    this.directory = directory;
    this.launcher = launcher;
    this.library = library;
    this.http = Contender.freePort();
    this.uplink = Contender.freePort();
    this.trust = DemoTrust.create(directory.resolve("trust"), "bench", List.of(NODE, SPARE), CLOCK);
    this.hardware = hardware(NODE);
  }

  private SimulatedNode hardware(String node) throws IOException {
    SimulatedNode made =
        SimulatedNode.create(
            library,
            Files.createDirectory(directory.resolve("sim-" + node)),
            List.of("profile b200"));
    nodes.put(node, made);
    return made;
  }

  /** Starts both and waits until all devices are well. */
  static JudgedSite start(Path launcher, Path library) throws Exception {
    JudgedSite site = new JudgedSite(Scratch.directory("mw-judged"), launcher, library);
    try {
      site.begin();
      site.await("eight devices that are well", () -> site.all("ok"));
      return site;
    } catch (Exception e) {
      site.close();
      throw e;
    }
  }

  private void begin() throws IOException {
    Path tokens = file("tokens", "admin bench " + TOKEN + "\n", "rw-------");
    var _ =
        file(
            "policy.yaml",
            """
            users: [nobody]
            argv_roots: [/bin]
            writable_roots: [/tmp]
            working_directory: /tmp
            demo: true
            """,
            "rw-r--r--");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    Files.setPosixFilePermissions(
        Files.createDirectory(directory.resolve("programs")),
        PosixFilePermissions.fromString("rwxrwxrwx"));
    var _ =
        file(
            "report",
            "#!/bin/sh\n[ -e %s ] && exec sleep 600\necho report\n".formatted(stuckReport()),
            "rwxr-xr-x");
    processes.add(
        process(
            "collector",
            List.of(
                launcher.toString(),
                "collector",
                "run",
                "--credentials",
                trust.collector().toString(),
                "--data",
                directory.resolve("data").toString(),
                "--tokens",
                tokens.toString(),
                "--http",
                "127.0.0.1:" + http,
                "--uplink",
                "127.0.0.1:" + uplink)));
    agent(NODE, hardware);
  }

  /** A second node with eight devices, until {@link #close}; waits until there is room there. */
  void addSpare() throws Exception {
    agent(SPARE, hardware(SPARE));
    await("sixteen devices that are well", () -> up() == 2 * DEVICES);
    await("a place on two nodes", () -> placeable(DEVICES, 2));
  }

  private void agent(String node, SimulatedNode own) throws IOException {
    Path state = Files.createDirectory(directory.resolve(node));
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx--x--x"));
    List<String> agent = new ArrayList<>(List.of(launcher.toString(), "agent", "run"));
    for (String setting :
        List.of(
            "listen=127.0.0.1:0",
            "node.name=" + node,
            "nvidia.library=" + own.library(),
            "collector.address=127.0.0.1:" + uplink,
            "collector.credentials=" + trust.node(node),
            "jobs.policy=" + directory.resolve("policy.yaml"),
            "jobs.directory=" + state.resolve("jobs"),
            "health.kernel_log=" + own.kernelLog(),
            "health.directory=" + state.resolve("health"),
            "evidence.directory=" + state.resolve("evidence"),
            "evidence.report_tool=" + directory.resolve("report"))) {
      agent.addAll(List.of("--set", setting));
    }
    processes.add(process(node, agent));
  }

  private Path file(String name, String text, String mode) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private Process process(String name, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(name + ".log").toFile())
        .start();
  }

  // ---- jobs

  /** A job of one node whose first run goes on until {@link #fail}, and its second for long. */
  void submit(String job, int devices) throws IOException, InterruptedException {
    ObjectNode spec = JSON.createObjectNode().put("name", job).put("user", "nobody");
    spec.putArray("argv")
        .add("/bin/sh")
        .add("-c")
        .add("touch $1.$MW_RUN; until [ $MW_RUN = 1 -a -e $1 ]; do sleep 0.05; done; exit 1")
        .add("sh")
        .add(broken(job).toString());
    spec.putObject("devices").put("kind", "gpu").put("count", devices);
    spec.putObject("restart").put("max", 1).put("backoff_ms", 0).putArray("on").add("device-fault");
    var _ = send("/v1/jobs", spec.toString(), 201);
  }

  private Path broken(String job) {
    return directory.resolve("programs").resolve(job);
  }

  /** Whether the program of this run has told that it is there. */
  boolean runs(String job, int run) {
    return Files.exists(directory.resolve("programs").resolve(job + "." + run));
  }

  /** The program of the first run fails. */
  void fail(String job) throws IOException {
    Files.createFile(broken(job));
  }

  /** The number of the device that the newest run of a job has. */
  int deviceOf(String job) throws IOException, InterruptedException {
    String uuid =
        JSON.readTree(send("/v1/jobs/" + job, "", 200)).at("/members/0/devices/0").asText();
    for (JsonNode one : JSON.readTree(send("/v1/accelerators?node=" + NODE, "", 200))) {
      if (one.path("uuid").asText().equals(uuid)) {
        return one.path("accelerator").asInt();
      }
    }
    throw new BenchmarkException("no device has the UUID " + uuid + " of job " + job);
  }

  /** The node that the newest run of a job has. */
  String nodeOf(String job) throws IOException, InterruptedException {
    return JSON.readTree(send("/v1/jobs/" + job, "", 200)).at("/members/0/node").asText();
  }

  void cancel(String job) throws Exception {
    var _ = send("/v1/jobs/" + job + "/cancel", "{}", 202);
    await(
        "the end of " + job,
        () ->
            JSON.readTree(send("/v1/jobs/" + job, "", 200)).path("state").asText().equals("ended"));
  }

  // ---- what is broken and mended

  SimulatedNode hardware() {
    return hardware;
  }

  /** Of that node. */
  SimulatedNode hardwareOf(String node) {
    return Optional.ofNullable(nodes.get(node))
        .orElseThrow(() -> new BenchmarkException("there is no node " + node));
  }

  /** Writes one line as the driver does, and nothing else: no event of the driver comes with it. */
  void kernelLine(String address, int xid) throws IOException {
    kernelLine(hardware, address, xid);
  }

  /** The same on that node. */
  static void kernelLine(SimulatedNode node, String address, int xid) throws IOException {
    String line =
        "4,%d,%d,-;NVRM: Xid (PCI:%s): %d, pid='<unknown>', name=<unknown>, benchmark%n"
            .formatted(Files.size(node.kernelLog()), CLOCK.nanos() / 1000, address, xid);
    Files.writeString(node.kernelLog(), line, StandardOpenOption.APPEND);
  }

  /** As the kernel log names the device: {@code 0000:1b:00}. */
  String address(int device) throws IOException {
    return address(hardware, device);
  }

  /** The same on that node. */
  static String address(SimulatedNode hardware, int device) throws IOException {
    for (String line : hardware.command("get " + device)) {
      if (line.startsWith("pci_bus_id=")) {
        String id = line.substring(line.indexOf('=') + 1).toLowerCase(Locale.ROOT);
        return id.substring(id.indexOf(':') - 4, id.lastIndexOf('.'));
      }
    }
    throw new BenchmarkException("the simulator names no address of device " + device);
  }

  /** Whether the site's report tool never ends. */
  void reportToolHangs() throws IOException {
    Files.createFile(stuckReport());
  }

  private Path stuckReport() {
    return directory.resolve("report-hangs");
  }

  // ---- REST

  /** The verdicts of the devices, by their numbers; empty words of those that are not told. */
  List<String> verdicts() throws IOException, InterruptedException {
    String[] found = new String[DEVICES];
    Arrays.fill(found, "");
    for (JsonNode one : JSON.readTree(send("/v1/accelerators?node=" + NODE, "", 200))) {
      found[one.path("accelerator").asInt()] = one.path("verdict").asText();
    }
    return List.of(found);
  }

  boolean all(String verdict) throws IOException, InterruptedException {
    return verdicts().stream().allMatch(verdict::equals);
  }

  /** Whether the planner has a place for a job of so many devices. */
  boolean placeable(int devices) throws IOException, InterruptedException {
    return placeable(devices, 1);
  }

  boolean placeable(int devices, int nodes) throws IOException, InterruptedException {
    ObjectNode job = JSON.createObjectNode().put("name", "would-it").put("user", "nobody");
    job.putArray("argv").add("/bin/true");
    job.putObject("devices").put("kind", "gpu").put("count", devices);
    job.put("nodes", nodes);
    return JSON.readTree(send("/v1/placements/explain", job.toString(), 200))
        .path("placed")
        .asBoolean();
  }

  /** How many devices answer. */
  int up() throws IOException, InterruptedException {
    return JSON.readTree(send("/v1/fleet", "", 200)).path("accelerators_up").asInt();
  }

  /** Wants a bundle and waits for it; whether it is ready. */
  boolean bundle() throws Exception {
    String path = "/v1/nodes/" + NODE + "/evidence";
    String order =
        JSON.readTree(send(path, "{\"reason\":\"a benchmark\"}", 202)).path("order").asText();
    String[] state = {""};
    Duration patience = Duration.ofMinutes(3);
    await(
        "an answer to order " + order,
        patience,
        () -> {
          for (JsonNode one : JSON.readTree(send(path, "", 200))) {
            if (one.path("order").asText().equals(order)) {
              state[0] = one.path("state").asText();
            }
          }
          return !state[0].isEmpty() && !state[0].equals("asked");
        });
    return state[0].equals("ready");
  }

  private String send(String path, String body, int wanted)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .timeout(Duration.ofSeconds(10))
            .header("authorization", "Bearer " + TOKEN);
    if (!body.isEmpty()) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != wanted) {
      throw new BenchmarkException(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  // ---- waiting

  void await(String what, Callable<Boolean> condition) throws Exception {
    await(what, PATIENCE, condition);
  }

  /** Looks every ten milliseconds; while the collector does not listen yet, it is not so. */
  private void await(String what, Duration patience, Callable<Boolean> condition) throws Exception {
    long until = CLOCK.nanos() + patience.toNanos();
    while (!holds(condition)) {
      if (CLOCK.nanos() - until >= 0) {
        throw new BenchmarkException("never seen: " + what + "\n" + lastWords());
      }
      pause(LOOK);
    }
  }

  private static boolean holds(Callable<Boolean> condition) throws Exception {
    try {
      return condition.call();
    } catch (ConnectException notYet) {
      return false;
    }
  }

  static void pause(Duration span) {
    long until = CLOCK.nanos() + span.toNanos();
    while (CLOCK.nanos() - until < 0) {
      CLOCK.parkUntil(until);
    }
  }

  private String lastWords() throws IOException {
    StringBuilder all = new StringBuilder();
    List<String> names = new ArrayList<>(nodes.keySet());
    names.addFirst("collector");
    for (String name : names) {
      List<String> lines = Files.readAllLines(directory.resolve(name + ".log"));
      lines.stream()
          .skip(Math.max(0, lines.size() - 10))
          .forEach(line -> all.append(name).append(": ").append(line).append('\n'));
    }
    return all.toString();
  }

  @Override
  public void close() {
    client.close();
    processes
        .reversed()
        .forEach(process -> {
          process.destroy();
          process.onExit().join();
        });
  }
}
