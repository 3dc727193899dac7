package io.millwright.collector.page;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.placement.DeviceKey;
import io.millwright.collector.self.Durations;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The collector's pages in the text formats of Prometheus.
 *
 * <p><i>Threading:</i> one owner thread, that of the port.
 */
public final class MetricPages {
  private static final int FIRST_CAPACITY = 64 * 1024;

  private final Supplier<FleetState> fleet;
  private final Predicate<DeviceKey> held;
  private final Supplier<List<Sample>> more;
  private final LongSupplier ingested;
  private final List<Durations> durations;
  private final Clock clock;
  private final PageWriter fleetWriter = new PageWriter();
  private final PageBuffer buffer = new PageBuffer(FIRST_CAPACITY);

  /**
   * @param held whether a job has a device
   * @param more samples of the collector's other rooms, as of its jobs
   * @param ingested readings accepted since the start
   * @param durations what takes time, each time
   */
  public MetricPages(
      Supplier<FleetState> fleet,
      Predicate<DeviceKey> held,
      Supplier<List<Sample>> more,
      LongSupplier ingested,
      List<Durations> durations,
      Clock clock) {
    this.fleet = fleet;
    this.held = held;
    this.more = more;
    this.ingested = ingested;
    this.durations = List.copyOf(durations);
    this.clock = clock;
  }

  /** The collector itself and the fleet in sums. */
  public byte[] fleet(TextFormat format) {
    long now = clock.nanos();
    List<Sample> samples = new ArrayList<>(more.get());
    samples.add(FleetSample.of(fleet.get(), held, ingested.getAsLong(), now));
    return page(fleetWriter, samples, durations, format, now);
  }

  /**
   * A node's last readings; empty for a node that is not connected: it is down to a scraper too.
   */
  public Optional<byte[]> node(String name, TextFormat format) {
    long now = clock.nanos();
    return fleet
        .get()
        .node(name)
        .filter(node -> node.link(now) == Link.CONNECTED)
        .map(node ->
            page(new PageWriter(), List.of(node.sample().sample()), List.of(), format, now));
  }

  private byte[] page(
      PageWriter writer,
      List<Sample> samples,
      List<Durations> timed,
      TextFormat format,
      long nowNanos) {
    buffer.clear();
    writer.write(new NodeSnapshot(1, nowNanos, samples), format, buffer);
    timed.forEach(one -> one.write(format, buffer));
    if (format == TextFormat.OPENMETRICS) {
      buffer.append("# EOF\n");
    }
    return buffer.toByteArray();
  }
}
