package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.host.PcieSource;
import io.millwright.drivers.host.RdmaSource;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.simulator.JudgedHost.Case;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of fabric adapters and of their PCIe links, each over an adapter of its own in a
 * crafted tree: near its limit, beyond it, and ended. The files are those of the kernel's
 * documents; no real adapter was read.
 */
class FabricRulesTest {
  private static final String DOWN = "1: DOWN\n";
  private static final String ACTIVE = "4: ACTIVE\n";
  private static final byte[] MELLANOX = {(byte) 0xb3, 0x15, 0x21, 0x10};
  private static final byte[] NOBODY = {-1, -1, -1, -1};

  /**
   * By the rule and the adapter that is called like it: its counter, and how much is too little.
   */
  private static final Map<String, Counter> COUNTERS =
      Map.of(
          "fabric-link-downed", new Counter("counters/link_downed", 0),
          "fabric-integrity", new Counter("counters/local_link_integrity_errors", 0),
          "fabric-symbol-errors", new Counter("counters/symbol_error", 120),
          "fabric-link-recovery", new Counter("counters/link_error_recovery", 5),
          "fabric-slow-restart", new Counter("hw_counters/roce_slow_restart", 599),
          "fabric-rnr-retry", new Counter("hw_counters/rnr_nak_retry_err", 0),
          "fabric-errors", new Counter("hw_counters/retrans_bytes", 159));

  /** The same of functions on the bus, and what stands before the number. */
  private static final Map<String, BusCounter> BUS_COUNTERS =
      Map.of(
          "pcie-fatal", new BusCounter("0000:01:00.0", "aer_dev_fatal", "TOTAL_ERR_FATAL", 0),
          "pcie-nonfatal",
              new BusCounter("0000:02:00.0", "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL", 0),
          "pcie-correctable",
              new BusCounter("0000:03:00.0", "aer_dev_correctable", "TOTAL_ERR_COR", 999));

  private static final String NARROW = "0000:04:00.0";
  private static final String SLOW = "0000:05:00.0";

  private record Counter(String file, long most) {}

  private record BusCounter(String address, String file, String key, long most) {
    String text(long more) {
      return "Undefined 3\n%s %d\n".formatted(key, 7 + more);
    }
  }

  private static String adapter(String name, String file) {
    return "sys/class/infiniband/%s/%s".formatted(name, file);
  }

  private static String port(String name, String file) {
    return adapter(name, "ports/1/" + file);
  }

  private static String function(String address, String file) {
    return "sys/devices/%s/%s/%s".formatted(address, address, file);
  }

  private static Stream<Case> growing() {
    return Stream.concat(
        COUNTERS.entrySet().stream().map(one -> grows(one.getKey(), one.getValue())),
        BUS_COUNTERS.entrySet().stream().map(one -> grows(one.getKey(), one.getValue())));
  }

  private static Case grows(String rule, Counter counter) {
    String file = port(rule, counter.file());
    return new Case(
        rule,
        rule,
        host -> host.write(file, 7 + counter.most() + "\n"),
        host -> host.write(file, 7 + counter.most() + 1 + "\n"),
        host -> {});
  }

  private static Case grows(String rule, BusCounter counter) {
    String file = function(counter.address(), counter.file());
    return new Case(
        rule,
        counter.address(),
        host -> host.write(file, counter.text(counter.most())),
        host -> host.write(file, counter.text(counter.most() + 1)),
        host -> {});
  }

  private static List<Case> standing() {
    return List.of(
        new Case(
            "fabric-port-down",
            "fabric-port-down",
            host -> {}, // down, and has never received anything
            host -> host.write(port("fabric-port-down", "counters/port_rcv_data"), "5\n"),
            host -> host.write(port("fabric-port-down", "state"), ACTIVE)),
        new Case(
            "fabric-lost",
            "fabric-lost",
            host -> host.move("sys/class/infiniband/fabric-lost", "elsewhere/fabric-lost"),
            host -> host.write(function("0000:06:00.0", "config"), NOBODY),
            host -> host.write(function("0000:06:00.0", "config"), MELLANOX)),
        Case.file(
            "fabric-rate-low",
            "fabric-rate-low",
            port("fabric-rate-low", "rate"),
            "400 Gb/sec (8X HDR)\n",
            "200 Gb/sec (2X NDR)\n",
            "400 Gb/sec (4X NDR)\n"),
        new Case(
            "adapter-width",
            NARROW,
            host -> host.write(function(NARROW, "current_link_width"), "8\n"),
            host -> host.write("sys/devices/%s/max_link_width".formatted(NARROW), "16\n"),
            host -> host.write(function(NARROW, "current_link_width"), "16\n")),
        new Case(
            "adapter-speed",
            SLOW,
            host -> host.write(function(SLOW, "current_link_speed"), "16.0 GT/s PCIe\n"),
            host -> host.write("sys/devices/%s/max_link_speed".formatted(SLOW), "32.0 GT/s PCIe\n"),
            host -> host.write(function(SLOW, "current_link_speed"), "32.0 GT/s PCIe\n")));
  }

  /** What has a case here. */
  static Set<String> rules() {
    Set<String> rules = new TreeSet<>(List.of("fabric-port-flap", "fabric-gone", "fabric-blind"));
    Stream.concat(growing(), standing().stream()).forEach(one -> rules.add(one.rule()));
    return rules;
  }

  // ---- the tree

  private static void lay(JudgedHost host, String name, String state) {
    host.write(adapter(name, "node_type"), "1: CA\n");
    host.write(port(name, "state"), state);
    host.write(port(name, "rate"), "400 Gb/sec (4X NDR)\n");
    host.write(port(name, "counters/port_rcv_data"), "0\n");
  }

  /** A slot for eight lanes and 16 GT/s, and an adapter for twice as much in it. */
  private static void plug(JudgedHost host, String address) {
    host.write("sys/devices/%s/max_link_width".formatted(address), "8\n");
    host.write("sys/devices/%s/max_link_speed".formatted(address), "16.0 GT/s PCIe\n");
    host.write(function(address, "class"), "0x020700\n");
    host.write(function(address, "vendor"), "0x15b3\n");
    host.write(function(address, "infiniband/name"), "\n");
    host.write(function(address, "max_link_width"), "16\n");
    host.write(function(address, "current_link_width"), "8\n");
    host.write(function(address, "max_link_speed"), "32.0 GT/s PCIe\n");
    host.write(function(address, "current_link_speed"), "16.0 GT/s PCIe\n");
    host.write(function(address, "config"), MELLANOX);
    host.link("sys/bus/pci/devices/" + address, "sys/devices/%s/%s".formatted(address, address));
  }

  private static JudgedHost read(JudgedHost host) {
    return host.with(
            "fabric", calls -> new RdmaSource("node1", host.tree(), calls, Metric.Tier.EXTENDED))
        .with("pcie", calls -> new PcieSource("node1", host.tree(), calls))
        .start();
  }

  @Test
  void countersThatGrowTooMuch() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      COUNTERS.forEach((name, counter) -> {
        lay(host, name, ACTIVE);
        host.write(port(name, counter.file()), "7\n");
      });
      BUS_COUNTERS.forEach((rule, counter) -> {
        plug(host, counter.address());
        host.write(function(counter.address(), counter.file()), counter.text(0));
      });
      read(host).prove(growing().toList());
    }
  }

  @Test
  void whatIsNotAsItWas() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      lay(host, "fabric-port-down", DOWN);
      lay(host, "fabric-lost", ACTIVE);
      lay(host, "fabric-rate-low", ACTIVE);
      plug(host, "0000:06:00.0");
      host.link(adapter("fabric-lost", "device"), "sys/devices/0000:06:00.0/0000:06:00.0");
      plug(host, NARROW);
      plug(host, SLOW);
      read(host).prove(standing());
    }
  }

  /** Two that are long enough and one that is not are no flapping. */
  @Test
  void aPortThatFlaps() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      lay(host, "mlx5_0", ACTIVE);
      read(host).settle();
      flap(host, 31);
      flap(host, 31);
      flap(host, 20);
      assertThat(host.speaks("fabric-port-flap")).isFalse();
      flap(host, 31);
      soon().until(() -> host.speaks("fabric-port-flap"));
      host.pass(Duration.ofHours(13));
      soon().until(() -> !host.speaks("fabric-port-flap"));
      assertThat(host.speaks("fabric-port-down")).isFalse();
    }
  }

  private static void flap(JudgedHost host, int seconds) {
    host.write(port("mlx5_0", "state"), DOWN);
    host.settle();
    host.pass(Duration.ofSeconds(seconds));
    host.write(port("mlx5_0", "state"), ACTIVE);
    host.settle();
  }

  /** A probe that fails takes its readings away; where there never were any, nothing is missed. */
  @Test
  void aProbeThatSeesNothingAnyMore() throws IOException {
    ShownReadings ports =
        new ShownReadings(Map.of(Series.of(Metric.NODE_RDMA_PORT_UP, "node1", "mlx5_0", "1"), 1.0));
    SwitchedProbe fabric = new SwitchedProbe("fabric");
    try (JudgedHost host = new JudgedHost()) {
      host.with(ports).with(fabric).start().settle();
      fabric.fail(true);
      host.settle();
      host.pass(Duration.ofMinutes(6));
      assertThat(host.speaks("fabric-blind")).as("still read").isFalse();
      ports.withdraw(true);
      soon()
          .until(() -> {
            host.pass(Duration.ofMinutes(6));
            return host.speaks("fabric-blind");
          });
      assertThat(host.speaks("fabric-gone")).isFalse();
      fabric.fail(false);
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(11));
            return !host.speaks("fabric-blind");
          });
    }
    SwitchedProbe none = new SwitchedProbe("fabric");
    none.fail(true);
    try (JudgedHost host = new JudgedHost()) {
      host.with(none).start().settle();
      host.pass(Duration.ofMinutes(6));
      host.settle();
      assertThat(host.speaks("fabric-blind")).as("never there").isFalse();
    }
  }

  /** What fell off is failed for the next start of the agent too, without a look at it. */
  @Test
  void aFailureOutlivesTheAgent() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      lay(host, "mlx5_0", ACTIVE);
      plug(host, "0000:06:00.0");
      host.link(adapter("mlx5_0", "device"), "sys/devices/0000:06:00.0/0000:06:00.0");
      read(host).settle();
      host.write(function("0000:06:00.0", "config"), NOBODY);
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(61));
            return host.speaks("fabric-lost");
          });
      long since = host.evidence("fabric-lost").getFirst().sinceMs();
      host.restart();
      host.settle();
      assertThat(host.evidence("fabric-lost"))
          .singleElement()
          .satisfies(one -> assertThat(one.sinceMs()).isEqualTo(since));
      host.write(function("0000:06:00.0", "config"), MELLANOX);
      soon()
          .until(() -> {
            host.pass(Duration.ofSeconds(61));
            return !host.speaks("fabric-lost");
          });
    }
  }

  /** As when it is given to a job's own network: shown, and nothing held against the node. */
  @Test
  void anAdapterThatIsShownNoMore() throws IOException {
    try (JudgedHost host = new JudgedHost()) {
      lay(host, "mlx5_0", ACTIVE);
      lay(host, "mlx5_1", ACTIVE);
      read(host)
          .prove(
              List.of(
                  new Case(
                      "fabric-gone",
                      "mlx5_1",
                      near -> near.write(port("mlx5_1", "state"), DOWN),
                      away -> away.move("sys/class/infiniband/mlx5_1", "elsewhere/mlx5_1"),
                      back -> back.move("elsewhere/mlx5_1", "sys/class/infiniband/mlx5_1"))));
      assertThat(host.speaks("fabric-lost")).isFalse();
    }
  }
}
