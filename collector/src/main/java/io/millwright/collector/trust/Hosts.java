package io.millwright.collector.trust;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The names and addresses by which a collector is reached. */
final class Hosts {
  static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1");

  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}$)(?!.*\\.[0-9]+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
              + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

  private Hosts() {}

  /** A host name or an address; an {@link IllegalArgumentException} where it is none. */
  static String checked(String given) {
    if (isAddress(given) || NAME.matcher(given).matches()) {
      return given;
    }
    throw new IllegalArgumentException(
        "host: '%s' is refused; allowed is a host name or an address without port, as in collector.example.org or 192.0.2.7"
            .formatted(given.replaceAll("\\p{Cntrl}", "?")));
  }

  /** These and the loopback ones, each once. */
  static List<String> withLoopback(List<String> hosts) {
    Set<String> all = new LinkedHashSet<>(hosts);
    all.addAll(LOOPBACK);
    return List.copyOf(all);
  }

  /** Whether only this machine reaches it by that. */
  static boolean isLoopback(String host) {
    return host.equals("localhost")
        || (isAddress(host) && InetAddress.ofLiteral(host).isLoopbackAddress());
  }

  private static boolean isAddress(String given) {
    try {
      return given.indexOf('%') < 0 && !InetAddress.ofLiteral(given).getHostAddress().isEmpty();
    } catch (IllegalArgumentException name) {
      return false;
    }
  }
}
