package io.millwright.simulator;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_ERROR_EVENTS_TOTAL;
import static io.millwright.simulator.JudgedNode.NODE;
import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each rule on a node that is simulated from its library, kernel log and mount table: something
 * that differs in one value leaves it silent, the thing itself makes it speak, and what ends it
 * ends it.
 */
class HealthRulesTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final Duration MOMENT = Duration.ofSeconds(1);
  private static final long SECOND = 1_000_000_000L;

  /** What a test does to the node. */
  interface Act {
    void on(JudgedNode node) throws IOException;
  }

  /**
   * @param near differs in one value from what makes the rule speak
   * @param end makes what ends it true, where that is not time, a reset or a boot
   * @param tier the last tier of families that is read
   * @param scenario of the simulated node, one line
   */
  record Case(
      String rule, int device, Act near, Act fire, Act end, Metric.Tier tier, String scenario) {
    Case(String rule, int device, Act near, Act fire, Act end) {
      this(rule, device, near, fire, end, Metric.Tier.BASE);
    }

    Case(String rule, int device, Act near, Act fire, Act end, Metric.Tier tier) {
      this(rule, device, near, fire, end, tier, "profile b200");
    }

    Case(String rule, int device, Act near, Act fire, Act end, String scenario) {
      this(rule, device, near, fire, end, Metric.Tier.BASE, scenario);
    }

    /** The same near miss, but another key that speaks at 1 and ends at the given value. */
    Case with(String key, String over) {
      return new Case(
          rule,
          device,
          near,
          node -> node.command("set 1 %s 1".formatted(key)),
          node -> node.command("set 1 %s %s".formatted(key, over)));
    }

    @Override
    public String toString() {
      return rule;
    }
  }

  private static Case set(String rule, String key, String near, String fire, String end) {
    return new Case(
        rule,
        1,
        node -> node.command("set 1 %s %s".formatted(key, near)),
        node -> node.command("set 1 %s %s".formatted(key, fire)),
        node -> node.command("set 1 %s %s".formatted(key, end)));
  }

  private static Case xid(String rule, int near, int fire) {
    return new Case(
        rule,
        1,
        node -> node.command("fault 1 xid " + near),
        node -> node.command("fault 1 xid " + fire),
        node -> {});
  }

  private static Case fault(String rule, String near, String fire, String end) {
    return new Case(
        rule, 1, node -> node.command(near), node -> node.command(fire), node -> node.command(end));
  }

  private static Case kernel(String rule, String near, String fire) {
    return new Case(rule, NODE, node -> node.kernel(near), node -> node.kernel(fire), node -> {});
  }

  static Stream<Case> cases() {
    return Stream.of(
        set("recovery-reset", "recovery_action", "3", "1", "0"),
        set("recovery-drain-reset", "recovery_action", "1", "4", "0"),
        set("recovery-reboot", "recovery_action", "1", "2", "0"),
        set("recovery-drain-p2p", "recovery_action", "4", "3", "0"),
        set("recovery-imex", "recovery_action", "3", "5", "0"),
        set("recovery-unknown", "recovery_action", "7", "8", "0"),
        xid("xid-reboot", 80, 79),
        xid("xid-reset", 43, 119),
        xid("xid-replace", 63, 64),
        xid("xid-mechanical", 55, 54),
        xid("xid-link", 145, 149),
        xid("xid-link-warning", 143, 144),
        xid("xid-remap", 92, 63),
        xid("xid-contained", 13, 94),
        xid("xid-vendor", 93, 125),
        xid("xid-security", 152, 151),
        xid("xid-warning", 93, 92),
        xid("xid-unknown", 174, 4242),
        xid("xid-job", 154, 31),
        new Case(
            "xid-jobs",
            1,
            node -> hit(node, "a", "b", "b"),
            node -> hit(node, "c"),
            node -> node.clock.advance(Duration.ofHours(24))),
        fault(
            "ecc-uncorrected",
            "fault 1 ecc corrected 1",
            "fault 1 ecc uncorrected 1",
            "fault 1 reset"),
        new Case(
            "ecc-corrected-rate",
            1,
            node -> node.command("fault 1 ecc corrected 999"),
            node -> node.command("fault 1 ecc corrected 1"),
            node -> node.clock.advance(Duration.ofHours(2))),
        set("remap-pending", "remapped_uncorrectable", "1", "1", "1").with("remap_pending", "0"),
        set("remap-failed", "remap_pending", "1", "1", "1").with("remap_failed", "0"),
        set("remap-exhausted", "remapped_uncorrectable", "511", "512", "0"),
        set("sram-threshold", "ecc_aggregate_uncorrected_sram", "9", "9", "9")
            .with("sram_threshold", "0"),
        set("throttle-hw-slowdown", "clocks_event_reasons", "0x4", "0x8", "0x1"),
        set("throttle-hw-thermal", "clocks_event_reasons", "0x20", "0x40", "0x1"),
        set("throttle-power-brake", "clocks_event_reasons", "0x40", "0x80", "0x1"),
        set("throttle-sw-thermal", "clocks_event_reasons", "0x10", "0x20", "0x1"),
        set("margin-low", "margin_c", "2", "1", "6"),
        pcieReplays(),
        set("pcie-width", "pcie_width", "16", "8", "16"),
        fault("link-down", "fault 1 link 3 sleep", "fault 1 link 3 down", "fault 1 link 3 up"),
        fault("link-lost", "fault 1 link 3 sleep", "fault 1 link 3 down", "fault 1 link 3 up"),
        set("fabric-left", "fabric_state", "2", "1", "3"),
        straggler(),
        lessMemory(),
        energyFrozen(),
        new Case(
            "nvlink-errors",
            1,
            node -> node.command("fault 1 link 3 errors symbol 5"),
            node -> node.command("fault 1 link 3 errors replay 1"),
            node -> later(node, Duration.ofMinutes(2)),
            "profile h100"),
        new Case(
            "nvlink-crc",
            1,
            node -> node.command("fault 1 link 3 errors crc 5999"),
            node -> node.command("fault 1 link 3 errors crc 6000"),
            node -> later(node, Duration.ofMinutes(2)),
            "profile h100"),
        new Case(
            "nvlink5-errors",
            1,
            node -> node.command("fault 1 link 3 errors symbol 5"),
            node -> node.command("fault 1 link 3 errors malformed 1"),
            node -> later(node, Duration.ofMinutes(2))),
        new Case(
            "nvlink5-recovery",
            1,
            node -> node.command("fault 1 link 3 errors recovery_success 5"),
            node -> node.command("fault 1 link 3 errors recovery_failure 1"),
            node -> later(node, Duration.ofHours(2)),
            Metric.Tier.EXTENDED),
        new Case(
            "nvlink5-bit-errors",
            1,
            node -> node.command("set 1 link3.effective_ber 0xFFF"),
            node -> node.command("set 1 link3.effective_ber 0x10C"),
            node -> node.command("unset 1 link3.effective_ber"),
            Metric.Tier.EXTENDED),
        set("fabric-not-started", "fabric_state", "2", "1", "3"),
        set("fabric-in-progress", "fabric_state", "1", "2", "3"),
        set("fabric-failed", "fabric_status", "0", "999", "0"),
        set("fabric-route", "fabric_health_mask", "0x1a9", "0x19a", "0x1aa"),
        set("fabric-configuration", "fabric_health_mask", "0x4aa", "0x2aa", "0x1aa"),
        set("fabric-degraded", "fabric_health_mask", "0x4aa", "0x1a9", "0x1aa"),
        new Case(
            "memory-unrepairable",
            1,
            node -> node.command("set 1 repair_channel_pending 1"),
            node -> node.command("set 1 memory_unrepairable 1"),
            node -> node.command("set 1 memory_unrepairable 0"),
            "driver_version 595.45.04"),
        retirement("retirement-pending", "retired_single_bit", 1, "retirement_pending", 1, 0),
        retirement("retired-pages", "retired_single_bit", 62, "retired_single_bit", 63, 0),
        retirement("retired-double-bit", "retired_single_bit", 16, "retired_double_bit", 16, 15),
        fault(
            "inforom-corrupt",
            "fault 1 code nvmlDeviceGetInforomImageVersion 999",
            "fault 1 code nvmlDeviceGetInforomImageVersion 14",
            "fault 1 code nvmlDeviceGetInforomImageVersion 0"),
        set("temperature-core", "temperature_c", "85", "89", "40"),
        set("temperature-memory", "memory_temperature_c", "90", "95", "40"),
        held("throttle-frequent", 359, 2),
        held("violation-thermal", 0, 1),
        new Case(
            "violation-power",
            1,
            node -> node.command("set 1 reason_ns_hw_thermal 5000000000"),
            node -> node.command("set 1 reason_ns_hw_power_brake 5000000000"),
            node -> later(node, Duration.ofMinutes(2))),
        fault(
            "power-unread", "fault 1 field 185 3", "fault 1 field 185 999", "fault 1 field 185 0"),
        new Case(
            "persistence-off",
            1,
            node -> node.command("set 1 persistence_mode 1"),
            node -> node.command("set 1 persistence_mode 0"),
            node -> node.command("set 1 persistence_mode 1"),
            Metric.Tier.EXTENDED),
        kernel("sxid-fabric", sxid(20034, "Fatal"), sxid(22003, "Fatal")),
        kernel("sxid-port", sxid(20001, "Non-fatal"), sxid(20034, "Fatal")),
        kernel("sxid-warning", sxid(11012, "Non-fatal"), sxid(20001, "Non-fatal")),
        kernel("sxid-unknown", sxid(20001, "Non-fatal"), sxid(29999, "Fatal")),
        fault("device-lost", "fault 2 lost", "fault 1 lost", "fault 1 return"),
        fault("driver-gone", "fault 1 lost", "driver unload", "driver load"),
        fault("device-stuck", "fault 1 slow 1000", "fault 1 hang", "fault 1 release"),
        fault(
            "device-silent",
            "fault 1 code nvmlDeviceGetUtilizationRates 999",
            "fault 1 code nvmlDeviceGetTemperatureV 999",
            "fault 1 code nvmlDeviceGetTemperatureV 0"),
        new Case(
            "accelerators-missing",
            NODE,
            node -> node.command("fault 1 lost"),
            node -> node.command("fault 1 gone"),
            node -> node.command("fault 1 return")),
        new Case(
            "host-unseen",
            NODE,
            node -> node.inventory.fail(true),
            node -> node.host.fail(true),
            node -> node.host.fail(false)),
        new Case(
            "probe-failing",
            NODE,
            node -> node.other.fail(true),
            node -> node.inventory.fail(true),
            node -> node.inventory.fail(false)),
        new Case(
            "disk-read-only",
            NODE,
            node ->
                node.mounts(
                    "1 0 8:1 / /data rw - ext4 /dev/a rw\n2 0 8:2 / /other ro - ext4 /dev/b ro\n"),
            node -> node.mounts("1 0 8:1 / /data ro - ext4 /dev/a ro\n"),
            node -> node.mounts("1 0 8:1 / /data rw - ext4 /dev/a rw\n")),
        new Case(
            "filesystem-hangs",
            NODE,
            node -> node.remote.answer(true),
            node -> node.remote.answer(false),
            node -> node.remote.answer(true)),
        kernel(
            "kernel-filesystem",
            "EXT4-fs (sda1): mounted filesystem with ordered data mode",
            "EXT4-fs (sda1): Remounting filesystem read-only"),
        kernel(
            "kernel-soft-lockup",
            "watchdog: CPU#3 is back",
            "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [python:4711]"),
        kernel(
            "kernel-oom",
            "Memory cgroup out of memory: Killed process 4711 (python)",
            "Out of memory: Killed process 4711 (python) total-vm:1kB"));
  }

  /** On a part that gives pages up, where a simulated one replaces rows. */
  private static Case retirement(
      String rule, String nearKey, int near, String key, int fire, int end) {
    return new Case(
        rule,
        1,
        node -> node.command("set 1 %s %d".formatted(nearKey, near)),
        node -> node.command("set 1 %s %d".formatted(key, fire)),
        node -> node.command("set 1 %s %d".formatted(key, end)),
        "set 1 page_retirement 1");
  }

  /** A B200 of this table has 16 lanes of generation 5: 31 in a minute are what it may have. */
  private static Case pcieReplays() {
    return new Case(
        "pcie-replays",
        1,
        node -> node.command("set 1 pcie_replays 31"),
        node -> node.command("set 1 pcie_replays 63"),
        node -> later(node, Duration.ofMinutes(2)));
  }

  /** All at work in one job, of which one is two and then three percent slower than the others. */
  private static Case straggler() {
    return new Case(
        "straggler",
        1,
        node -> {
          for (int device = 0; device < 8; device++) {
            node.jobs.put(device, new RunId("train", 1));
            node.command("set %d utilization_gpu 90".formatted(device));
            node.command("set %d clocks_event_reasons 0".formatted(device));
            node.command("set %d clock_sm_mhz 1900".formatted(device));
          }
          node.command("set 1 clock_sm_mhz 1862");
          step(node, 40, Duration.ofSeconds(20));
        },
        node -> {
          node.command("set 1 clock_sm_mhz 1842");
          step(node, 40, Duration.ofSeconds(20));
        },
        node -> {
          node.command("set 1 clock_sm_mhz 1900");
          step(node, 40, Duration.ofSeconds(20));
        });
  }

  /** Far less than ECC takes, and then more. */
  private static Case lessMemory() {
    long whole = 183_359L << 20;
    return new Case(
        "memory-less", 1, memory(whole / 100 * 95), memory(whole / 100 * 85), memory(whole));
  }

  private static Act memory(long bytes) {
    return node -> {
      node.command("set 1 memory_total %d".formatted(bytes));
      step(node, 20, Duration.ofSeconds(10));
    };
  }

  /** A counter that stands still is nothing on a device that has nothing to do. */
  private static Case energyFrozen() {
    return new Case(
        "energy-frozen",
        1,
        node -> {
          node.command("set 1 utilization_gpu 20");
          node.command("set 1 energy_mj 900000000000");
        },
        node -> node.command("set 1 utilization_gpu 90"),
        node -> {
          node.command("unset 1 energy_mj");
          node.command("set 1 load 0.9");
        });
  }

  /** What asks for a median must see the time pass. */
  private static void step(JudgedNode node, int steps, Duration each) {
    for (int i = 0; i < steps; i++) {
      node.clock.advance(each);
      node.ticks(1);
    }
    node.settle();
  }

  /** Seconds for which the heat held the clocks down, in one leap each. */
  private static Case held(String rule, int near, int more) {
    return new Case(
        rule,
        1,
        node -> node.command("set 1 reason_ns_hw_thermal %d".formatted(near * SECOND)),
        node -> node.command("set 1 reason_ns_hw_thermal %d".formatted((near + more) * SECOND)),
        node -> later(node, Duration.ofMinutes(20)));
  }

  private static void later(JudgedNode node, Duration passed) {
    node.clock.advance(passed);
    node.settle();
  }

  private static String sxid(int code, String gravity) {
    return "nvidia-nvswitch3: SXid (PCI:0000:86:00.0): %d, %s, Link 30 of a test"
        .formatted(code, gravity);
  }

  private static void hit(JudgedNode node, String... jobs) {
    for (String job : jobs) {
      node.jobs.put(1, new RunId(job, 1));
      node.ticks(2); // which run has the device is asked at each tick
      double before = counted(node);
      node.command("fault 1 xid 31");
      soon().until(() -> counted(node) == before + 1);
    }
  }

  private static double counted(JudgedNode node) {
    return node.watched().value(1, ACCELERATOR_ERROR_EVENTS_TOTAL, "xid", "31").orElse(0);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void speaksForWhatItIsAboutAndForNothingElse(Case given) throws IOException {
    Rule rule = RULES.rule(given.rule());
    try (JudgedNode node = node(rule, given)) {
      node.awaitOk();
      awaitWatched(node);
      given.near().on(node);
      pass(node, rule.held());
      pass(node, rule.held());
      assertThat(node.speaks(given.device(), rule.id())).as("near miss").isFalse();

      given.fire().on(node);
      soon()
          .until(() -> {
            pass(node, rule.held());
            return node.speaks(given.device(), rule.id());
          });
      says(node, given, rule);

      given.end().on(node);
      end(node, given, rule);
      soon()
          .until(() -> {
            pass(node, held(rule.ending()));
            return !node.speaks(given.device(), rule.id());
          });
    }
  }

  /** The devices are away with their driver; that none is counted says nothing of them. */
  @Test
  void nothingIsMissingWhileTheDriverIsLoadedAnew() throws IOException {
    try (JudgedNode node = new JudgedNode()) {
      node.awaitOk();
      node.command("driver unload");
      soon().until(() -> node.speaks(1, "driver-gone"));
      Duration held = RULES.rule("accelerators-missing").held();
      pass(node, held);
      pass(node, held);
      assertThat(node.speaks(NODE, "accelerators-missing")).isFalse();
      node.command("driver load");
      soon()
          .until(() -> {
            pass(node, held);
            return !node.speaks(1, "driver-gone");
          });
      assertThat(node.speaks(NODE, "accelerators-missing")).isFalse();
    }
  }

  /** What a reboot ends must be on a disk, for the agent to forget it. */
  private static JudgedNode node(Rule rule, Case given) throws IOException {
    Path state =
        rule.ending() instanceof Ending.Boot
            ? Scratch.directory("mw-state").resolve("health")
            : JudgedNode.NOWHERE;
    return new JudgedNode(state, given.tier(), given.scenario());
  }

  /** It is seen as it is now, and then passes the time that it must have held. */
  private static void pass(JudgedNode node, Duration held) {
    node.settle();
    if (held.isPositive()) {
      node.clock.advance(held.plus(MOMENT));
      node.ticks(2);
    }
  }

  private static Duration held(Ending ending) {
    return switch (ending) {
      case Ending.Not(Duration held) -> held;
      case Ending.Value(var comparison, double threshold, Duration held) -> held;
      case Ending.Reset _, Ending.Boot _, Ending.Quiet _ -> Duration.ZERO;
    };
  }

  private static void end(JudgedNode node, Case given, Rule rule) throws IOException {
    switch (rule.ending()) {
      case Ending.Not _, Ending.Value _ -> {}
      case Ending.Reset _ -> node.command("fault 1 reset");
      case Ending.Boot _ -> {
        node.command("fault 1 return");
        node.restart("boot"); // the agent alone: it must not forget what stands
        soon().until(() -> node.speaks(given.device(), rule.id()));
        node.reboot();
        soon().until(() -> node.verdict(1).isPresent());
      }
      case Ending.Quiet(Duration held) -> {
        node.clock.advance(held.minusMinutes(5));
        node.settle();
        assertThat(node.speaks(given.device(), rule.id())).as("not quiet long enough").isTrue();
        node.clock.advance(Duration.ofMinutes(6));
      }
    }
  }

  private static void says(JudgedNode node, Case given, Rule rule) {
    Evidence evidence = node.evidence(given.device(), rule.id()).getFirst();
    assertThat(evidence.version()).isEqualTo(rule.version());
    assertThat(evidence.advice()).isEqualTo(rule.advice());
    assertThat(evidence.scope()).isEqualTo(rule.scope());
    assertThat(evidence.observed()).isNotBlank();
    assertThat(evidence.clears()).isEqualTo(rule.endsInWords());
    assertThat(evidence.sinceMs()).isBetween(1_700_000_000_000L, node.clock.wall().toEpochMilli());
    if (!rule.observeOnly()) {
      assertThat(node.verdict(given.device()).orElse(Verdict.OK).worse(rule.verdict()))
          .isEqualTo(node.verdict(given.device()).orElse(Verdict.OK));
    }
  }

  /** Errors before a device is registered are lost, as with the real driver. */
  private static void awaitWatched(JudgedNode node) {
    soon().until(() -> node.watched().value(1, ACCELERATOR_ERROR_EVENTS_TOTAL, "79").isPresent());
  }

  /**
   * Those that need a small file system of their own stand in {@link DiskRulesTest}, those of
   * Neuron devices in {@link NeuronRulesTest}, those of a host alone in {@link HostRulesTest},
   * {@link FabricRulesTest} and {@link KernelRulesTest}, those of the site's tests in {@link
   * SiteTestRulesTest}, those of what has not answered yet in {@link AwaitedTest}.
   */
  @Test
  void eachRuleHasACase() {
    Map<String, Case> cases =
        cases().collect(Collectors.toMap(Case::rule, Function.identity(), (a, b) -> a));
    assertThat(RULES.all().stream().filter(rule -> !rule.vendor().equals("aws")).map(Rule::id))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    cases.keySet(),
                    DiskRulesTest.RULES,
                    HostRulesTest.rules(),
                    FabricRulesTest.rules(),
                    KernelRulesTest.rules(),
                    SiteTestRulesTest.RULES,
                    AwaitedTest.RULES)
                .flatMap(Collection::stream)
                .filter(rule -> !RULES.rule(rule).vendor().equals("aws"))
                .toList());
  }
}
