package io.millwright.collector.ingest;

import io.millwright.protocol.vocabulary.job.Term;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How the agents' port is served.
 *
 * @param collectorId told to the agents
 * @param site whose nodes are taken
 * @param term of this start of the collector
 * @param interval at which agents send samples
 */
public record IngestOptions(
    InetSocketAddress listen, String collectorId, String site, Term term, Duration interval) {}
