package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.power.PowerMain;
import io.millwright.agent.launcher.root.Launcher;
import io.millwright.agent.launcher.root.PowerProgram;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An order from REST to the page and back: a collector and an agent, each a process, the launcher
 * behind its real socket, its program a process of root's, the simulated driver. In the place of
 * systemd's unit the program is begun by this test.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class PowerCapTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TO_SET = Duration.ofSeconds(12);
  private static final String SETTER = "nvmlDeviceSetPowerManagementLimit_v2";
  private static final int DEVICES = 8;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> begun = new ArrayList<>();
  private JobSite site;
  private ServerSocketChannel socket;
  private Path root;

  /** As {@code millwright-power.service} begins it. */
  private final class BegunProgram implements PowerProgram {
    @Override
    public synchronized boolean busy() {
      return begun.stream().anyMatch(Process::isAlive);
    }

    @Override
    public synchronized boolean run(Duration longest) throws IOException {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PowerMain.class.getName(),
                  root.resolve("ledger/power").toString())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(site.directory().resolve("set-power.log").toFile())
              .start();
      begun.add(process);
      try {
        return process.waitFor(longest.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  @BeforeEach
  void open() throws IOException {
    assumeTrue(
        Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "limits are root's");
    site = JobSite.of("n1");
    root = Files.createDirectory(site.directory().resolve("root"));
    socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socket.bind(UnixDomainSocketAddress.of(root.resolve("s")));
    Layout layout =
        new Layout(
            root.resolve("policy.yaml"),
            root.resolve("orders.d"),
            root.resolve("ledger"),
            root.resolve("runs"),
            root.resolve("ended"),
            root.resolve("env"),
            root.resolve("s"),
            root.resolve("no-bus"),
            Path.of("/bin/true"),
            List.of(),
            "root",
            new Layout.HostFiles(
                Path.of("/proc/devices"),
                Path.of("/dev"),
                root,
                NeuronHost.under(root),
                root,
                root,
                ContainerHost.under(root)));
    Launcher launcher = new Launcher(layout, new BegunProgram(), TO_SET, Clock.system());
    Threads.platform(
            "launcher",
            () -> {
              try {
                launcher.serve(socket, Duration.ofMinutes(10));
              } catch (IOException | java.nio.channels.ClosedSelectorException end) {
                assertThat(end).isNotNull();
              }
            })
        .start();
    site.set(
        "power.owned=true",
        "power.launcher=" + root.resolve("s"),
        "power.directory=" + root.resolve("caps"),
        "sampling.medium=1s");
  }

  @AfterEach
  void close() throws Exception {
    if (site == null) {
      return;
    }
    site.close();
    socket.close();
    for (Process process : begun) {
      process.destroyForcibly().waitFor();
    }
  }

  private void policy(String power) throws IOException {
    Path file = root.resolve("policy.yaml");
    Files.writeString(
        file, "power: {%s, library: %s}\n".formatted(power, site.hardware("n1").library()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void begin(String power, String... scenario) throws IOException {
    site.awaitCollector();
    site.startAgent("n1", scenario);
    site.awaitNodes(1);
    policy(power);
  }

  private HttpResponse<String> ask(String body) throws Exception {
    return ask(body, JobSite.OPERATOR);
  }

  private HttpResponse<String> ask(String body, String token) throws Exception {
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + site.httpPort() + "/v1/nodes/n1/power"))
            .timeout(Duration.ofSeconds(40))
            .header("authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** What came of each device, all of which are told. */
  private List<String> results(String body) throws Exception {
    HttpResponse<String> answer = ask(body);
    assertThat(answer.statusCode()).as(answer.body() + "\n" + site.said()).isEqualTo(200);
    List<String> results = new ArrayList<>();
    for (JsonNode device : JSON.readTree(answer.body()).get("devices")) {
      results.add(device.get("result").asText() + " " + device.path("in_force_watts").asInt());
    }
    return results;
  }

  private String refusal(String body, int status) throws Exception {
    HttpResponse<String> answer = ask(body);
    assertThat(answer.statusCode()).as(answer.body() + "\n" + site.said()).isEqualTo(status);
    return JSON.readTree(answer.body()).get("detail").asText();
  }

  private String uuid(int device) throws IOException {
    return site.hardware("n1").get(device).getOrDefault("uuid", "");
  }

  /** Until the agent's own page says so of the device. */
  private void awaitPage(int device, int watts) throws Exception {
    URI page = URI.create("http://127.0.0.1:" + site.pagePort("n1") + "/metrics");
    AgentProcess.soon()
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(
                    LivePage.of(
                            http.send(
                                    HttpRequest.newBuilder(page).build(),
                                    HttpResponse.BodyHandlers.ofString())
                                .body())
                        .device(device, "power_limit_watts", "limit=\"enforced\",scope=\"gpu\""))
                .as(site.said())
                .isEqualTo(watts));
  }

  @Test
  void anOrderReachesThePageAndComesBack() throws Exception {
    begin("owned: true, floor_watts: 300, changes_per_hour: 3");
    assertThat(results("{\"watts\":600}"))
        .isEqualTo(IntStream.range(0, DEVICES).mapToObj(i -> "done 600").toList());
    awaitPage(7, 600);

    String one = ",\"devices\":[\"" + uuid(2) + "\"]}";
    assertThat(results("{\"watts\":5000" + one)).containsExactly("clamped 1000");
    awaitPage(2, 1000);
    awaitPage(3, 600);
    assertThat(results("{\"watts\":\"default\"" + one)).containsExactly("unchanged 1000");

    assertThat(refusal("{\"watts\":299}", 409))
        .contains("watts: '299' is refused by this node's policy; allowed is from 300");
    assertThat(refusal("{\"watts\":600,\"devices\":[\"GPU-none\"]}", 409))
        .contains("devices: 'GPU-none' is refused");
    assertThat(refusal("{\"watts\":0}", 400)).contains("watts: 0 is refused");
    assertThat(results("{\"watts\":700" + one)).containsExactly("done 700");
    assertThat(results("{\"watts\":800" + one))
        .singleElement()
        .asString()
        .startsWith("too often: its limit was changed 3 times within the last hour");
    assertThat(ask("{\"watts\":600}", "nobodys-token-at-all").statusCode()).isEqualTo(401);
  }

  @Test
  void nothingIsSetWhereTheNodesOwnerDoesNotSaySo() throws Exception {
    begin("owned: false");
    assertThat(refusal("{\"watts\":600}", 409)).contains("power.owned is not true");
    assertThat(begun).isEmpty();
    site.killAgent("n1");
    site.set("power.owned=false");
    site.startAgent("n1");
    AgentProcess.soon()
        .untilAsserted(
            () -> assertThat(refusal("{\"watts\":600}", 409)).contains("sets no power limits"));
  }

  @Test
  void aCapOutlivesTheAgentAndTheDriver() throws Exception {
    begin("owned: true, floor_watts: 300, changes_per_hour: 100");
    assertThat(results("{\"watts\":600}")).hasSize(DEVICES);
    awaitPage(0, 600);
    site.killAgent("n1");
    site.startAgent("n1"); // the simulated driver goes with its process, as at a boot
    awaitPage(0, 600);
    site.hardware("n1").command("driver unload");
    site.hardware("n1").command("driver load");
    assertThat(begun).hasSize(2);
    AgentProcess.soon()
        .untilAsserted(() ->
            assertThat(site.hardware("n1").get(0, "power_limit_mw"))
                .as(site.said())
                .isEqualTo("600000"));
    assertThat(begun).hasSizeGreaterThan(2); // devices come back one by one
    awaitPage(0, 600);

    assertThat(results("{\"watts\":\"default\"}").getFirst()).isEqualTo("done 1000");
    awaitPage(0, 1000);
    site.killAgent("n1");
    int before = begun.size();
    site.startAgent("n1");
    awaitPage(0, 1000);
    String other = "{\"watts\":700,\"devices\":[\"" + uuid(1) + "\"]}";
    AgentProcess.soon() // until it is connected
        .untilAsserted(() -> assertThat(results(other)).containsExactly("done 700"));
    assertThat(results(other)).containsExactly("unchanged 700"); // between them it looked at all
    assertThat(begun).hasSize(before + 2);
    awaitPage(0, 1000);
  }

  @Test
  void aDriverThatHangsInTheSetterHoldsUpNothingElse() throws Exception {
    begin("owned: true, floor_watts: 300, changes_per_hour: 5", "fault 0 hang " + SETTER);
    String one = "{\"watts\":600,\"devices\":[\"" + uuid(0) + "\"]}";
    assertThat(results(one))
        .singleElement()
        .asString()
        .startsWith("unknown: the driver has not answered within 12 s");
    assertThat(refusal(one, 409)).contains("an earlier change has not ended");
    awaitPage(1, 1000); // the agent reads on
    assertThat(begun).hasSize(1);
  }
}
