package io.millwright.protocol.vocabulary.job;

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

  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

  /**
   * Addresses of one machine, as a regular expression; neither that of all machines, nor of a
   * group, nor of an IPv6 link, which needs the name of an interface.
   */
  public static final String ADDRESS =
      "(?!(?:0\\.0\\.0\\.0|[0:]+)$|22[4-9]\\.|23[0-9]\\.|[Ff][Ff]|[Ff][Ee][89AaBb])"
          + "(?:(?:OCTET\\.){3}OCTET|(?=.*:.*:)[0-9A-Fa-f:]{2,39})".replace("OCTET", OCTET);

  private static final Pattern FORM = Pattern.compile(ADDRESS);

  public Rendezvous {
    Wording.matching("group.address", address, FORM, "an IPv4 or IPv6 address");
    Wording.between("group.port", port, FIRST_PORT, FIRST_PORT + 2L * PAIRS - 2);
    if (port % 2 != 0) {
      throw Wording.refused("group.port", Integer.toString(port), "an even number");
    }
  }

  /** Whether processes of other nodes can be told of such an address. */
  public static boolean isAddress(String text) {
    return FORM.matcher(text).matches();
  }

  /** Whether it means another machine on each machine. */
  public static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1") || address.equals("0:0:0:0:0:0:0:1");
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
