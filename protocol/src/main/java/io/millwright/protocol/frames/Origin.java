package io.millwright.protocol.frames;

import java.util.UUID;

/**
 * Who speaks.
 *
 * @param node name of the node; it must be the one of the certificate
 * @param bootId of the kernel's present boot
 * @param incarnation random, of this start of the agent
 * @param version of the agent's package
 */
public record Origin(String node, UUID bootId, long incarnation, String version) {
  private static final int LONGEST_NODE = 253;
  private static final int LONGEST_VERSION = 64;

  public Origin {
    Bounds.text("node", node, LONGEST_NODE);
    Bounds.text("agent version", version, LONGEST_VERSION);
  }
}
