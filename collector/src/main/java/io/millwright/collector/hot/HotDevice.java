package io.millwright.collector.hot;

import io.millwright.protocol.exposition.LineParts;
import io.millwright.protocol.vocabulary.Metric;
import java.util.List;

/**
 * One accelerator in the columns.
 *
 * <p><i>Threading:</i> immutable.
 */
public final class HotDevice {
  private static final int NODE = 0;
  private static final int INDEX = 1;
  private static final int UUID = 2;

  private final List<String> labels;
  private final byte[] text;

  HotDevice(List<String> labels) {
    this.labels = List.copyOf(labels);
    this.text = LineParts.labels(Metric.Scope.ACCELERATOR.labels(), this.labels);
  }

  public String node() {
    return labels.get(NODE);
  }

  /** Number on its node. */
  public String index() {
    return labels.get(INDEX);
  }

  public String uuid() {
    return labels.get(UUID);
  }

  /** Whether it is a MIG instance, whose device is in the columns too. */
  public boolean instance() {
    return instance(labels);
  }

  static boolean instance(List<String> labels) {
    return labels.get(INDEX).contains(":");
  }

  /** The values of the labels of its scope. */
  List<String> labels() {
    return labels;
  }

  /** Its labels as a page has them, without braces; shared, so not to be written to. */
  public byte[] text() {
    return text;
  }
}
