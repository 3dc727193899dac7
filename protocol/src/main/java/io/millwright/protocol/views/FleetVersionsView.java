package io.millwright.protocol.views;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How the nodes of each agent version are, so that a roll-out can be judged; {@code GET
 * /v1/fleet?by=version}.
 *
 * @param versions the one of most nodes first
 */
public record FleetVersionsView(int schemaVersion, List<Version> versions) {
  public FleetVersionsView {
    versions = List.copyOf(versions);
  }

  /**
   * The nodes whose agent of the last session has this version. What is counted of a node counts
   * since this collector saw that version on it first, at the earliest since the collector's start.
   *
   * @param version as the agent tells it
   * @param nodesConnected nodes whose frames arrive, as in {@link FleetView}
   * @param nodesOk nodes with this verdict, as the following
   * @param acceleratorsUp devices that answer, of nodes that are connected
   * @param sinceMs when the first of its nodes began to have it
   * @param sessions that its nodes began; more than one a node are agents or connections that broke
   * @param events that its nodes told or caused
   * @param eventsPerNodeDay the same for a node and a day; absent before a node-hour is over
   * @param incidents that touch its nodes and were opened since
   * @param incidentsOpen incidents that are open and touch its nodes, whenever they were opened
   */
  public record Version(
      String version,
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
      long sinceMs,
      long sessions,
      long events,
      OptionalDouble eventsPerNodeDay,
      int incidents,
      int incidentsOpen) {}
}
