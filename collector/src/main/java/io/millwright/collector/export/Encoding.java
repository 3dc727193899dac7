package io.millwright.collector.export;

import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** How samples stand in the requests of one protocol, and what its answers mean. */
interface Encoding {

  /** What a request says of a series besides its samples; two of the same key are one series. */
  byte[] key(Series series);

  /** Whether a sample of it says since when it has counted. */
  boolean counts(Metric metric);

  /** An empty one. */
  Request request();

  /** Of each request, besides its credentials. */
  Map<String, String> headers();

  /**
   * What an answer means.
   *
   * @param after how long the receiver asks to be left alone
   */
  Answer answer(int status, byte[] body, Optional<Duration> after);

  /** One request that is being made. */
  interface Request {
    void add(Source source, Point point);

    int samples();

    /** Bytes before compression, about. */
    int size();

    /** When the oldest of its samples was taken, in wall milliseconds. */
    long oldestMs();

    /** The body of the request; this one is empty then. */
    byte[] finish();
  }
}
