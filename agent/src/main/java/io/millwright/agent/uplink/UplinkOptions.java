package io.millwright.agent.uplink;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Where the collector is, and who speaks.
 *
 * @param host of the collector of the configuration, as its certificate names it
 * @param node name of this node, as its certificate has it
 * @param bootId of the kernel's present boot
 * @param version of the agent
 * @param address where processes of other nodes reach those of this one; empty where the site did
 *     not say
 * @param hardware by what this machine is known again; empty where nothing is known of it
 * @param mode who gives the devices out, as in {@code assist}; empty where that is not told
 * @param source address of this machine that the connection is made from; empty for whichever the
 *     kernel takes
 */
public record UplinkOptions(
    String host,
    int port,
    String node,
    UUID bootId,
    String version,
    String address,
    List<String> hardware,
    String mode,
    Optional<InetAddress> source) {
  public UplinkOptions {
    hardware = List.copyOf(hardware);
  }

  /** That does not tell who gives the devices out. */
  public UplinkOptions(
      String host,
      int port,
      String node,
      UUID bootId,
      String version,
      String address,
      List<String> hardware,
      Optional<InetAddress> source) {
    this(host, port, node, bootId, version, address, hardware, "", source);
  }

  /** From whichever address the kernel takes. */
  public UplinkOptions(
      String host,
      int port,
      String node,
      UUID bootId,
      String version,
      String address,
      List<String> hardware) {
    this(host, port, node, bootId, version, address, hardware, Optional.empty());
  }

  /** Of a node whose site did not say an address, and that says nothing of its machine. */
  public UplinkOptions(String host, int port, String node, UUID bootId, String version) {
    this(host, port, node, bootId, version, "", List.of());
  }
}
