package io.millwright.collector.self;

import io.millwright.protocol.exposition.HistogramText;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How long something took, each time, as a histogram of the collector's page.
 *
 * <p><i>Lifecycle:</i> counts from the start. <i>Threading:</i> any thread, none waits.
 * <i>Failure:</i> none; what is below 0 counts as 0.
 */
public final class Durations {
  private final Metric metric;
  private final List<String> labels;
  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * @param metric a histogram without labels
   * @param bounds upper bounds of the buckets in seconds, rising
   */
  public Durations(Metric metric, double... bounds) {
    this(metric, List.of(), bounds);
  }

  /**
   * With labels.
   *
   * @param labels their values
   */
  public Durations(Metric metric, List<String> labels, double... bounds) {
    this.metric = metric;
    this.labels = List.copyOf(labels);
    this.bounds = bounds.clone();
    this.counts =
        Stream.generate(LongAdder::new).limit(bounds.length + 1L).toArray(LongAdder[]::new);
  }

  /** Once more, in so many seconds. */
  public void took(double seconds) {
    double positive = Math.max(0, seconds);
    int found = Arrays.binarySearch(bounds, positive);
    counts[found >= 0 ? found : -found - 1].increment();
    sum.add(positive);
  }

  /** Appends what was counted as a part of a page. */
  public void write(TextFormat format, PageBuffer page) {
    long[] now = Arrays.stream(counts).mapToLong(LongAdder::sum).toArray();
    HistogramText.write(metric, labels, bounds, now, sum.sum(), format, page);
  }
}
