package io.millwright.collector;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * How a collector is run.
 *
 * @param http where people and programs ask
 * @param uplink where agents connect
 * @param credentials directory of the collector's certificate, its key and the site's authority
 * @param data directory of the store; made where it is not there
 * @param tokens file of the tokens for {@code http}; without one nobody may change anything
 * @param hosts further names by which {@code http} is asked for
 */
public record CollectorOptions(
    InetSocketAddress http,
    InetSocketAddress uplink,
    Path credentials,
    Path data,
    Optional<Path> tokens,
    Set<String> hosts) {
  public CollectorOptions {
    hosts = Set.copyOf(hosts);
  }
}
