package io.millwright.agent.uplink;

import java.net.InetAddress;
import java.util.Optional;
import java.util.UUID;

/**
 * Where the collector is, and who speaks.
 *
 * @param host of the collector, as its certificate names it
 * @param node name of this node, as its certificate has it
 * @param bootId of the kernel's present boot
 * @param version of the agent
 * @param address where processes of other nodes reach those of this one; empty where the site did
 *     not say
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
    Optional<InetAddress> source) {

  /** From whichever address the kernel takes. */
  public UplinkOptions(
      String host, int port, String node, UUID bootId, String version, String address) {
    this(host, port, node, bootId, version, address, Optional.empty());
  }

  /** Of a node whose site did not say an address. */
  public UplinkOptions(String host, int port, String node, UUID bootId, String version) {
    this(host, port, node, bootId, version, "", Optional.empty());
  }
}
