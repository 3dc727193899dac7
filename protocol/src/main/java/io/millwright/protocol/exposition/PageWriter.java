package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import java.util.List;

/**
 * Renders a snapshot. Families stand in the order of {@link
 * io.millwright.protocol.vocabulary.Metric}, each in one piece although its series are spread over
 * several samples:
 *
 * <pre>
 * # HELP millwright_accelerator_temperature_celsius sensor=core|memory
 * # TYPE millwright_accelerator_temperature_celsius gauge
 * millwright_accelerator_temperature_celsius{node="n1",accelerator="0",...,sensor="core"} 61
 * </pre>
 *
 * <p>Of two series with one name and the same labels the first of the snapshot is shown, measured
 * or not, and the other never: a page with both is refused as a whole by whoever scrapes it, and a
 * page that falls back to the second mixes two sources in one series.
 *
 * <p>This is a part of a page: {@code # EOF}, which OpenMetrics ends with, is the caller's.
 *
 * <p><i>Lifecycle:</i> one for the life of the process; names and labels are escaped once for each
 * set of tables and kept by their identity. <i>Threading:</i> one owner thread. <i>Failure:</i> a
 * series of a histogram is the mistake of whoever made the table: {@link IllegalArgumentException}.
 */
public final class PageWriter {
  private Layout layout = Layout.of(List.of());

  /**
   * Appends all measured series.
   *
   * @return the number of series written
   */
  public int write(NodeSnapshot snapshot, TextFormat format, PageBuffer page) {
    List<Sample> samples = snapshot.samples();
    if (!layout.fits(samples)) {
      layout = Layout.of(samples);
    }
    int written = 0;
    for (Family family : layout.families()) {
      written += family.write(samples, format, page);
    }
    return written;
  }
}
