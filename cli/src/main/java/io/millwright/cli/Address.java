package io.millwright.cli;

import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;

/**
 * Where the collector is and how we may speak to it.
 *
 * @param url without a slash at its end
 * @param origin who named it, as in {@code --collector}
 * @param token that it asks for; never shown
 */
record Address(String url, String origin, Optional<String> token) {

  @Override
  public String toString() {
    return url + " (" + origin + ")";
  }

  Address withToken(Optional<String> given) {
    return new Address(url, origin, given);
  }

  /** Whether nobody on the way could read what is sent. */
  boolean guarded() {
    URI uri = URI.create(url);
    return "https".equals(uri.getScheme()) || loopback(uri.getHost());
  }

  private static boolean loopback(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host.replaceAll("^\\[|\\]$", "")).isLoopbackAddress();
    } catch (IllegalArgumentException name) {
      return false;
    }
  }

  /** The address without the slashes at its end; empty where it is none that we can ask. */
  static Optional<String> checked(String given) {
    try {
      URI uri = URI.create(given.replaceFirst("/+$", ""));
      boolean usable =
          ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      return usable ? Optional.of(uri.toString()) : Optional.empty();
    } catch (IllegalArgumentException notUri) {
      return Optional.empty();
    }
  }

  /** The sentence about one that is none. */
  static String refusal(String origin, String given) {
    return "%s: '%s' is no address of a collector; allowed is as in http://127.0.0.1:9461"
        .formatted(origin, given);
  }
}
