package io.millwright.collector.export;

import io.millwright.collector.fleet.NodeState;

/**
 * Whose samples they are.
 *
 * @param version of the node's agent; empty where it never said one
 */
record Source(String node, String version) {
  static Source of(NodeState node) {
    return new Source(node.name(), node.agentVersion());
  }
}
