package io.millwright.collector.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Prometheus Remote-Write 1.0. The key of a series is its labels, fields 1 of a TimeSeries, sorted
 * by name, without those whose value is empty.
 */
final class RemoteWriteEncoding implements Encoding {
  private final Map<String, String> external;

  /**
   * @param external labels of the site, which give way to those of a series
   */
  RemoteWriteEncoding(Map<String, String> external) {
    this.external = external;
  }

  @Override
  public byte[] key(Series series) {
    SortedMap<String, String> labels = new TreeMap<>(external);
    List<String> names = series.metric().labels();
    for (int i = 0; i < names.size(); i++) {
      labels.put(names.get(i), series.labelValues().get(i));
    }
    if (series.simulated()) {
      labels.put("simulated", "true");
    }
    labels.put("__name__", series.metric().familyName());
    Proto proto = new Proto(256);
    labels.forEach((name, value) -> {
      if (!value.isEmpty()) {
        Proto label = new Proto(128);
        label.text(1, name);
        label.text(2, value);
        proto.message(1, label);
      }
    });
    return proto.bytes();
  }

  @Override
  public boolean counts(Metric metric) {
    return false;
  }

  @Override
  public Request request() {
    return new WriteRequest();
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("Content-Encoding", "snappy", "X-Prometheus-Remote-Write-Version", "0.1.0");
  }

  /**
   * What is wrong with a request's content will be so for ever (400, 409, 413, 422 and whatever
   * else of the 4xx says so); what is wrong with the address, the credentials or the receiver can
   * be mended by people, and the samples wait for that.
   */
  @Override
  public Answer answer(int status, byte[] body, Optional<Duration> after) {
    if (status / 100 == 2) {
      return Answer.TAKEN;
    }
    String why = Answer.status(status, new String(body, UTF_8));
    return switch (status) {
      case 429 -> new Answer.Again(why, true, after);
      case 401, 403, 404, 405, 407, 408 -> new Answer.Again(why, false, after);
      default -> status / 100 == 4 ? new Answer.Refused(why) : new Answer.Again(why, false, after);
    };
  }
}
