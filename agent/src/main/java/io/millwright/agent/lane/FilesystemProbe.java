package io.millwright.agent.lane;

import io.millwright.drivers.host.FilesystemSource;
import io.millwright.drivers.host.Mount;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The lane of one remote file system. While its {@code statvfs} hangs, the file system is not
 * responsive and says nothing else.
 */
public final class FilesystemProbe implements Probe {
  private static final Duration DEADLINE = Duration.ofSeconds(2);
  private static final String NAME = "filesystems";

  private final SourceProbe probe;
  private final Readings unresponsive;

  /**
   * @param number tells the lanes of one node apart
   */
  public FilesystemProbe(
      int number, Mount mount, String node, Path root, Clock clock, Periods periods) {
    this.probe =
        new SourceProbe(
            NAME,
            NAME + "-" + number,
            clock,
            periods,
            calls -> FilesystemSource.remote(node, mount, root, calls));
    SeriesTable.Builder table = SeriesTable.builder();
    table.add(
        Cadence.MEDIUM,
        Series.of(Metric.NODE_FILESYSTEM_RESPONSIVE, node, mount.mountPoint(), mount.type()));
    this.unresponsive = new Readings(table.build());
  }

  /** The lane itself, to start and stop. */
  public SourceProbe lane() {
    return probe;
  }

  @Override
  public String name() {
    return probe.name();
  }

  @Override
  public boolean request(Tick tick) {
    return probe.request(tick);
  }

  @Override
  public RoundResult last() {
    return probe.last();
  }

  @Override
  public List<Sample> samples(Tick tick) {
    if (probe.calls().inFlightBeyond(DEADLINE).isEmpty()) {
      return probe.samples(tick);
    }
    unresponsive.at(tick.nanos());
    unresponsive.measured(0, 0);
    return List.of(unresponsive.sample());
  }
}
