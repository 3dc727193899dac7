package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.collector.trust.DemoTrust;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Agent N with collector N-1, and the other way round, as processes: the commit {@code -Dprevious}
 * (the one before this one, where nobody says it) is taken from git and built, which takes minutes;
 * {@code -Dprevious.tree} names a tree of it that is built already.
 */
class PreviousVersionTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final String COLLECTOR = "io.millwright.collector.Main";
  private static final String AGENT = "io.millwright.agent.Main";
  private static final int DEVICES = 8;
  private static final long BUILD_MINUTES = 45;
  private static final Pattern FLEET = Pattern.compile("fleet: http://127\\.0\\.0\\.1:(\\d+)/");
  private static final Pattern UPLINK = Pattern.compile("agents: 127\\.0\\.0\\.1:(\\d+)");

  @TempDir private Path directory = Path.of("");

  @Test
  void eachSpeaksWithTheOtherOfTheVersionBefore() throws Exception {
    assumeTrue(System.getProperty("long", "").equals("yes"), "with ./millwright test --long only");
    Path tree = previous();
    String before = classPath(tree);
    String now = System.getProperty("java.class.path");

    meet("old agent, new collector", before, now);
    meet("new agent, old collector", now, before);
  }

  private Path previous() throws Exception {
    Optional<String> tree = Optional.ofNullable(System.getProperty("previous.tree"));
    if (tree.isPresent()) {
      return Path.of(tree.get());
    }
    String commit = System.getProperty("previous", "HEAD~1");
    assumeTrue(
        run(HOME, "git", "cat-file", "-e", commit + "^{commit}") == 0,
        "no git here, or no commit " + commit);
    return built(commit);
  }

  private Path built(String commit) throws Exception {
    Path tree = Files.createDirectory(directory.resolve("previous"));
    String unpack =
        "git -C '%s' archive --format=tar '%s' | tar -x -C '%s'".formatted(HOME, commit, tree);
    assertThat(run(HOME, "bash", "-c", "set -o pipefail; " + unpack)).as(unpack).isZero();
    assertThat(
            run(
                tree,
                "mvn",
                "-B",
                "-q",
                "-o",
                "-Dmaven.test.skip=true", // also from being compiled, which is most of the work
                "-Dspotless.check.skip=true",
                "-pl",
                "agent,collector",
                "-am",
                "package"))
        .as("building %s: %s", commit, Files.readString(directory.resolve("build.log")))
        .isZero();
    return tree;
  }

  private int run(Path where, String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("build.log").toFile()))
            .start();
    if (!process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("not ended: " + String.join(" ", command));
    }
    return process.exitValue();
  }

  /** The jars as a package has them. */
  private static String classPath(Path tree) throws IOException {
    try (Stream<Path> agent = Files.walk(tree.resolve("agent/target"), 2);
        Stream<Path> collector = Files.walk(tree.resolve("collector/target"), 2)) {
      List<Path> jars =
          Stream.concat(agent, collector)
              .filter(file -> file.toString().endsWith(".jar"))
              .filter(file -> !file.toString().endsWith("-tests.jar"))
              .toList();
      assertThat(jars).as("the canary").hasSizeGreaterThan(10);
      return jars.stream().map(Path::toString).collect(Collectors.joining(":"));
    }
  }

  /** A session, readings, verdicts, a device that hangs and comes back, and its events. */
  private void meet(String who, String agentPath, String collectorPath) throws Exception {
    Path site = Files.createDirectory(directory.resolve(who.replace(' ', '-').replace(",", "")));
    DemoTrust trust =
        DemoTrust.create(site.resolve("trust"), "test", List.of("node1"), Clock.system());
    SimulatedNode simulated = AgentProcess.simulated("profile b200", "load 0.5");
    try (HttpClient http = HttpClient.newHttpClient();
        AgentProcess collector =
            AgentProcess.start(
                List.of(),
                collectorPath,
                COLLECTOR,
                "collector",
                "run",
                "--http",
                "127.0.0.1:0",
                "--uplink",
                "127.0.0.1:0",
                "--credentials",
                trust.collector().toString(),
                "--data",
                site.resolve("data").toString())) {
      String page = "http://127.0.0.1:" + said(collector, FLEET);
      try (AgentProcess agent =
          AgentProcess.start(
              List.of(),
              agentPath,
              AGENT,
              "up",
              "--listen",
              "127.0.0.1:0",
              "--set",
              "node.name=node1",
              "--set",
              "nvidia.library=" + simulated.library(),
              "--set",
              "health.kernel_log=" + simulated.kernelLog(),
              "--set",
              "health.directory=" + site.resolve("health"),
              "--set",
              "collector.address=127.0.0.1:" + said(collector, UPLINK),
              "--set",
              "collector.credentials=" + trust.node("node1"))) {
        AgentProcess.within(Duration.ofMinutes(2))
            .untilAsserted(() -> {
              JsonNode node = get(http, page + "/v1/nodes/node1");
              assertThat(node.path("link").asText()).as(who).isEqualTo("connected");
              assertThat(node.path("accelerators_up").asInt()).as(who).isEqualTo(DEVICES);
              assertThat(node.path("verdict").asText()).as(who).isNotEqualTo("unknown");
              assertThat(node.path("power_watts").asDouble()).as(who).isGreaterThan(DEVICES * 100);
            });
        simulated.fault(3, "hang");
        AgentProcess.soon()
            .until(() ->
                get(http, page + "/v1/nodes/node1").path("accelerators_up").asInt() == DEVICES - 1);
        simulated.fault(3, "release");
        AgentProcess.soon()
            .until(() ->
                get(http, page + "/v1/nodes/node1").path("accelerators_up").asInt() == DEVICES);
        AgentProcess.soon()
            .until(() -> !get(http, page + "/v1/events?node=node1&kind=verdict-changed").isEmpty());
        assertThat(text(http, page + "/metrics").body())
            .as(who)
            .doesNotContainPattern("rejected_samples_total\\{reason=\"malformed\"} [1-9]");
        assertThat(agent.errors()).as(who).doesNotContain("MALFORMED").doesNotContain("Exception");
        assertThat(agent.alive() && collector.alive()).as(who).isTrue();
      }
    }
  }

  private static String said(AgentProcess collector, Pattern line) {
    AgentProcess.soon().until(() -> found(collector, line).isPresent() || !collector.alive());
    try {
      return found(collector, line)
          .orElseThrow(() -> new AssertionError("the collector ended at its start"));
    } catch (IOException e) {
      throw new AssertionError("what the collector said cannot be read", e);
    }
  }

  private static Optional<String> found(AgentProcess collector, Pattern line) throws IOException {
    Matcher matcher = line.matcher(collector.output());
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static JsonNode get(HttpClient http, String uri) throws Exception {
    return new ObjectMapper().readTree(text(http, uri).body());
  }

  private static HttpResponse<String> text(HttpClient http, String uri) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
