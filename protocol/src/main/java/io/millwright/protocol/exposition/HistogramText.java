package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;

/**
 * A histogram without labels as a part of a page; of several values, so that it is in no snapshot.
 *
 * <pre>
 * # HELP millwright_collector_store_commit_seconds Duration of a durable commit
 * # TYPE millwright_collector_store_commit_seconds histogram
 * millwright_collector_store_commit_seconds_bucket{le="0.001"} 3
 * millwright_collector_store_commit_seconds_bucket{le="+Inf"} 4
 * millwright_collector_store_commit_seconds_count 4
 * millwright_collector_store_commit_seconds_sum 0.0123
 * </pre>
 *
 * <p>Pure.
 */
public final class HistogramText {
  private HistogramText() {}

  /**
   * Appends it.
   *
   * @param bounds upper bounds of the buckets, rising, without infinity
   * @param counts of each bucket alone, and last of what is beyond them all
   * @param sum of all values
   */
  public static void write(
      Metric metric,
      double[] bounds,
      long[] counts,
      double sum,
      TextFormat format,
      PageBuffer page) {
    if (metric.kind() != Metric.Kind.HISTOGRAM || counts.length != bounds.length + 1) {
      throw new IllegalArgumentException(
          "%s of %d bounds and %d counts is no histogram"
              .formatted(metric, bounds.length, counts.length));
    }
    page.append(LineParts.header(metric, format));
    String name = metric.familyName();
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      all += counts[i];
      page.append(name + "_bucket{le=\"" + (i < bounds.length ? bounds[i] : "+Inf") + "\"} ");
      page.appendWhole(all);
      page.append('\n');
    }
    page.append(name + "_count ");
    page.appendWhole(all);
    page.append('\n');
    page.append(name + "_sum ");
    page.append(sum);
    page.append('\n');
  }
}
