package io.millwright.protocol.vocabulary.job;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the processes of a run over several nodes meet: two ports of the first member's node.
 *
 * @param address IPv4 or IPv6 address of that node, without brackets; never a name
 * @param port of the launcher that the job brings, such as torchrun's; even, and the next one is
 *     that of the accelerators' own runtime
 */
public record Rendezvous(String address, int port) {
  /** Above the ports that Linux gives out by itself (ip(7)), and those of runs on one node. */
  public static final int FIRST_PORT = 61_200;

  /** How many pairs of ports there are. */
  public static final int PAIRS = 1_900;

  /** What an address may be, as a noun. */
  public static final String ALLOWED =
      "the IPv4 or IPv6 address of one machine, not multicast, link-local, broadcast or 0.0.0.0";

  private static final int IPV4_BYTES = 4;
  private static final byte[] BROADCAST = {-1, -1, -1, -1};

  /** Digits of four numbers, or of an IPv6 address without the name of an interface. */
  private static final Pattern LITERAL =
      Pattern.compile(
          "(?:OCTET\\.){3}OCTET|(?=.*:)[0-9A-Fa-f:]{2,39}"
              .replace("OCTET", "(?:0|[1-9][0-9]{0,2})"));

  public Rendezvous {
    if (!isAddress(address)) {
      throw Wording.refused("group.address", address, ALLOWED);
    }
    Wording.between("group.port", port, FIRST_PORT, FIRST_PORT + 2L * PAIRS - 2);
    if (port % 2 != 0) {
      throw Wording.refused("group.port", Integer.toString(port), "an even number");
    }
  }

  /**
   * Whether it is the address of one machine, so that processes of other nodes can be told of it:
   * neither that of all machines, nor of a group, nor of a link, which needs the name of an
   * interface. No name is ever looked up.
   */
  public static boolean isAddress(String text) {
    return parsed(text).filter(Rendezvous::isOfOne).isPresent();
  }

  /** Whether it means another machine on each machine. */
  public static boolean isLoopback(String address) {
    return parsed(address).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private static Optional<InetAddress> parsed(String text) {
    if (!LITERAL.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      boolean wide = text.indexOf(':') >= 0;
      return Optional.of(InetAddress.ofLiteral(text))
          .filter(address -> wide == (address.getAddress().length > IPV4_BYTES)); // no mapped one
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  private static boolean isOfOne(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean ofThisNetwork =
        bytes.length == IPV4_BYTES && bytes[0] == 0; // with that of all machines
    boolean broadcast = bytes.length == IPV4_BYTES && Arrays.equals(bytes, BROADCAST);
    return !ofThisNetwork
        && !broadcast
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress();
  }

  /** The n-th pair of ports, counted from any number. */
  public static Rendezvous of(String address, long n) {
    return new Rendezvous(address, FIRST_PORT + 2 * (int) Math.floorMod(n, (long) PAIRS));
  }

  /** Of the accelerators' own runtime, as in {@code 10.0.0.7:61201}. */
  public String runtime() {
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + (port + 1);
  }
}
