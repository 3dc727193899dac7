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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fleet as the planner sees it. */
final class FleetViews {
  private FleetViews() {}

  static List<NodeView> of(FleetState fleet, Downlink downlink, long nowNanos) {
    return fleet.nodes().values().stream().map(node -> view(node, downlink, nowNanos)).toList();
  }

  private static NodeView view(NodeState node, Downlink downlink, long nowNanos) {
    Standing standing = downlink.standing(node.name());
    return new NodeView(
        node.name(),
        presence(node, standing, downlink, nowNanos),
        standing instanceof Standing.Declines(String why)
            ? new Duty.Declining(why)
            : new Duty.InService(),
        devices(node),
        Topology.FLAT);
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

  /** A UUID that is told twice is nobody's. */
  static List<DeviceView> devices(NodeState node) {
    Map<String, DeviceView> devices = new LinkedHashMap<>();
    for (AcceleratorState device : node.accelerators()) {
      if (device.index().matches("[0-9]{1,3}")) {
        devices.putIfAbsent(device.uuid(), view(device));
      }
    }
    return List.copyOf(devices.values());
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
