package io.millwright.protocol.views;

import java.util.OptionalDouble;

/**
 * The fleet in a few numbers; {@code GET /v1/fleet}.
 *
 * @param simulated whether any node has simulated accelerators
 * @param verdict {@code ok}, {@code degraded}, {@code failed} or {@code unknown}; that of its worst
 *     node, unknown where there is none
 * @param nodesConnected nodes whose frames arrive
 * @param nodesStale nodes of which nothing came for some seconds
 * @param nodesLost nodes that have been silent for long
 * @param nodesOk nodes with this verdict, as the following
 * @param accelerators devices ever seen on a known node
 * @param acceleratorsUp devices that answer
 * @param acceleratorsOk devices with this verdict, as the following
 * @param powerWatts of the devices that tell their own power; absent where none does
 */
public record FleetView(
    int schemaVersion,
    boolean simulated,
    String verdict,
    int nodes,
    int nodesConnected,
    int nodesStale,
    int nodesLost,
    int nodesOk,
    int nodesDegraded,
    int nodesFailed,
    int nodesUnknown,
    int accelerators,
    int acceleratorsUp,
    int acceleratorsOk,
    int acceleratorsDegraded,
    int acceleratorsFailed,
    int acceleratorsUnknown,
    OptionalDouble powerWatts) {}
