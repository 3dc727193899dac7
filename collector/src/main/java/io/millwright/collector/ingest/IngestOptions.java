package io.millwright.collector.ingest;

import io.millwright.protocol.vocabulary.job.Term;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How the agents' port is served.
 *
 * @param collectorId told to the agents
 * @param site whose nodes are taken
 * @param term of this start of the collector
 * @param interval at which agents send samples
 * @param elsewhere {@code HOST:PORT} of other collectors, where agents go on while this one is
 *     stopped, best first; up to {@link #MOST_ELSEWHERE}
 */
public record IngestOptions(
    InetSocketAddress listen,
    String collectorId,
    String site,
    Term term,
    Duration interval,
    List<String> elsewhere) {
  /** As many as a GOAWAY holds. */
  public static final int MOST_ELSEWHERE = 8;

  public IngestOptions {
    elsewhere = List.copyOf(elsewhere);
  }

  /** Of a collector whose agents wait for it. */
  public IngestOptions(
      InetSocketAddress listen, String collectorId, String site, Term term, Duration interval) {
    this(listen, collectorId, site, term, interval, List.of());
  }
}
