package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.Gauges.Gauge;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Ports of the fabric adapters, InfiniBand, RoCE and EFA: {@code state}, {@code rate}, {@code
 * counters} and {@code hw_counters} of {@code /sys/class/infiniband/<device>/ports/<port>}.
 *
 * <p>An adapter has what its driver gives it, so there is a series for each file that is there and
 * none for the others. Sources: the kernel's Documentation/ABI/stable/sysfs-class-infiniband; names
 * of {@code hw_counters} are those of its drivers mlx5_ib and efa. Counters of mlx5's queues have
 * 32 bits and begin anew beyond them.
 */
final class RdmaPorts {
  /** {@code IB_PORT_ACTIVE}, before the colon of {@code 4: ACTIVE}. */
  private static final String ACTIVE = "4";

  /** {@code IB_PORT_DOWN}. */
  private static final String DOWN = "1";

  private static final List<String> RECEIVED =
      List.of("counters/port_rcv_data", "hw_counters/rx_bytes");

  /** {@code 400 Gb/sec (4X NDR)}. */
  private static final Pattern RATE = Pattern.compile("([0-9]{1,6}(?:\\.[0-9]{1,3})?) Gb/sec.*");

  private static final double BYTES_PER_SECOND_PER_GIGABIT = 1e9 / 8;

  /** What an adapter without a performance agent answers instead of a number. */
  private static final String NOT_COUNTED = "N/A";

  /** A file of a port, of its series the kind, and what one of its units is. */
  private record Counter(Metric metric, List<String> kind, String file, double unit) {
    static Counter of(Metric metric, String kind, String file) {
      return new Counter(metric, List.of(kind), file, 1);
    }

    Series series(String node, String device, String port) {
      return kind.isEmpty()
          ? Series.of(metric, node, device, port)
          : Series.of(metric, node, device, port, kind.getFirst());
    }
  }

  /** Of two files for one series the first that is there. */
  private static final List<Counter> COUNTERS =
      List.of(
          data(Metric.NODE_RDMA_RECEIVE_BYTES_TOTAL, "counters/port_rcv_data", 4),
          data(Metric.NODE_RDMA_RECEIVE_BYTES_TOTAL, "hw_counters/rx_bytes", 1),
          data(Metric.NODE_RDMA_TRANSMIT_BYTES_TOTAL, "counters/port_xmit_data", 4),
          data(Metric.NODE_RDMA_TRANSMIT_BYTES_TOTAL, "hw_counters/tx_bytes", 1),
          error("symbol", "counters/symbol_error"),
          error("link_downed", "counters/link_downed"),
          error("link_recovery", "counters/link_error_recovery"),
          error("receive", "counters/port_rcv_errors"),
          error("receive", "hw_counters/rx_drops"),
          error("local_integrity", "counters/local_link_integrity_errors"),
          error("buffer_overrun", "counters/excessive_buffer_overrun_errors"),
          error("transmit_discard", "counters/port_xmit_discards"),
          error("out_of_sequence", "hw_counters/out_of_sequence"),
          error("retransmit", "hw_counters/packet_seq_err"),
          error("retransmit", "hw_counters/retrans_pkts"),
          error("timeout", "hw_counters/local_ack_timeout_err"),
          error("timeout", "hw_counters/retrans_timeout_events"),
          error("rnr_retry", "hw_counters/rnr_nak_retry_err"),
          error("slow_restart", "hw_counters/roce_slow_restart"),
          error("read", "hw_counters/rdma_read_wr_err"),
          error("write", "hw_counters/rdma_write_wr_err"),
          error("unresponsive_peer", "hw_counters/unresponsive_remote_events"),
          error("impaired_connection", "hw_counters/impaired_remote_conn_events"),
          error("retransmit_bytes", "hw_counters/retrans_bytes"),
          congestion("cnp_sent", "hw_counters/np_cnp_sent"),
          congestion("cnp_handled", "hw_counters/rp_cnp_handled"),
          congestion("ecn_marked", "hw_counters/np_ecn_marked_roce_packets"),
          congestion("transmit_wait", "counters/port_xmit_wait"));

  private final String node;
  private final Path adapters;
  private final CallWatch watch;
  private final List<Counter> wanted;
  private final Map<Path, Port> ports = new HashMap<>();

  /** What was seen of a port since this began. */
  private static final class Port {
    private boolean wasActive;
    private double highestRate;
  }

  /**
   * @param most tier that the site wants
   */
  RdmaPorts(String node, Path root, CallWatch watch, Metric.Tier most) {
    this.node = node;
    this.wanted = COUNTERS.stream().filter(each -> new Wanted(most).has(each.metric())).toList();
    this.adapters = root.resolve("sys/class/infiniband");
    this.watch = watch;
  }

  private static Counter data(Metric metric, String file, double bytes) {
    return new Counter(metric, List.of(), file, bytes);
  }

  private static Counter error(String kind, String file) {
    return Counter.of(Metric.NODE_RDMA_ERRORS_TOTAL, kind, file);
  }

  private static Counter congestion(String kind, String file) {
    return Counter.of(Metric.NODE_RDMA_CONGESTION_TOTAL, kind, file);
  }

  List<Gauge> gauges() {
    List<Gauge> gauges = new ArrayList<>();
    for (Path adapter : Directory.entries(adapters, "*")) {
      for (Path port : Directory.entries(adapter.resolve("ports"), "[0-9]*")) {
        addPort(Directory.name(adapter), port, gauges);
      }
    }
    return gauges;
  }

  private void addPort(String device, Path directory, List<Gauge> gauges) {
    String port = Directory.name(directory);
    Port known = ports.computeIfAbsent(directory, first -> new Port());
    Attribute received = received(directory);
    Attribute state = new Attribute(directory.resolve("state"), watch);
    Stream.of(
            gauge(
                Series.of(Metric.NODE_RDMA_PORT_UP, node, device, port),
                directory.resolve("state"),
                RdmaPorts::up),
            gauge(
                Series.of(Metric.NODE_RDMA_PORT_RATE_BYTES_PER_SECOND, node, device, port),
                directory.resolve("rate"),
                RdmaPorts::rate),
            gauge(
                Series.of(Metric.NODE_RDMA_PORT_DROPPED, node, device, port),
                directory.resolve("state"),
                now -> dropped(now, received, known)),
            gauge(
                Series.of(Metric.NODE_RDMA_PORT_RATE_HIGHEST_BYTES_PER_SECOND, node, device, port),
                directory.resolve("rate"),
                now -> highest(now, state, known)))
        .filter(gauge -> gauge.attribute().exists())
        .forEach(gauges::add);
    List<Series> told = new ArrayList<>();
    for (Counter counter : wanted) {
      Series series = counter.series(node, device, port);
      Attribute file = new Attribute(directory.resolve(counter.file()), watch);
      if (!told.contains(series) && file.exists()) {
        told.add(series);
        gauges.add(new Gauge(series, file, attribute -> count(attribute, counter.unit())));
      }
    }
  }

  private Gauge gauge(Series series, Path file, Function<Attribute, Reading> meaning) {
    return new Gauge(series, new Attribute(file, watch), meaning);
  }

  private Attribute received(Path directory) {
    Attribute first = new Attribute(directory.resolve(RECEIVED.getFirst()), watch);
    return first.exists() ? first : new Attribute(directory.resolve(RECEIVED.getLast()), watch);
  }

  private static Reading up(Attribute state) {
    Optional<String> number = number(state);
    return number.isPresent()
        ? new Reading.Measured(number.get().equals(ACTIVE) ? 1 : 0)
        : withoutNumber(state);
  }

  /** What stands before the colon of {@code 4: ACTIVE}. */
  private static Optional<String> number(Attribute state) {
    return state
        .text()
        .filter(text -> text.indexOf(':') >= 1)
        .map(text -> text.substring(0, text.indexOf(':')));
  }

  private static Reading withoutNumber(Attribute state) {
    return new Reading.Unavailable(state.text().isPresent() ? Fault.PARSE : state.fault());
  }

  /**
   * A port that never was up is nobody's loss: cards with two ports and one cable are many. One
   * that is physically there and waits for its subnet manager has received something too, so the
   * count is evidence of one that is down alone.
   */
  private static Reading dropped(Attribute state, Attribute received, Port known) {
    Optional<String> number = number(state);
    if (number.isEmpty()) {
      return withoutNumber(state);
    }
    boolean active = number.get().equals(ACTIVE);
    known.wasActive |= active || (number.get().equals(DOWN) && received.number().orElse(0) != 0);
    return new Reading.Measured(known.wasActive && !active ? 1 : 0);
  }

  /** Of a port that is not active the driver tells some rate that means nothing. */
  private static Reading highest(Attribute rate, Attribute state, Port known) {
    if (!number(state).filter(ACTIVE::equals).isPresent()) {
      return new Reading.Unsupported();
    }
    if (!(rate(rate) instanceof Reading.Measured(double now))) {
      return new Reading.Unsupported();
    }
    known.highestRate = Math.max(known.highestRate, now);
    return new Reading.Measured(known.highestRate);
  }

  private static Reading rate(Attribute rate) {
    Optional<String> text = rate.text();
    if (text.isEmpty()) {
      return new Reading.Unavailable(rate.fault());
    }
    Matcher form = RATE.matcher(text.get());
    return form.matches()
        ? new Reading.Measured(Double.parseDouble(form.group(1)) * BYTES_PER_SECOND_PER_GIGABIT)
        : new Reading.Unavailable(Fault.PARSE);
  }

  private static Reading count(Attribute counter, double unit) {
    Optional<String> text = counter.text();
    if (text.isEmpty()) {
      return new Reading.Unavailable(counter.fault());
    }
    if (text.get().startsWith(NOT_COUNTED)) {
      return new Reading.Unsupported();
    }
    try {
      return new Reading.Measured(Text.toDouble(Long.parseUnsignedLong(text.get())) * unit);
    } catch (NumberFormatException garbage) {
      return new Reading.Unavailable(Fault.PARSE);
    }
  }
}
