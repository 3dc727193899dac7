package io.millwright.agent.page;

import io.millwright.agent.dialect.Dialect;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How the page is served.
 *
 * @param listen address and port; port 0 takes any free one
 * @param maxConnections open at once; whoever comes beyond is told so and let go
 * @param requestTimeout until a new connection has sent its request, and until a response has been
 *     taken off our hands
 * @param idleTimeout until a kept connection has sent its next request
 * @param dialects pages of other exporters that are served too
 */
public record PageOptions(
    InetSocketAddress listen,
    int maxConnections,
    Duration requestTimeout,
    Duration idleTimeout,
    List<Dialect> dialects) {
  public PageOptions {
    dialects = List.copyOf(dialects);
    if (maxConnections < 1) {
      throw new IllegalArgumentException("maxConnections must be at least 1: " + maxConnections);
    }
    requirePositive("requestTimeout", requestTimeout);
    requirePositive("idleTimeout", idleTimeout);
  }

  private static void requirePositive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException(name + " must be positive: " + duration);
    }
  }
}
