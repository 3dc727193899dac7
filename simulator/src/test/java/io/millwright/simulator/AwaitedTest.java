package io.millwright.simulator;

import static io.millwright.simulator.JudgedNode.NODE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What has not answered yet since the agent or its driver began: unknown, and nobody is called; and
 * what never answers, of which somebody is.
 */
class AwaitedTest {
  /** Those that have their cases here. */
  static final Set<String> RULES =
      Set.of("device-awaited", "device-unanswered", "driver-awaited", "driver-unanswered");

  private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** It closes a minute after the last of it, by time that nobody sets. */
  private static final Duration TO_CLOSE = Duration.ofMinutes(5);

  private static final String EVENT = "stats/hardware/health_status/hw_error_event";

  /** Longer than what never answers is waited for, and than the longest of the endings. */
  private static final Duration LONG = Duration.ofSeconds(31);

  @TempDir private Path directory;

  private static ConditionFactory patiently() {
    return AgentProcess.within(PATIENCE);
  }

  // ---- over the wire

  /**
   * @param held how long a device is awaited before somebody is told
   */
  private AgentProcess neuron(PagedSite site, String held) throws IOException {
    Path rules =
        TunedRules.in(
            directory,
            "device-unanswered: {held: %s}, driver-unanswered: {held: %s}".formatted(held, held));
    List<String> words =
        new ArrayList<>(
            List.of(
                "agent",
                "run",
                "--listen",
                "127.0.0.1:0",
                "--set",
                "nvidia.enabled=false",
                "--set",
                "neuron.root=" + directory.resolve("neuron"),
                "--set",
                "health.kernel_log=",
                "--set",
                "health.rules=" + rules,
                "--set",
                "health.directory=" + directory.resolve("health")));
    words.addAll(List.of(site.settings()));
    return AgentProcess.start(words.toArray(String[]::new));
  }

  /** It tries a driver that refuses again each second. */
  private AgentProcess up(SimulatedNode simulated, PagedSite site, String tunes)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--set",
                "health.rules=" + TunedRules.in(directory, tunes),
                "--set",
                "nvidia.retry_at_most=1s"));
    words.addAll(List.of(site.settings()));
    return AgentProcess.up(simulated, words.toArray(String[]::new));
  }

  private static JsonNode accelerator(PagedSite site, int index) throws Exception {
    for (JsonNode one : site.json("/v1/accelerators")) {
      if (one.get("accelerator").asText().equals(Integer.toString(index))) {
        return one;
      }
    }
    return PagedSite.JSON.createObjectNode();
  }

  private static String verdict(PagedSite site, int index) throws Exception {
    return accelerator(site, index).path("verdict").asText();
  }

  private static List<String> rules(JsonNode shown) {
    return shown.findValuesAsText("rule");
  }

  private static JsonNode node(PagedSite site) throws Exception {
    return site.json("/v1/nodes/node1");
  }

  /** The file is there and cannot be read: the device is found, and none of its files answers. */
  private static void mute(Path file) throws IOException {
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/proc/self/mem"));
  }

  private static void answer(Path file) throws IOException {
    Path next = file.resolveSibling("next");
    Files.writeString(next, "0\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A whole start of an agent: what is late is no incident, and what breaks after it is. */
  @Test
  void aNeuronDeviceThatAnswersLateOpensNoIncident() throws Exception {
    SyntheticTree tree = new SyntheticTree(directory.resolve("neuron"));
    tree.add(0, "00000000000000a0");
    tree.add(1, "00000000000000a1");
    mute(tree.device(1).resolve(EVENT));
    try (PagedSite site = new PagedSite(Files.createDirectory(directory.resolve("site")));
        AgentProcess agent = neuron(site, "1h")) { // nothing here may take so long
      patiently().until(() -> verdict(site, 0).equals("ok"));
      patiently().until(() -> rules(accelerator(site, 1)).contains("device-awaited"));
      assertThat(verdict(site, 1)).isEqualTo("unknown");
      assertThat(rules(accelerator(site, 1))).doesNotContain("device-silent");
      answer(tree.device(1).resolve(EVENT));
      patiently().until(() -> verdict(site, 1).equals("ok"));
      assertThat(rules(accelerator(site, 1))).doesNotContain("device-awaited");

      tree.remove(tree.device(0));
      patiently().until(() -> site.open().size() == 1);
      JsonNode all = site.json("/v1/incidents?state=all");
      assertThat(all).as("the first of all").hasSize(1);
      JsonNode first = site.json("/v1/incidents/" + all.get(0).get("id").asText());
      assertThat(first.get("evidence").findValuesAsText("accelerator"))
          .as("%s %s", first, agent.errors())
          .containsOnly("0");

      tree.add(0, "00000000000000a0");
      patiently().until(() -> verdict(site, 0).equals("ok"));
      patiently().until(() -> site.open().isEmpty() || site.open().get(0).has("clear_since_ms"));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "yes") // two minutes of waiting
  void aNeuronDeviceThatNeverAnswersOpensOneAndEndsItWhenItDoes() throws Exception {
    SyntheticTree tree = new SyntheticTree(directory.resolve("neuron"));
    tree.add(0, "00000000000000a0");
    mute(tree.device(0).resolve(EVENT));
    try (PagedSite site = new PagedSite(Files.createDirectory(directory.resolve("site")));
        AgentProcess agent = neuron(site, "3s")) {
      patiently().until(() -> verdict(site, 0).equals("unknown"));
      patiently().until(() -> site.open().size() == 1);
      String id = site.open().get(0).get("id").asText();
      assertThat(rules(site.json("/v1/incidents/" + id)))
          .as(agent.errors())
          .contains("device-unanswered");
      answer(tree.device(0).resolve(EVENT));
      patiently().until(() -> verdict(site, 0).equals("ok"));
      AgentProcess.within(TO_CLOSE).until(() -> site.open().isEmpty());
      assertThat(site.json("/v1/incidents/" + id).get("state").asText()).isEqualTo("closed");
    }
  }

  /** Nobody has said how many devices there must be, and no handle of any can be had. */
  @Test
  void aDriverThatHangsAtTheStartIsUnknownFromTheFirstWordOn() throws Exception {
    SimulatedNode simulated =
        AgentProcess.simulated("profile b200", "fault all hang nvmlDeviceGetHandleByIndex_v2");
    try (PagedSite site = new PagedSite(directory);
        AgentProcess agent = up(simulated, site, "driver-unanswered: {held: 3s}")) {
      patiently()
          .untilAsserted(() -> {
            JsonNode node = node(site);
            assertThat(rules(node)).contains("driver-awaited");
            assertThat(node.get("verdict").asText()).isEqualTo("unknown");
          });
      patiently().until(() -> site.open().size() == 1);
      String id = site.open().get(0).get("id").asText();
      assertThat(rules(site.json("/v1/incidents/" + id))).contains("driver-unanswered");
      assertThat(node(site).toString()).contains("nvmlDeviceGetHandleByIndex_v2");
      assertThat(site.text("/v1/events"))
          .as("it was never called well; %s", agent.errors())
          .contains("Is unknown by driver-unanswered")
          .doesNotContain("Was ok");

      simulated.command("fault all release");
      patiently().until(() -> node(site).get("verdict").asText().equals("ok"));
      patiently().until(() -> site.open().isEmpty() || site.open().get(0).has("clear_since_ms"));
    }
  }

  /** Of another version than its library; nobody has said how many devices there must be. */
  @Test
  void aDriverThatRefusesAtTheStartIsUnknownAndNoDriverIsWell() throws Exception {
    SimulatedNode simulated =
        AgentProcess.simulated("profile b200", "fault all code nvmlDeviceGetCount_v2 18");
    try (PagedSite site = new PagedSite(directory);
        AgentProcess agent =
            up(simulated, site, "driver-unanswered: {held: 1s, ends: not for 1s}")) {
      patiently().until(() -> rules(node(site)).contains("driver-unanswered"));
      assertThat(node(site).get("verdict").asText()).as(agent.errors()).isEqualTo("unknown");
      assertThat(node(site).toString()).contains("of another version than the loaded driver");
      assertThat(site.text("/v1/events")).doesNotContain("Was ok");

      simulated.command("fault all code nvmlDeviceGetCount_v2 9");
      patiently().until(() -> node(site).get("verdict").asText().equals("ok"));
      assertThat(rules(node(site))).doesNotContain("driver-awaited", "driver-unanswered");
      simulated.command("fault all code nvmlDeviceGetCount_v2 0");
      patiently().until(() -> verdict(site, 7).equals("ok"));
    }
  }

  // ---- by the rules

  @Test
  void aDeviceIsAwaitedAnewAfterItsDriverAndSilentOtherwise() throws Exception {
    try (JudgedNode node = new JudgedNode().awaitOk()) {
      patiently().until(() -> presence(node, 1).equals(Optional.of(1.0)));
      node.command("fault 1 code nvmlDeviceGetTemperatureV 999");
      patiently().until(() -> node.speaks(1, "device-silent"));
      assertThat(node.speaks(1, "device-awaited")).as("it has answered before").isFalse();
      node.command("driver unload");
      patiently().until(() -> node.speaks(1, "driver-gone"));
      patiently()
          .until(() -> { // what explains the silence ends it
            node.clock.advance(Duration.ofSeconds(11));
            node.ticks(3);
            return !node.speaks(1, "device-silent");
          });
      node.command("driver load");
      patiently()
          .until(() -> {
            node.clock.advance(Duration.ofSeconds(11));
            node.ticks(3);
            return node.speaks(1, "device-awaited");
          });
      assertThat(node.verdict(1)).contains(Verdict.UNKNOWN);
      assertThat(node.evidence(1, "device-awaited").getFirst().observeOnly()).isTrue();
      patiently().until(() -> presence(node, 1).isEmpty()); // nobody has seen it
      patiently()
          .until(() -> {
            node.clock.advance(LONG);
            node.ticks(3);
            return node.speaks(1, "device-unanswered");
          });
      assertThat(node.speaks(1, "device-silent")).isFalse();
      assertThat(presence(node, 1)).isEmpty();
      node.command("fault 1 code nvmlDeviceGetTemperatureV 0");
      patiently().until(() -> !node.speaks(1, "device-awaited"));
      patiently()
          .until(() -> {
            node.clock.advance(LONG);
            node.ticks(3);
            return !node.speaks(1, "device-unanswered") && node.verdict(1).equals(ok());
          });
      patiently().until(() -> presence(node, 1).equals(Optional.of(1.0)));
    }
  }

  @Test
  void theNodeIsUnknownWhileOneDeviceThatIsCountedIsNotIdentified() throws Exception {
    try (JudgedNode node =
        new JudgedNode("profile b200", "fault 1 hang nvmlDeviceGetHandleByIndex_v2")) {
      patiently().until(() -> node.speaks(NODE, "driver-awaited"));
      patiently().until(() -> node.verdict(2).equals(ok()));
      assertThat(node.verdict(NODE)).contains(Verdict.UNKNOWN);
      patiently()
          .until(() ->
              node.evidence(NODE, "driver-awaited").stream()
                  .anyMatch(one -> one.observed().startsWith("1 of 8 accelerators")));
      patiently()
          .until(() -> {
            if (!spokeInTime(node, "driver-unanswered")) {
              node.clock.advance(LONG);
              node.ticks(3);
            }
            return spokeInTime(node, "driver-unanswered");
          });
      node.command("fault 1 release");
      patiently().until(() -> !node.speaks(NODE, "driver-awaited"));
      patiently()
          .until(() -> {
            node.clock.advance(LONG);
            node.ticks(3);
            return !node.speaks(NODE, "driver-unanswered") && node.verdict(1).equals(ok());
          });
    }
  }

  /** Whether it speaks; it must have held for as long as its rule says. */
  private static boolean spokeInTime(JudgedNode node, String rule) {
    HealthReport report = node.watched().health();
    List<Evidence> all =
        report.judgements().stream()
            .flatMap(one -> one.evidence().stream())
            .filter(one -> one.rule().equals(rule))
            .toList();
    assertThat(all)
        .allSatisfy(one ->
            assertThat(Duration.ofMillis(report.atMs() - one.sinceMs()))
                .as("%s, but for what lies between two clocks", one)
                .isGreaterThan(CATALOGUE.rule(rule).held().minusSeconds(1)));
    return !all.isEmpty();
  }

  private static Optional<Double> presence(JudgedNode node, int device) {
    OptionalDouble shown =
        node.watched().value(device, Metric.ACCELERATOR_HEALTH_CHECK, "presence");
    return shown.isPresent() ? Optional.of(shown.getAsDouble()) : Optional.empty();
  }

  private static Optional<Verdict> ok() {
    return Optional.of(Verdict.OK);
  }
}
