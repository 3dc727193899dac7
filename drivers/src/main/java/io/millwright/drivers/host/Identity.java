package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who this node is, read once: host name and kernel from {@code /proc/sys/kernel}, operating system
 * and board from OSHI, serial number from {@code /sys/class/dmi/id/product_serial}, which only root
 * may read. What is not known is an empty label.
 */
final class Identity implements Section {
  private final String node;
  private final Place place;
  private final HostFacts facts;
  private final Attribute hostname;
  private final Attribute kernel;
  private final Attribute serial;
  private Optional<Series> series = Optional.empty();
  private int index;

  Identity(String node, Place place, HostFacts facts, Path root, CallWatch watch) {
    this.node = node;
    this.place = place;
    this.facts = facts;
    this.hostname = new Attribute(root.resolve("proc/sys/kernel/hostname"), watch);
    this.kernel = new Attribute(root.resolve("proc/sys/kernel/osrelease"), watch);
    this.serial = new Attribute(root.resolve("sys/class/dmi/id/product_serial"), watch);
  }

  @Override
  public Cadence cadence() {
    return Cadence.ONCE;
  }

  @Override
  public boolean load() {
    if (series.isPresent()) {
      return false;
    }
    series =
        Optional.of(
            Series.of(
                Metric.NODE_INFO,
                node,
                hostname.text().orElse(""),
                facts.operatingSystem(),
                kernel.text().orElse(""),
                architecture(System.getProperty("os.arch", "")),
                facts.boardVendor(),
                facts.boardModel(),
                serial.text().orElse(""),
                place.rack(),
                place.role()));
    return true;
  }

  /** The kernel's word; Java has its own for one. */
  static String architecture(String javaWord) {
    return javaWord.equals("amd64") ? "x86_64" : javaWord;
  }

  @Override
  public void declare(SeriesTable.Builder table) {
    series.ifPresent(identity -> index = table.add(Cadence.ONCE, identity));
  }

  @Override
  public Round write(Readings readings) {
    if (series.isEmpty()) {
      return Round.ABSENT;
    }
    readings.measured(index, 1);
    return Round.ANSWERED;
  }
}
