package io.millwright.collector.export;

import io.millwright.protocol.vocabulary.Metric;
import java.util.Map;

/** The protocols by which samples leave, and how each is called. */
public enum Format {
  REMOTE_WRITE(
      "remote write",
      "remote-write",
      "remote_write",
      "/api/v1/write",
      new Families(
          Metric.COLLECTOR_REMOTE_WRITE_LAG_SECONDS,
          Metric.COLLECTOR_REMOTE_WRITE_SAMPLES_TOTAL,
          Metric.COLLECTOR_REMOTE_WRITE_RETRIES_TOTAL,
          Metric.COLLECTOR_REMOTE_WRITE_QUEUE_BYTES,
          Metric.COLLECTOR_REMOTE_WRITE_BACKFILLED_SAMPLES_TOTAL)),
  OTLP(
      "OTLP",
      "otlp",
      "otlp",
      "/v1/metrics",
      new Families(
          Metric.COLLECTOR_OTLP_LAG_SECONDS,
          Metric.COLLECTOR_OTLP_SAMPLES_TOTAL,
          Metric.COLLECTOR_OTLP_RETRIES_TOTAL,
          Metric.COLLECTOR_OTLP_QUEUE_BYTES,
          Metric.COLLECTOR_OTLP_BACKFILLED_SAMPLES_TOTAL));

  private final String words;
  private final String file;
  private final String queue;
  private final String path;
  private final Families families;

  /** Those of the collector's own that tell of it. */
  record Families(Metric lag, Metric samples, Metric retries, Metric bytes, Metric backfilled) {}

  Format(String words, String file, String queue, String path, Families families) {
    this.words = words;
    this.file = file;
    this.queue = queue;
    this.path = path;
    this.families = families;
  }

  /** As it stands in sentences. */
  public String words() {
    return words;
  }

  /** The name of the queue's file without its ending, and of the thread. */
  public String file() {
    return file;
  }

  /** Where samples of the present wait, in the collector's directory. */
  public String queueFile() {
    return file + ".db";
  }

  /** Where late samples wait, beside them. */
  public String lateQueueFile() {
    return file + "-late.db";
  }

  /** The label of the queue. */
  public String queue() {
    return queue;
  }

  /** Where receivers commonly take it. */
  String path() {
    return path;
  }

  Families families() {
    return families;
  }

  /**
   * @param external labels of the site
   */
  Encoding encoding(Map<String, String> external) {
    return switch (this) {
      case REMOTE_WRITE -> new RemoteWriteEncoding(external);
      case OTLP -> new OtlpEncoding(external);
    };
  }
}
