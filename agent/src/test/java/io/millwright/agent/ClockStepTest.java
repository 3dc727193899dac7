package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.agent.config.ConfigFile;
import io.millwright.agent.config.ConfigReader;
import io.millwright.agent.config.ConfigResult;
import io.millwright.agent.config.ConfigSources;
import io.millwright.agent.config.ReloadableConfig;
import io.millwright.collector.Collector;
import io.millwright.collector.CollectorOptions;
import io.millwright.collector.late.LateSink;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole agent and a whole collector over TLS, each with a wall clock that is set while both run:
 * an hour off from the beginning, and by two hours in one step. The node has no accelerators here,
 * the job is a real process.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class ClockStepTest {
  private static final String NODE = "n1";
  private static final String ADMIN = "a-token-of-an-admin-for-tests";
  private static final long HOUR_MS = 3_600_000;
  private static final long NEAR_MS = 60_000;

  @TempDir private Path directory;
  private final Wall ours = new Wall();
  private final Wall theirs = new Wall();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Long> late = new CopyOnWriteArrayList<>();
  private DemoTrust trust;
  private Collector collector;
  private Agent agent;

  /** The machine's clock, whose wall time somebody sets. */
  private static final class Wall implements Clock {
    private final AtomicLong aheadMs = new AtomicLong();

    @Override
    public long nanos() {
      return Clock.system().nanos();
    }

    @Override
    public Instant wall() {
      return Clock.system().wall().plusMillis(aheadMs.get());
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos);
    }
  }

  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions();
  }

  private static String user() {
    String name = System.getProperty("user.name");
    return name.equals("root") ? "nobody" : name;
  }

  private Path write(String name, String text, String permissions) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return file;
  }

  @BeforeEach
  void start() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    trust = DemoTrust.create(directory.resolve("trust"), "test", List.of(NODE), Clock.system());
    Path tokens = write("tokens", "admin root " + ADMIN + "\n", "rw-------");
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    LateSink sink = (node, schema) -> (at, takenMs, aheadMs, row) -> late.add(takenMs - aheadMs);
    collector =
        new Collector(
            new CollectorOptions(
                any,
                any,
                trust.collector(),
                directory.resolve("data"),
                Optional.of(tokens),
                Set.of()),
            sink,
            ours);
    collector.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (ProcessHandle left : jobs()) {
      left.destroyForcibly();
    }
    List<String> _ = agent.stop();
    collector.close();
    http.close();
  }

  private void startAgent() throws IOException {
    Path policy =
        write(
            "policy.yaml",
            "users: [%s]\nargv_roots: [/usr, /bin]\nworking_directory: /tmp\ndemo: true\n"
                .formatted(user()),
            "rw-r--r--");
    Map<String, String> set = new HashMap<>();
    set.put("node.name", NODE);
    set.put("listen", "127.0.0.1:0");
    set.put("nvidia.enabled", "false");
    set.put("neuron.enabled", "false");
    set.put("health.kernel_log", write("kmsg", "", "rw-r--r--").toString());
    set.put("health.directory", directory.resolve("health").toString());
    set.put("evidence.directory", directory.resolve("evidence").toString());
    set.put("collector.address", "127.0.0.1:" + collector.uplinkPort());
    set.put("collector.credentials", trust.node(NODE).toString());
    set.put("jobs.policy", policy.toString());
    set.put("jobs.directory", directory.resolve("jobs").toString());
    ConfigResult read =
        new ConfigReader(NODE).read(new ConfigSources(new ConfigFile.None(), Map.of(), set));
    assertThat(read).isInstanceOf(ConfigResult.Loaded.class);
    ConfigResult.Loaded loaded = (ConfigResult.Loaded) read;
    agent =
        new Agent(
            new ReloadableConfig(loaded, () -> loaded),
            BuildFacts.read(),
            List.of(),
            Uplinks.of(loaded.config(), theirs),
            theirs);
    agent.start(Optional.empty());
  }

  private JsonNode rest(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + collector.httpAddress() + path))
        .timeout(Duration.ofSeconds(20))
        .header("authorization", "Bearer " + ADMIN);
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
    return new ObjectMapper().readTree(answer.body());
  }

  private JsonNode node() throws IOException, InterruptedException {
    return rest("/v1/nodes/" + NODE);
  }

  private List<String> kinds() throws IOException, InterruptedException {
    List<String> kinds = new ArrayList<>();
    for (JsonNode event : rest("/v1/events?limit=1000")) {
      kinds.add(event.path("kind").asText());
    }
    return kinds;
  }

  private static List<ProcessHandle> jobs() {
    return ProcessHandle.allProcesses()
        .filter(one ->
            one.info().commandLine().filter(line -> line.contains("sleep 98765")).isPresent())
        .toList();
  }

  private void awaitOffset(long ms) {
    soon()
        .untilAsserted(() ->
            assertThat(node().path("clock_offset_ms").asLong())
                .isBetween(ms - NEAR_MS, ms + NEAR_MS));
  }

  /** What must be the same before and after a clock was set. */
  private record Standing(long session, String verdict, String state, List<Long> pids) {}

  private Standing standing() throws IOException, InterruptedException {
    return new Standing(
        collector.fleet().node(NODE).orElseThrow().session(),
        node().path("verdict").asText(),
        rest("/v1/jobs/steady").path("state").asText(),
        jobs().stream().map(ProcessHandle::pid).toList());
  }

  @Test
  void nothingFollowsFromAClockThatIsOffOrSet() throws Exception {
    theirs.aheadMs.set(HOUR_MS);
    startAgent();
    soon().until(() -> node().path("link").asText().equals("connected"));
    awaitOffset(HOUR_MS);
    soon().until(() -> kinds().contains("clock-differs"));
    send(
        request("/v1/jobs")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"name\":\"steady\",\"user\":\"%s\",\"argv\":[\"/bin/sleep\",\"98765\"]}"
                        .formatted(user())))
            .build());
    soon()
        .untilAsserted(() -> {
          assertThat(rest("/v1/jobs/steady").path("state").asText()).isEqualTo("running");
          assertThat(jobs()).as("the job's process").isNotEmpty();
        });
    soon().until(() -> !node().path("verdict").asText().equals("unknown"));
    Standing before = standing();
    List<String> told = kinds();

    theirs.aheadMs.set(-HOUR_MS); // in one step, as ntpd -g or chronyc makestep do it
    awaitOffset(-HOUR_MS);
    assertThat(standing()).isEqualTo(before);
    assertThat(kinds()).as("nothing happened").isEqualTo(told);

    theirs.aheadMs.set(0);
    ours.aheadMs.set(HOUR_MS); // now it is the collector's
    awaitOffset(-HOUR_MS);
    soon().until(() -> rest("/v1/policy").toString().contains("clock jumped"));
    ours.aheadMs.set(0);
    soon().until(() -> kinds().contains("clock-agrees"));
    assertThat(standing()).isEqualTo(before);
    long now = Clock.system().wall().toEpochMilli();
    assertThat(late)
        .as("what came late, if any did (LateHistoryTest has more), is of when it was taken")
        .allMatch(at -> Math.abs(at - now) < 10 * NEAR_MS);
    List<String> after = new ArrayList<>(kinds());
    after.removeAll(told);
    assertThat(after).containsOnly("clock-agrees");
  }
}
