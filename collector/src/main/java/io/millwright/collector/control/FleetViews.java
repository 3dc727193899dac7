package io.millwright.collector.control;

import io.millwright.collector.downlink.Downlink;
import io.millwright.collector.downlink.Standing;
import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.placement.Condition;
import io.millwright.collector.placement.DeviceView;
import io.millwright.collector.placement.Duty;
import io.millwright.collector.placement.NodeView;
import io.millwright.collector.placement.Presence;
import io.millwright.collector.placement.Topology;
import io.millwright.protocol.vocabulary.job.DeviceKind;
import java.time.Duration;
import java.util.List;
import java.util.function.ToIntFunction;

/** The fleet as the planner sees it. */
final class FleetViews {
  /** As many as a policy allows that does not say otherwise; their desired state fits a session. */
  private static final int MOST_RUNS = 64;

  private static final String UUID = "[\\x21-\\x7e]{1,96}";

  private FleetViews() {}

  /**
   * @param runs how many runs a node has
   */
  static List<NodeView> of(
      FleetState fleet, Downlink downlink, ToIntFunction<String> runs, long nowNanos) {
    return fleet.nodes().values().stream()
        .map(node -> view(node, downlink, runs.applyAsInt(node.name()), nowNanos))
        .toList();
  }

  private static NodeView view(NodeState node, Downlink downlink, int runs, long nowNanos) {
    Standing standing = downlink.standing(node.name());
    return new NodeView(
        node.name(),
        presence(node, standing, downlink, nowNanos),
        duty(standing, runs),
        devices(node),
        Topology.FLAT);
  }

  private static Duty duty(Standing standing, int runs) {
    if (standing instanceof Standing.Declines(String why)) {
      return new Duty.Declining(why);
    }
    return runs < MOST_RUNS
        ? new Duty.InService()
        : new Duty.Declining("%d runs, as many as a node gets".formatted(runs));
  }

  /** What was seen before this session says nothing of what is there now. */
  private static Presence presence(
      NodeState node, Standing standing, Downlink downlink, long nowNanos) {
    Link link = node.link(nowNanos);
    if (link == Link.LOST || downlink.openedNanos(node.name()).isEmpty()) {
      return new Presence.Lost(Duration.ofNanos(nowNanos - node.arrivedNanos()));
    }
    boolean seen = node.arrivedNanos() - downlink.openedNanos(node.name()).getAsLong() > 0;
    return link == Link.CONNECTED && seen && !(standing instanceof Standing.Away)
        ? new Presence.Connected()
        : new Presence.Returning();
  }

  /** A device with a name that cannot be granted is left out. */
  static List<DeviceView> devices(NodeState node) {
    return node.accelerators().stream()
        .filter(device -> device.index().matches("[0-9]{1,3}") && device.uuid().matches(UUID))
        .map(FleetViews::view)
        .toList();
  }

  private static DeviceView view(AcceleratorState device) {
    return new DeviceView(
        device.uuid(),
        Integer.parseInt(device.index()),
        device.vendor().equals("aws") ? DeviceKind.NEURON : DeviceKind.GPU,
        device.up()
            ? new Condition.Fit()
            : new Condition.Unfit(
                device.stuckCall().map(call -> call + " does not return").orElse("down")));
  }
}
