package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_AFFINITY_INFO;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_CONGESTION_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_DEVICE_INFO;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_DEVICE_LOST;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_PORT_DROPPED;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_PORT_RATE_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_PORT_RATE_HIGHEST_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_PORT_UP;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_RDMA_TRANSMIT_BYTES_TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.drivers.host.NodeExporter.Line;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link RdmaSource} on crafted trees: the files are those that the kernel's documents and drivers
 * name, the values are invented. No real adapter was read.
 */
class RdmaSourceTest {
  private static final String IB = "sys/class/infiniband/mlx5_0/";
  private static final String ROCE = "sys/class/infiniband/mlx5_4/";
  private static final String EFA = "sys/class/infiniband/rdmap79s0/";
  private static final Reading UNSUPPORTED = new Reading.Unsupported();

  /** Of an InfiniBand port: file, kind, and a number of its own. */
  private static final Map<String, Integer> ERRORS =
      Map.of(
          "counters/symbol_error", 11,
          "counters/link_downed", 12,
          "counters/link_error_recovery", 13,
          "counters/port_rcv_errors", 14,
          "counters/local_link_integrity_errors", 15,
          "counters/excessive_buffer_overrun_errors", 16,
          "counters/port_xmit_discards", 17,
          "hw_counters/out_of_sequence", 18,
          "hw_counters/packet_seq_err", 19,
          "hw_counters/local_ack_timeout_err", 20);

  @TempDir private Path root;
  private Tree tree = new Tree(Path.of("/"));
  private RdmaSource source =
      new RdmaSource("n1", Path.of("/nonexistent"), CallWatch.NONE, Metric.Tier.OPTIONAL);

  @BeforeEach
  void craft() throws IOException {
    tree = new Tree(root);
    adapter(IB, "MT4129", "InfiniBand", "4: ACTIVE", "400 Gb/sec (4X NDR)");
    tree.write(IB + "ports/1/counters/port_rcv_data", "18446744073709551615\n");
    tree.write(IB + "ports/1/counters/port_xmit_data", "1000\n");
    tree.write(IB + "ports/1/counters/port_xmit_wait", "77\n");
    ERRORS.forEach((file, number) -> tree.write(IB + "ports/1/" + file, number + "\n"));
    adapter(ROCE, "MT41692", "Ethernet", "1: DOWN", "2.5 Gb/sec (1X SDR)");
    tree.write(ROCE + "ports/1/counters/port_rcv_data", "N/A (no PMA)\n");
    tree.write(ROCE + "ports/1/hw_counters/np_cnp_sent", "5\n");
    tree.write(ROCE + "ports/1/hw_counters/rp_cnp_handled", "6\n");
    tree.write(ROCE + "ports/1/hw_counters/np_ecn_marked_roce_packets", "7\n");
    tree.write(EFA + "node_type", "4: usNIC UDP\n");
    tree.write(EFA + "ports/1/state", "4: ACTIVE\n");
    tree.write(EFA + "ports/1/rate", "100 Gb/sec (4X EDR)\n");
    tree.write(EFA + "ports/1/hw_counters/rx_bytes", "4096\n");
    tree.write(EFA + "ports/1/hw_counters/tx_bytes", "8192\n");
    tree.write(EFA + "ports/1/hw_counters/rx_drops", "3\n");
    tree.write(EFA + "ports/1/hw_counters/retrans_pkts", "4\n");
    tree.write(EFA + "ports/1/hw_counters/retrans_timeout_events", "2\n");
    source = new RdmaSource("n1", root, CallWatch.NONE, Metric.Tier.OPTIONAL);
  }

  private void adapter(String directory, String type, String layer, String state, String rate)
      throws IOException {
    Path bus = root.resolve("sys/devices/" + type + "/0000:18:00.0");
    Files.createDirectories(bus);
    tree.link(directory + "device", bus);
    tree.write(directory + "node_type", "1: CA\n");
    tree.write(directory + "hca_type", type + "\n");
    tree.write(directory + "board_id", "MT_0000000838\n");
    tree.write(directory + "fw_ver", "28.39.1002\n");
    tree.write(directory + "node_guid", "a088:c203:00ab:1234\n");
    tree.write(directory + "ports/1/link_layer", layer + "\n");
    tree.write(directory + "ports/1/state", state + "\n");
    tree.write(directory + "ports/1/rate", rate + "\n");
  }

  private Shown read() {
    assertThat(source.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    return Shown.of(source.readings());
  }

  @Test
  void tellsAnInfiniBandPort() {
    Shown shown = read();
    assertThat(shown.value(NODE_RDMA_PORT_UP, "mlx5_0", "1")).isEqualTo(1);
    assertThat(shown.value(NODE_RDMA_PORT_RATE_BYTES_PER_SECOND, "mlx5_0", "1")).isEqualTo(50e9);
    assertThat(shown.value(NODE_RDMA_RECEIVE_BYTES_TOTAL, "mlx5_0", "1"))
        .as("words of four octets, unsigned")
        .isEqualTo(0x1p64 * 4);
    assertThat(shown.value(NODE_RDMA_TRANSMIT_BYTES_TOTAL, "mlx5_0", "1")).isEqualTo(4000);
    assertThat(shown.value(NODE_RDMA_CONGESTION_TOTAL, "mlx5_0", "1", "transmit_wait"))
        .isEqualTo(77);
    Map<String, Integer> kinds =
        Map.of(
            "symbol", 11,
            "link_downed", 12,
            "link_recovery", 13,
            "receive", 14,
            "local_integrity", 15,
            "buffer_overrun", 16,
            "transmit_discard", 17,
            "out_of_sequence", 18,
            "retransmit", 19,
            "timeout", 20);
    kinds.forEach((kind, number) ->
        assertThat(shown.value(NODE_RDMA_ERRORS_TOTAL, "mlx5_0", "1", kind))
            .as(kind)
            .isEqualTo(number.doubleValue()));
  }

  @Test
  void tellsARocePortThatIsDown() {
    Shown shown = read();
    assertThat(shown.value(NODE_RDMA_PORT_UP, "mlx5_4", "1")).isEqualTo(0);
    assertThat(shown.value(NODE_RDMA_PORT_RATE_BYTES_PER_SECOND, "mlx5_4", "1"))
        .isEqualTo(312_500_000);
    assertThat(shown.reading(NODE_RDMA_RECEIVE_BYTES_TOTAL, "mlx5_4", "1")).isEqualTo(UNSUPPORTED);
    assertThat(shown.has(NODE_RDMA_TRANSMIT_BYTES_TOTAL, "mlx5_4", "1")).isFalse();
    assertThat(shown.value(NODE_RDMA_CONGESTION_TOTAL, "mlx5_4", "1", "cnp_sent")).isEqualTo(5);
    assertThat(shown.value(NODE_RDMA_CONGESTION_TOTAL, "mlx5_4", "1", "cnp_handled")).isEqualTo(6);
    assertThat(shown.value(NODE_RDMA_CONGESTION_TOTAL, "mlx5_4", "1", "ecn_marked")).isEqualTo(7);
  }

  @Test
  void tellsAnEfaPortByItsOwnCounters() {
    Shown shown = read();
    assertThat(shown.value(NODE_RDMA_RECEIVE_BYTES_TOTAL, "rdmap79s0", "1")).isEqualTo(4096);
    assertThat(shown.value(NODE_RDMA_TRANSMIT_BYTES_TOTAL, "rdmap79s0", "1")).isEqualTo(8192);
    assertThat(shown.value(NODE_RDMA_ERRORS_TOTAL, "rdmap79s0", "1", "receive")).isEqualTo(3);
    assertThat(shown.value(NODE_RDMA_ERRORS_TOTAL, "rdmap79s0", "1", "retransmit")).isEqualTo(4);
    assertThat(shown.value(NODE_RDMA_ERRORS_TOTAL, "rdmap79s0", "1", "timeout")).isEqualTo(2);
    assertThat(shown.has(NODE_RDMA_ERRORS_TOTAL, "rdmap79s0", "1", "symbol")).isFalse();
  }

  @Test
  void countsWhatOnlySomeAdaptersCount() {
    Map<String, String> files =
        Map.of(
            "rnr_nak_retry_err", "rnr_retry",
            "roce_slow_restart", "slow_restart",
            "rdma_read_wr_err", "read",
            "rdma_write_wr_err", "write",
            "unresponsive_remote_events", "unresponsive_peer",
            "impaired_remote_conn_events", "impaired_connection",
            "retrans_bytes", "retransmit_bytes");
    files.forEach(
        (file, kind) -> tree.write(EFA + "ports/1/hw_counters/" + file, file.length() + "\n"));
    Shown shown = read();
    files.forEach((file, kind) ->
        assertThat(shown.value(NODE_RDMA_ERRORS_TOTAL, "rdmap79s0", "1", kind))
            .as(file)
            .isEqualTo(file.length()));
  }

  /** Nor is one that waits for its subnet manager: that has received something by then. */
  @Test
  void aPortThatNeverWasUpHasNotDropped() {
    assertThat(read().value(NODE_RDMA_PORT_DROPPED, "mlx5_4", "1")).isZero();
    tree.write(ROCE + "ports/1/state", "2: INIT\n");
    tree.write(ROCE + "ports/1/counters/port_rcv_data", "12\n");
    assertThat(read().value(NODE_RDMA_PORT_DROPPED, "mlx5_4", "1")).isZero();
    tree.write(ROCE + "ports/1/state", "1: DOWN\n");
    assertThat(read().value(NODE_RDMA_PORT_DROPPED, "mlx5_4", "1")).isEqualTo(1);
  }

  @Test
  void aPortThatWasUpHasDroppedUntilItIsUpAgain() {
    tree.write(IB + "ports/1/counters/port_rcv_data", "0\n");
    assertThat(read().value(NODE_RDMA_PORT_DROPPED, "mlx5_0", "1")).isZero();
    for (String state : new String[] {"1: DOWN", "2: INIT"}) {
      tree.write(IB + "ports/1/state", state + "\n");
      assertThat(read().value(NODE_RDMA_PORT_DROPPED, "mlx5_0", "1")).as(state).isEqualTo(1);
    }
    tree.write(IB + "ports/1/state", "4: ACTIVE\n");
    assertThat(read().value(NODE_RDMA_PORT_DROPPED, "mlx5_0", "1")).isZero();
  }

  /** What a port that is down tells as its rate means nothing. */
  @Test
  void remembersTheHighestRateOfAPortThatIsUp() {
    assertThat(read().value(NODE_RDMA_PORT_RATE_HIGHEST_BYTES_PER_SECOND, "mlx5_0", "1"))
        .isEqualTo(50e9);
    tree.write(IB + "ports/1/rate", "200 Gb/sec (2X NDR)\n");
    assertThat(read().value(NODE_RDMA_PORT_RATE_HIGHEST_BYTES_PER_SECOND, "mlx5_0", "1"))
        .isEqualTo(50e9);
    tree.write(IB + "ports/1/state", "1: DOWN\n");
    assertThat(read().reading(NODE_RDMA_PORT_RATE_HIGHEST_BYTES_PER_SECOND, "mlx5_0", "1"))
        .isEqualTo(UNSUPPORTED);
  }

  @Test
  void anAdapterIsLostWhereTheBusSaysSo() throws IOException {
    tree.link("sys/bus/pci/devices/0000:18:00.0", root.resolve("sys/devices/MT4129/0000:18:00.0"));
    tree.write("sys/devices/MT4129/0000:18:00.0/config", new byte[] {1, 2, 3, 4, 5});
    assertThat(read().value(NODE_RDMA_DEVICE_LOST, "mlx5_0")).isZero();
    Files.move(root.resolve(IB), root.resolve("elsewhere"));
    assertThat(read().value(NODE_RDMA_DEVICE_LOST, "mlx5_0")).as("without its driver").isZero();
    tree.write("sys/devices/MT4129/0000:18:00.0/config", new byte[] {-1, -1, -1, -1, -1});
    assertThat(read().value(NODE_RDMA_DEVICE_LOST, "mlx5_0")).as("nobody answers").isEqualTo(1);
    tree.write("sys/devices/MT4129/0000:18:00.0/config", new byte[] {1, 2, 3, 4, 5});
    assertThat(read().value(NODE_RDMA_DEVICE_LOST, "mlx5_0")).isZero();
    tree.delete("sys/bus/pci/devices/0000:18:00.0");
    assertThat(read().value(NODE_RDMA_DEVICE_LOST, "mlx5_0")).as("removed").isEqualTo(1);
  }

  @Test
  void virtualFunctionsComeAndGo() throws IOException {
    tree.link("sys/bus/pci/devices/0000:18:00.0", root.resolve("sys/devices/MT4129/0000:18:00.0"));
    tree.link("sys/devices/MT4129/0000:18:00.0/physfn", root);
    Files.delete(root.resolve(ROCE + "device"));
    assertThat(read().labels(NODE_RDMA_DEVICE_LOST)).isEmpty();
  }

  @Test
  void tellsWhatTheAdaptersAre() {
    source.read(Cadence.SLOW, 1);
    Shown shown = Shown.of(source.readings());
    assertThat(
            shown.value(
                NODE_RDMA_DEVICE_INFO,
                "mlx5_0",
                "MT4129",
                "MT_0000000838",
                "28.39.1002",
                "a088:c203:00ab:1234",
                "InfiniBand",
                "0000:18:00.0"))
        .isEqualTo(1);
    assertThat(shown.value(NODE_RDMA_DEVICE_INFO, "rdmap79s0", "", "", "", "", "", ""))
        .isEqualTo(1);
  }

  private void function(String place, String vendor, String type, String numaNode)
      throws IOException {
    String directory = "sys/devices/" + place;
    tree.write(directory + "/vendor", vendor + "\n");
    tree.write(directory + "/class", type + "\n");
    tree.write(directory + "/numa_node", numaNode + "\n");
    Path own = root.resolve(directory);
    tree.link("sys/bus/pci/devices/" + own.getFileName(), own);
  }

  private void adapterAt(String name, String place) {
    tree.write("sys/class/infiniband/" + name + "/node_type", "1: CA\n");
    tree.link("sys/class/infiniband/" + name + "/device", root.resolve("sys/devices/" + place));
  }

  /** Two GPUs and two adapters of one processor, one of each behind a switch, and others. */
  @Test
  void tellsWhichAdaptersAreNearAGpu() throws IOException {
    String gpu = "0x030200";
    String behind = "pci0000:17/0000:17:01.0/0000:18:00.0/";
    function(behind + "0000:19:00.0/0000:1a:00.0", "0x10de", gpu, "0");
    function(behind + "0000:19:01.0/0000:1b:00.0", "0x15b3", "0x020700", "0");
    function("pci0000:17/0000:17:02.0/0000:2a:00.0", "0x10de", gpu, "0");
    function("pci0000:17/0000:17:03.0/0000:2b:00.0", "0x15b3", "0x020700", "0");
    function("pci0000:97/0000:97:01.0/0000:98:00.0", "0x10de", gpu, "1");
    function("pci0000:97/0000:97:02.0/0000:99:00.0", "0x10de", gpu, "-1");
    function("pci0000:97/0000:97:03.0/0000:9a:00.0", "0x10de", "0x020000", "0");
    function("pci0000:97/0000:97:04.0/0000:9b:00.0", "0x1002", gpu, "0");
    adapterAt("mlx5_8", behind + "0000:19:01.0/0000:1b:00.0");
    adapterAt("mlx5_9", "pci0000:17/0000:17:03.0/0000:2b:00.0");
    source.read(Cadence.SLOW, 1);
    Shown shown = Shown.of(source.readings());
    assertThat(shown.labels(NODE_RDMA_AFFINITY_INFO))
        .containsExactlyInAnyOrder(
            List.of("0000:1a:00.0", "mlx5_8", "mlx5_9"),
            List.of("0000:2a:00.0", "", "mlx5_8,mlx5_9"),
            List.of("0000:98:00.0", "", ""));
    assertThat(shown.value(NODE_RDMA_AFFINITY_INFO, "0000:1a:00.0", "mlx5_8", "mlx5_9"))
        .isEqualTo(1);
  }

  @Test
  void onAHostWithoutAdaptersNoneIsNearAGpu(@TempDir Path bare) throws IOException {
    Tree host = new Tree(bare);
    host.write("sys/bus/pci/devices/0000:1a:00.0/vendor", "0x10de\n");
    host.write("sys/bus/pci/devices/0000:1a:00.0/class", "0x030200\n");
    RdmaSource none = new RdmaSource("n1", bare, CallWatch.NONE, Metric.Tier.BASE);
    none.read(Cadence.SLOW, 1);
    assertThat(Shown.of(none.readings()).value(NODE_RDMA_AFFINITY_INFO, "0000:1a:00.0", "", ""))
        .isEqualTo(1);
    none.close();
  }

  @Test
  void aHostWithoutAdaptersHasNoSeriesAndNoTrouble(@TempDir Path empty) {
    RdmaSource none = new RdmaSource("n1", empty, CallWatch.NONE, Metric.Tier.OPTIONAL);
    assertThat(none.read(Cadence.MEDIUM, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(none.readings().table().size()).isZero();
    none.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ACTIVE", "400", "-5", "1e9", "0xdeadbeef", "18446744073709551616"})
  void garbageIsNoReading(String garbage) {
    tree.write(IB + "ports/1/state", garbage);
    tree.write(IB + "ports/1/rate", garbage);
    tree.write(IB + "ports/1/counters/port_rcv_data", garbage.replace("400", "4 0"));
    Shown shown = read();
    Reading parse = new Reading.Unavailable(Fault.PARSE);
    assertThat(shown.reading(NODE_RDMA_PORT_UP, "mlx5_0", "1")).isEqualTo(parse);
    assertThat(shown.reading(NODE_RDMA_PORT_RATE_BYTES_PER_SECOND, "mlx5_0", "1")).isEqualTo(parse);
    assertThat(shown.reading(NODE_RDMA_RECEIVE_BYTES_TOTAL, "mlx5_0", "1")).isEqualTo(parse);
    assertThat(shown.value(NODE_RDMA_TRANSMIT_BYTES_TOTAL, "mlx5_0", "1")).isEqualTo(4000);
  }

  @Test
  void anAdapterGoesAndComesBack() throws IOException {
    read();
    for (String file : new String[] {"state", "rate"}) {
      tree.delete(EFA + "ports/1/" + file);
    }
    try (var counters = Files.list(root.resolve(EFA + "ports/1/hw_counters"))) {
      for (Path counter : counters.toList()) {
        Files.delete(counter);
      }
    }
    Files.delete(root.resolve(EFA + "ports/1/hw_counters"));
    Files.delete(root.resolve(EFA + "ports/1"));
    assertThat(read().reading(NODE_RDMA_PORT_UP, "rdmap79s0", "1"))
        .as("it is missed first, and looked for in the next round")
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
    assertThat(read().has(NODE_RDMA_PORT_UP, "rdmap79s0", "1")).isFalse();
    assertThat(read().value(NODE_RDMA_PORT_UP, "mlx5_0", "1")).isEqualTo(1);
    tree.write(EFA + "ports/1/state", "4: ACTIVE\n");
    boolean back = false;
    for (int round = 0; round < 12 && !back; round++) {
      back = read().has(NODE_RDMA_PORT_UP, "rdmap79s0", "1");
    }
    assertThat(back).isTrue();
  }

  /** Any bytes in any file are a reading that is not negative, or none. */
  @Test
  void randomBytesInventNothing() {
    long seed = new Random().nextLong();
    System.out.println("RdmaSourceTest seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] bytes = new byte[random.nextInt(30)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) "0123456789 :.-GbNA/sec\n\0".charAt(random.nextInt(24));
      }
      String file = random.nextBoolean() ? "state" : "counters/port_rcv_data";
      tree.write(IB + "ports/1/" + (random.nextInt(3) == 0 ? "rate" : file), bytes);
      assertThat(read().readings().values())
          .as("seed %d", seed)
          .allMatch(reading ->
              !(reading instanceof Reading.Measured(double value))
                  || (value >= 0 && Double.isFinite(value)));
    }
  }

  /** Debian's exporter looks at the same tree. */
  @Test
  void saysTheSameAsNodeExporter(@TempDir Path directory) throws IOException {
    Optional<Path> program = NodeExporter.program();
    assumeTrue(program.isPresent(), "no prometheus-node-exporter on this machine");
    tree.write(IB + "ports/1/counters/port_rcv_data", "123456789\n"); // it wraps beyond 2^62
    for (String file : new String[] {"hca_type", "board_id", "fw_ver", "ports/1/phys_state"}) {
      tree.write(EFA + file, "5: LinkUp\n"); // it tells of no adapter where one lacks a file
      tree.write(IB + file, "5: LinkUp\n");
      tree.write(ROCE + file, "5: LinkUp\n");
    }
    tree.write(EFA + "ports/1/counters/other", "0\n");
    Shown ours = read();
    try (NodeExporter exporter =
        NodeExporter.started(
            program.get(),
            directory.resolve("log"),
            "--collector.disable-defaults",
            "--collector.infiniband",
            "--path.sysfs=" + root.resolve("sys"))) {
      NodeExporter.Page theirs = exporter.scrape();
      assertThat(theirs.sum(Line.of("node_scrape_collector_success", "collector", "infiniband")))
          .as(Files.readString(directory.resolve("log")))
          .hasValue(1.0);
      same(theirs, "port_data_received_bytes_total", ours, NODE_RDMA_RECEIVE_BYTES_TOTAL);
      same(theirs, "port_data_transmitted_bytes_total", ours, NODE_RDMA_TRANSMIT_BYTES_TOTAL);
      same(theirs, "rate_bytes_per_second", ours, NODE_RDMA_PORT_RATE_BYTES_PER_SECOND);
      same(theirs, "link_downed_total", ours, NODE_RDMA_ERRORS_TOTAL, "link_downed");
      same(theirs, "link_error_recovery_total", ours, NODE_RDMA_ERRORS_TOTAL, "link_recovery");
      same(theirs, "symbol_error_total", ours, NODE_RDMA_ERRORS_TOTAL, "symbol");
      same(theirs, "port_errors_received_total", ours, NODE_RDMA_ERRORS_TOTAL, "receive");
      same(
          theirs,
          "port_discards_transmitted_total",
          ours,
          NODE_RDMA_ERRORS_TOTAL,
          "transmit_discard");
    }
  }

  private static void same(
      NodeExporter.Page theirs, String family, Shown ours, Metric metric, String... kind) {
    String[] labels = new String[2 + kind.length];
    labels[0] = "mlx5_0";
    labels[1] = "1";
    System.arraycopy(kind, 0, labels, 2, kind.length);
    assertThat(theirs.sum(Line.of("node_infiniband_" + family, "device", "mlx5_0", "port", "1")))
        .as(family)
        .hasValueSatisfying(value -> assertThat(ours.value(metric, labels)).isEqualTo(value));
  }
}
