package io.millwright.protocol.vocabulary.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
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

  private static final Pattern IPV4 =
      Pattern.compile("(?:OCTET\\.){3}OCTET".replace("OCTET", "(?:0|[1-9][0-9]{0,2})"));
  private static final Pattern IPV6_GROUP = Pattern.compile("[0-9A-Fa-f]{1,4}");
  private static final int OCTETS = 4;
  private static final int GROUPS = 8;

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
    return isOfOne(parsed(text));
  }

  /** Whether it means another machine on each machine. */
  public static boolean isLoopback(String address) {
    int[] parts = parsed(address);
    return parts.length == OCTETS
        ? parts[0] == 127
        : parts.length == GROUPS && parts[GROUPS - 1] == 1 && zeros(parts) == GROUPS - 1;
  }

  /** Four octets, or eight groups (RFC 4291, 2.2), or nothing where it is neither. */
  private static int[] parsed(String text) {
    if (IPV4.matcher(text).matches()) {
      int[] octets =
          Pattern.compile("\\.").splitAsStream(text).mapToInt(Integer::parseInt).toArray();
      return Arrays.stream(octets).allMatch(octet -> octet <= 255) ? octets : new int[0];
    }
    String[] halves = text.split("::", -1);
    List<String> head = groups(halves[0]);
    List<String> tail = halves.length == 2 ? groups(halves[1]) : List.of();
    int missing = GROUPS - head.size() - tail.size();
    boolean whole = halves.length == 1 ? missing == 0 : halves.length == 2 && missing > 0;
    if (!whole) {
      return new int[0];
    }
    List<String> all = new ArrayList<>(head);
    all.addAll(Collections.nCopies(missing, "0"));
    all.addAll(tail);
    return all.stream().allMatch(group -> IPV6_GROUP.matcher(group).matches())
        ? all.stream().mapToInt(group -> Integer.parseInt(group, 16)).toArray()
        : new int[0];
  }

  private static List<String> groups(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(":", -1));
  }

  /** How many it begins with. */
  private static int zeros(int[] parts) {
    int count = 0;
    while (count < parts.length && parts[count] == 0) {
      count++;
    }
    return count;
  }

  private static boolean isOfOne(int[] parts) {
    int first = parts.length == 0 ? 0 : parts[0];
    if (parts.length == OCTETS) {
      boolean broadcast = Arrays.stream(parts).allMatch(octet -> octet == 255);
      boolean multicast = first >= 224 && first < 240;
      boolean linkLocal = first == 169 && parts[1] == 254;
      return first != 0 && !broadcast && !multicast && !linkLocal;
    }
    boolean multicast = (first & 0xff00) == 0xff00;
    boolean linkLocal = (first & 0xffc0) == 0xfe80;
    boolean mapped = zeros(parts) == 5 && parts[5] == 0xffff; // an IPv4 address in disguise
    return parts.length == GROUPS && zeros(parts) < GROUPS && !multicast && !linkLocal && !mapped;
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
