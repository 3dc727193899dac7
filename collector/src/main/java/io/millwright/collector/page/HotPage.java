package io.millwright.collector.page;

import io.millwright.collector.hot.HotColumns;
import io.millwright.collector.hot.HotDevice;
import io.millwright.collector.hot.HotMetric;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.exposition.LineParts;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The hot set of the whole fleet, or of a rack, family by family. A node that is no longer heard
 * when its lines come is left out, as on every page.
 *
 * <p><i>Threading:</i> one owner thread at a time.
 */
public final class HotPage implements Pieces {
  private static final int PIECE = 64 * 1024;
  private static final List<Lines> FAMILIES = HotMetric.all().stream().map(Lines::of).toList();

  private final HotColumns columns;
  private final @Nullable String rack;
  private final TextFormat format;
  private final Clock clock;
  private int family;
  private int node;
  private @Nullable Metric headed;

  /** What is the same on all lines of a family. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
  private record Lines(
      HotMetric metric, byte[] prometheus, byte[] openMetrics, byte[] name, byte[] rest) {
    static Lines of(HotMetric metric) {
      return new Lines(
          metric,
          LineParts.header(metric.metric(), TextFormat.PROMETHEUS),
          LineParts.header(metric.metric(), TextFormat.OPENMETRICS),
          LineParts.name(metric.metric()),
          LineParts.rest(metric.ownNames(), metric.ownValues()));
    }

    byte[] header(TextFormat format) {
      return switch (format) {
        case PROMETHEUS -> prometheus;
        case OPENMETRICS -> openMetrics;
      };
    }
  }

  /**
   * @param rack whose nodes alone are shown, where one is named
   */
  public HotPage(HotColumns columns, Optional<String> rack, TextFormat format, Clock clock) {
    this.columns = columns;
    this.rack = rack.orElse(null);
    this.format = format;
    this.clock = clock;
  }

  @Override
  public boolean next(PageBuffer piece) {
    long now = clock.nanos();
    while (family < FAMILIES.size()) {
      Lines lines = FAMILIES.get(family);
      for (; node < columns.nodes(); node++) {
        if (piece.length() >= PIECE) {
          return true;
        }
        if (columns.connected(node, now)
            && (rack == null || rack.equals(columns.node(node).rack()))) {
          write(lines, columns.node(node).devices(), piece);
        }
      }
      node = 0;
      family++;
    }
    if (format == TextFormat.OPENMETRICS) {
      piece.append("# EOF\n");
    }
    return false;
  }

  private void write(Lines lines, List<HotDevice> devices, PageBuffer piece) {
    for (int device = 0; device < devices.size(); device++) {
      long cell = columns.cell(lines.metric(), node, device);
      if (HotColumns.absent(cell)) {
        continue;
      }
      if (headed != lines.metric().metric()) {
        headed = lines.metric().metric();
        piece.append(lines.header(format));
      }
      piece.append(lines.name());
      piece.append(devices.get(device).text());
      piece.append(lines.rest());
      piece.append(Double.longBitsToDouble(cell));
      piece.append('\n');
    }
  }

  @Override
  public void close() {}
}
