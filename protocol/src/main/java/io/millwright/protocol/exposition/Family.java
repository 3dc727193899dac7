package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One family of the page: its headers and, for each of its series, the bytes that stand before the
 * value and where the value lies in a snapshot.
 */
final class Family {
  private final byte[] prometheusHeader;
  private final byte[] openMetricsHeader;
  private final byte[][] prefixes;
  private final int[] samples;
  private final int[] indexes;

  private Family(Metric metric, List<Slot> slots) {
    prometheusHeader = Headers.prometheus(metric).getBytes(StandardCharsets.UTF_8);
    openMetricsHeader = Headers.openMetrics(metric).getBytes(StandardCharsets.UTF_8);
    prefixes = slots.stream().map(Slot::prefix).toArray(byte[][]::new);
    samples = slots.stream().mapToInt(Slot::sample).toArray();
    indexes = slots.stream().mapToInt(Slot::index).toArray();
  }

  /** Appends header and series, if any is measured; returns how many series that were. */
  int write(List<Sample> snapshot, TextFormat format, PageBuffer page) {
    int written = 0;
    for (int i = 0; i < prefixes.length; i++) {
      Sample sample = snapshot.get(samples[i]);
      if (sample.measured(indexes[i])) {
        if (written++ == 0) {
          page.append(header(format));
        }
        page.append(prefixes[i]);
        page.append(sample.value(indexes[i]));
        page.append('\n');
      }
    }
    return written;
  }

  private byte[] header(TextFormat format) {
    return switch (format) {
      case PROMETHEUS -> prometheusHeader;
      case OPENMETRICS -> openMetricsHeader;
    };
  }

  /**
   * Where one series stands.
   *
   * @param prefix {@code name{labels} } with a blank behind, as it stands on the page
   * @param sample position of its sample in the snapshot
   * @param index position in that sample
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  record Slot(byte[] prefix, int sample, int index) {}

  /** Collects the slots of one family in the order of the snapshot. */
  static final class Builder {
    private final Metric metric;
    private final List<Slot> slots = new ArrayList<>();

    Builder(Metric metric) {
      this.metric = metric;
    }

    void add(Slot slot) {
      slots.add(slot);
    }

    Family build() {
      return new Family(metric, slots);
    }
  }

  /** The bytes before the value of a series. */
  static byte[] prefix(Series series) {
    StringBuilder line = new StringBuilder(series.metric().familyName());
    List<String> names = series.metric().labels();
    String separator = "{";
    for (int i = 0; i < names.size(); i++) {
      label(line, separator, names.get(i), series.labelValues().get(i));
      separator = ",";
    }
    if (series.simulated()) {
      label(line, separator, "simulated", "true");
      separator = ",";
    }
    line.append(separator.equals(",") ? "} " : " ");
    return line.toString().getBytes(StandardCharsets.UTF_8);
  }

  static void label(StringBuilder line, String separator, String name, String value) {
    line.append(separator).append(name).append("=\"").append(Headers.quoted(value)).append('"');
  }
}
