package io.millwright.protocol.exposition;

import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/**
 * A histogram as a part of a page; of several values, so that it is in no snapshot.
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
   * @param labels values of the labels that the family has
   * @param bounds upper bounds of the buckets, rising, without infinity
   * @param counts of each bucket alone, and last of what is beyond them all
   * @param sum of all values
   */
  public static void write(
      Metric metric,
      List<String> labels,
      double[] bounds,
      long[] counts,
      double sum,
      TextFormat format,
      PageBuffer page) {
    if (metric.kind() != Metric.Kind.HISTOGRAM
        || counts.length != bounds.length + 1
        || labels.size() != metric.labels().size()) {
      throw new IllegalArgumentException(
          "%s of %d bounds, %d counts and %d labels is no histogram"
              .formatted(metric, bounds.length, counts.length, labels.size()));
    }
    byte[] own = LineParts.labels(metric.labels(), labels);
    page.append(LineParts.header(metric, format));
    String name = metric.familyName();
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      all += counts[i];
      page.append(name + "_bucket{");
      page.append(own);
      page.append(
          (own.length == 0 ? "le=\"" : ",le=\"")
              + (i < bounds.length ? bounds[i] : "+Inf")
              + "\"} ");
      page.appendWhole(all);
      page.append('\n');
    }
    append(name + "_count", own, page);
    page.appendWhole(all);
    page.append('\n');
    append(name + "_sum", own, page);
    page.append(sum);
    page.append('\n');
  }

  private static void append(String name, byte[] own, PageBuffer page) {
    page.append(name);
    if (own.length > 0) {
      page.append("{");
      page.append(own);
      page.append("}");
    }
    page.append(' ');
  }
}
