package io.millwright.protocol.tls;

import java.net.Inet6Address;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of a machine and a port. Nothing is resolved here: a name stays a name.
 *
 * @param host IPv4 or IPv6 literal without brackets, or a host name
 * @param port 0 to 65535; 0 lets the system choose
 */
public record HostPort(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]{2,45})]|([A-Za-z0-9.-]{1,253})):([0-9]{1,5})");
  private static final Pattern DOTTED = Pattern.compile("[0-9.]+");
  private static final Pattern OCTETS =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");
  private static final Pattern NAME =
      Pattern.compile(
          "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
              + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

  public HostPort {
    if (host.isEmpty() || port < 0 || port > 65535) {
      throw new IllegalArgumentException("not an address and a port: " + host + " port " + port);
    }
  }

  /** Reads {@code host:port} or {@code [v6]:port}; empty when the text is neither. */
  public static Optional<HostPort> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    int port = Integer.parseInt(form.group(3));
    boolean six = form.group(1) != null;
    String host = form.group(six ? 1 : 2);
    if (port > 65535 || !(six ? isSix(host) : isFourOrName(host))) {
      return Optional.empty();
    }
    return Optional.of(new HostPort(host, port));
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
  }

  private static boolean isSix(String host) {
    try {
      Inet6Address.ofLiteral(host);
      return true;
    } catch (IllegalArgumentException notSix) {
      return false;
    }
  }

  private static boolean isFourOrName(String host) {
    Pattern wanted = DOTTED.matcher(host).matches() ? OCTETS : NAME;
    return wanted.matcher(host).matches();
  }
}
