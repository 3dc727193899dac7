package io.millwright.collector.rest;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The names by which this port is asked for. A web page from elsewhere that has its own name point
 * here is refused by the header {@code Host}, and one that asks from its own place by {@code
 * Origin}.
 */
final class KnownHosts {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> names;

  /**
   * @param names further names and addresses, without port
   */
  KnownHosts(Set<String> names) {
    this.names =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .map(name -> name.indexOf(':') < 0 ? name : "[" + name + "]")
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The problem of a request that is not for us; empty where it is. */
  Optional<Answer> foreign(HttpRequest request) {
    String host = request.headers().get(HttpHeaderNames.HOST, "");
    if (!known(host)) {
      return Optional.of(
          Answer.problem(
              421,
              "Host: '%s' is no name of this collector; it answers to localhost and what --host names."
                  .formatted(printable(host))));
    }
    String origin = request.headers().get(HttpHeaderNames.ORIGIN, "");
    return origin.isEmpty() || origin.endsWith("://" + host)
        ? Optional.empty()
        : Optional.of(
            Answer.problem(
                403,
                "Origin: '%s' is another place than this collector.".formatted(printable(origin))));
  }

  private boolean known(String host) {
    String name = host.replaceFirst(":[0-9]{1,5}$", "").toLowerCase(Locale.ROOT);
    return LOOPBACK.contains(name) || names.contains(name);
  }

  private static String printable(String given) {
    String cut = given.length() > 80 ? given.substring(0, 80) + "…" : given;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
