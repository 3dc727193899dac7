package io.millwright.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.millwright.collector.fleet.Accelerators;
import io.millwright.collector.fleet.Fact;
import io.millwright.collector.fleet.FleetReducer;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.hot.Aggregate;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.hot.HotMetric;
import io.millwright.collector.page.HotPage;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.rest.HotRoutes;
import io.millwright.collector.rest.RestServer;
import io.millwright.collector.rest.Tokens;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.FrameReader;
import io.millwright.protocol.frames.FrameWriter;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.Moment;
import io.millwright.protocol.frames.Row;
import io.millwright.protocol.frames.SampleDecoder;
import io.millwright.protocol.frames.SampleEncoder;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.frames.Side;
import io.millwright.protocol.frames.SnapshotLayout;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What the pages and sums over a whole fleet cost: nodes of eight accelerators that have all ten
 * readings of the hot set, whose samples go through the real encoder, decoder and reducer into the
 * columns; then the page and the sums, made in place and asked for over a real socket of the real
 * server.
 *
 * <pre>
 * FleetPages ROUNDS
 * </pre>
 *
 * <p>The server's clock stands still, so that all nodes stay connected without being fed. Server
 * and client are one process; the client reads and throws away.
 */
public final class FleetPages {
  private static final int DEVICES = 8;
  private static final int RACK = 18;
  private static final int FEW = 1_000;
  private static final int MANY = 10_000;
  private static final int FED = 3;
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long HISTORY_BYTES = 64L << 20;
  private static final Clock CLOCK = Clock.system();

  /** Both ends of a connection are in it, and so is the compiler. */
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final HotFleet hot = new HotFleet(HISTORY_BYTES);
  private final int nodes;
  private final int rounds;
  private FleetState fleet = FleetState.EMPTY;
  private long nowNanos;

  private FleetPages(int nodes, int rounds) {
    this.nodes = nodes;
    this.rounds = rounds;
  }

  /** The server's, which the feeding sets. */
  private final class Standing implements Clock {
    @Override
    public long nanos() {
      return nowNanos;
    }

    @Override
    public Instant wall() {
      return Instant.ofEpochMilli(nowNanos / 1_000_000);
    }

    @Override
    public void parkUntil(long nanos) {
      throw new BenchmarkException("nobody waits for a clock that stands still");
    }
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 1) {
      throw new BenchmarkException("usage: FleetPages ROUNDS");
    }
    int rounds = Integer.parseInt(arguments[0]);
    for (int nodes : List.of(FEW, MANY)) {
      FleetPages pages = new FleetPages(nodes, rounds);
      pages.feed();
      pages.measure();
    }
  }

  // ---- the fleet

  private void feed() {
    long began = CLOCK.nanos();
    List<Node> all = new ArrayList<>();
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      all.add(new Node("node%05d".formatted(i)));
      facts.add(new Fact.Connected(all.get(i).name, 1, "0.1.0", 0, 0));
    }
    fleet = FleetReducer.apply(fleet, facts);
    for (int second = 1; second <= FED; second++) {
      nowNanos = second * SECOND_NANOS;
      List<Fact> samples = new ArrayList<>();
      for (Node node : all) {
        samples.add(node.sampled(second, nowNanos));
      }
      fleet = FleetReducer.apply(fleet, samples);
      for (Node node : all) {
        hot.look(fleet.node(node.name).orElseThrow(), nowNanos);
      }
      hot.tidy(nowNanos, racks());
    }
    System.out.println(
        Line.of("fed")
            .add("nodes", nodes)
            .add("seconds", FED)
            .add("took_ms", (CLOCK.nanos() - began) / 1e6)
            .add("history_bytes", hot.historyBytes())
            .add("history_evicted", hot.evicted()));
  }

  private RackMap racks() {
    List<String> lines = new ArrayList<>(List.of("node,rack"));
    for (int i = 0; i < nodes; i++) {
      lines.add("node%05d,rack%03d".formatted(i, i / RACK));
    }
    return RackMap.of(lines);
  }

  /** One agent's encoder and the collector's decoder of it. */
  private static final class Node {
    private final String name;
    private final Random random;
    private final Readings sent;
    private final Readings received;
    private final SnapshotLayout layout;
    private final Row row;
    private final SampleEncoder encoder;
    private final SampleDecoder decoder;
    private final FrameReader reader = new FrameReader(Side.AGENT);

    Node(String name) {
      this.name = name;
      this.random = new Random(name.hashCode());
      SeriesTable.Builder builder = SeriesTable.builder();
      for (int i = 0; i < DEVICES; i++) {
        Accelerator device =
            new Accelerator(
                name,
                "" + i,
                "GPU-8d2b7a51-%s-4b1e-9a%02d".formatted(name, i),
                "nvidia",
                "NVIDIA B200",
                true);
        for (HotMetric metric : HotMetric.all()) {
          builder.add(
              Cadence.FAST,
              Series.of(metric.metric(), device, metric.ownValues().toArray(String[]::new)));
        }
      }
      SeriesTable table = builder.build();
      sent = new Readings(table);
      received = new Readings(table);
      layout = SnapshotLayout.of(new NodeSnapshot(0, 0, List.of(sent.sample())));
      row = new Row(layout.schema().size());
      encoder = new SampleEncoder(layout.schema(), 1);
      decoder = new SampleDecoder(layout.schema());
      reader.open();
    }

    Fact.Sampled sampled(long sequence, long atNanos) {
      for (int i = 0; i < row.size(); i++) {
        sent.measured(i, value(HotMetric.all().get(i % HotMetric.COUNT)));
      }
      layout.fill(new NodeSnapshot(sequence, atNanos, List.of(sent.sample())), row);
      FrameWriter writer = new FrameWriter(4096);
      encoder.encode(sequence, new Moment(atNanos / 1_000_000, atNanos), row, writer);
      ByteBuffer bytes = writer.written();
      Inbound frame = reader.next(bytes);
      SampleResult result =
          switch (frame) {
            case Frame.Key key -> decoder.apply(key);
            case Frame.Delta delta -> decoder.apply(delta);
            default -> throw new BenchmarkException("no sample came out: " + frame);
          };
      if (!(result instanceof SampleResult.Complete)) {
        throw new BenchmarkException("no whole sample came out: " + result);
      }
      received.at(atNanos);
      for (int i = 0; i < row.size(); i++) {
        received.measured(i, decoder.row().value(i));
      }
      var sample = received.sample();
      return new Fact.Sampled(
          name,
          1,
          atNanos,
          atNanos / 1_000_000,
          0,
          sample,
          Optional.empty(),
          new Accelerators(sample).now());
    }

    private double value(HotMetric metric) {
      return switch (metric) {
        case UP -> 1;
        case THROTTLE_HARDWARE -> 0;
        case UTILIZATION, POWER_UTILIZATION -> random.nextInt(101) / 100.0;
        case MEMORY_USED -> 150e9 + random.nextInt(1 << 30);
        case CLOCK_SM -> 1e6 * (1500 + 15 * random.nextInt(30));
        case POWER -> Math.rint(700_000 + random.nextGaussian() * 20_000) / 1000;
        case ENERGY -> (1e12 + random.nextInt(1 << 30)) / 1000;
        case TEMPERATURE_CORE -> 50 + random.nextInt(30);
        case TEMPERATURE_MEMORY -> 60 + random.nextInt(30);
      };
    }
  }

  // ---- what is measured

  private void measure() throws IOException {
    report("page-in-place", this::page);
    loopback(page());
    report(
        "aggregate-in-place",
        () ->
            Aggregate.ofFleet(hot.columns(), HotMetric.POWER, nowNanos)
                .orElseThrow()
                .accelerators());
    report(
        "aggregate-by-rack-in-place",
        () -> Aggregate.ofRacks(hot.columns(), HotMetric.POWER, nowNanos).size());
    try (RestServer server =
        new RestServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new HotRoutes(hot, new Standing()).routes(),
            Tokens.none(),
            Set.of())) {
      server.start();
      String sum = "/v1/fleet/aggregate?metric=millwright_accelerator_power_watts";
      try (Reader reader = new Reader(server.port())) {
        report("page-http", () -> reader.get("/metrics/fleet?set=hot", "identity"));
        report("page-http-gzip", () -> reader.get("/metrics/fleet?set=hot", "gzip"));
        report("page-http-rack", () -> reader.get("/metrics/fleet?rack=rack003", "identity"));
        report("aggregate-http", () -> reader.get(sum, "identity"));
        report("aggregate-by-rack-http", () -> reader.get(sum + "&by=rack", "identity"));
      }
    }
  }

  private long page() {
    HotPage page =
        new HotPage(hot.columns(), Optional.empty(), TextFormat.PROMETHEUS, new Standing());
    PageBuffer piece = new PageBuffer(128 * 1024);
    long bytes = 0;
    boolean more = true;
    while (more) {
      piece.clear();
      more = page.next(piece);
      bytes += piece.length();
    }
    return bytes;
  }

  /** What the kernel alone takes for as many bytes in as large pieces. */
  private void loopback(long bytes) throws IOException {
    try (ServerSocketChannel listening =
            ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketChannel asking = SocketChannel.open(listening.getLocalAddress());
        SocketChannel answering = listening.accept()) {
      Threads.platform("answering", () -> answer(answering, bytes)).start();
      ByteBuffer room = ByteBuffer.allocateDirect(1 << 20);
      report(
          "loopback",
          () -> {
            try {
              asking.write(ByteBuffer.wrap(new byte[1]));
              long total = 0;
              while (total < bytes) {
                room.clear();
                total += asking.read(room);
              }
              return total;
            } catch (IOException e) {
              throw new BenchmarkException("reading from loopback: " + e);
            }
          });
    }
  }

  /** Until the other side ends. */
  private static void answer(SocketChannel channel, long bytes) {
    ByteBuffer piece = ByteBuffer.allocateDirect(64 * 1024);
    ByteBuffer asked = ByteBuffer.allocate(1);
    try {
      while (channel.read(asked.clear()) == 1) {
        for (long left = bytes; left > 0; ) {
          piece.clear().limit((int) Math.min(left, piece.capacity()));
          while (piece.hasRemaining()) {
            left -= channel.write(piece);
          }
        }
      }
    } catch (IOException e) {
      throw new BenchmarkException("writing to loopback: " + e);
    }
  }

  private void report(String what, LongSupplier act) {
    long result = 0;
    long[] took = new long[rounds];
    long cpu = 0;
    for (int i = -rounds; i < rounds; i++) {
      cpu = i == 0 ? PROCESS.getProcessCpuTime() : cpu;
      long began = CLOCK.nanos();
      result = act.getAsLong();
      if (i >= 0) {
        took[i] = CLOCK.nanos() - began;
      }
    }
    Line line =
        Line.of(what)
            .add("nodes", nodes)
            .add("result", result)
            .add("cpu_us", (PROCESS.getProcessCpuTime() - cpu) / 1e3 / rounds);
    Latencies.of(took).into(line);
    System.out.println(line);
  }

  /** Reads answers to their ends and keeps nothing. */
  private static final class Reader implements AutoCloseable {
    private static final byte[] END = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final ByteBuffer room = ByteBuffer.allocateDirect(1 << 20);
    private final byte[] tail = new byte[END.length];

    Reader(int port) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** The bytes that came, the head's too. */
    long get(String path, String encoding) {
      try {
        String text =
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/plain\r\nAccept-Encoding: %s\r\n\r\n"
                .formatted(path, encoding);
        ByteBuffer request = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (request.hasRemaining()) {
          channel.write(request);
        }
        return read();
      } catch (IOException e) {
        throw new BenchmarkException("asking for " + path + ": " + e);
      }
    }

    private long read() throws IOException {
      long total = 0;
      long length = -1;
      while (true) {
        room.clear();
        int count = channel.read(room);
        if (count < 0) {
          throw new EOFException("the server ended the connection within an answer");
        }
        if (total == 0) {
          length = wholeLength(count);
        }
        total += count;
        keepTail(count);
        if (length < 0 ? Arrays.equals(tail, END) : total >= length) {
          return total;
        }
      }
    }

    /** Of head and body, where the head says it; else -1: it comes in chunks. */
    private long wholeLength(int count) {
      byte[] head = new byte[Math.min(count, 2048)];
      room.get(0, head);
      String text = new String(head, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
      if (!text.startsWith("http/1.1 200 ")) {
        throw new BenchmarkException("answered: " + text.lines().findFirst().orElse("nothing"));
      }
      int at = text.indexOf("content-length:");
      return at < 0
          ? -1
          : text.indexOf("\r\n\r\n")
              + 4
              + Long.parseLong(text.substring(at + 15, text.indexOf('\r', at)).strip());
    }

    private void keepTail(int count) {
      int more = Math.min(count, tail.length);
      System.arraycopy(tail, more, tail, 0, tail.length - more);
      room.get(room.position() - more, tail, tail.length - more, more);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
