package io.millwright.agent.uplink;

import java.util.UUID;

/**
 * Where the collector is, and who speaks.
 *
 * @param host of the collector, as its certificate names it
 * @param node name of this node, as its certificate has it
 * @param bootId of the kernel's present boot
 * @param version of the agent
 */
public record UplinkOptions(String host, int port, String node, UUID bootId, String version) {}
