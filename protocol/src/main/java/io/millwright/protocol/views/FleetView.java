package io.millwright.protocol.views;

import java.util.OptionalDouble;

/**
 * The fleet in a few numbers; {@code GET /v1/fleet}.
 *
 * @param simulated whether any node has simulated accelerators
 * @param nodesConnected nodes whose frames arrive
 * @param nodesStale nodes of which nothing came for some seconds
 * @param nodesLost nodes that have been silent for long
 * @param accelerators devices ever seen on a known node
 * @param acceleratorsUp devices that answer
 * @param powerWatts of the devices that tell their own power; absent where none does
 */
public record FleetView(
    int schemaVersion,
    boolean simulated,
    int nodes,
    int nodesConnected,
    int nodesStale,
    int nodesLost,
    int accelerators,
    int acceleratorsUp,
    OptionalDouble powerWatts) {}
