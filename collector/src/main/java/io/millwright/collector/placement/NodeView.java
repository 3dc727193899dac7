package io.millwright.collector.placement;

import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * A node as the planner sees it.
 *
 * @param topology of its accelerators
 * @param tenancy whose jobs run there
 * @param location where it stands
 * @param contact where other nodes reach it
 * @param lacks why it takes no job that needs a capability, by the capability's word; none of those
 *     that it has
 */
public record NodeView(
    String name,
    Presence presence,
    Duty duty,
    List<DeviceView> devices,
    Topology topology,
    Tenancy tenancy,
    Location location,
    Contact contact,
    Map<String, String> lacks) {
  public NodeView {
    devices = List.copyOf(devices);
    lacks = Map.copyOf(lacks);
    if (new HashSet<>(devices.stream().map(DeviceView::uuid).toList()).size() != devices.size()) {
      throw new IllegalArgumentException(
          "devices of %s: a UUID is there twice; allowed is once".formatted(name));
    }
  }

  /** The same with another duty. */
  public NodeView with(Duty other) {
    return new NodeView(
        name, presence, other, devices, topology, tenancy, location, contact, lacks);
  }

  /** The same elsewhere. */
  public NodeView with(Location other) {
    return new NodeView(name, presence, duty, devices, topology, tenancy, other, contact, lacks);
  }

  /** The same with another tenancy. */
  NodeView with(Tenancy other) {
    return new NodeView(name, presence, duty, devices, topology, other, location, contact, lacks);
  }

  /** The same with these devices. */
  public NodeView with(List<DeviceView> others) {
    return new NodeView(name, presence, duty, others, topology, tenancy, location, contact, lacks);
  }

  /** A node that does all that a job may ask for around it. */
  public NodeView(
      String name,
      Presence presence,
      Duty duty,
      List<DeviceView> devices,
      Topology topology,
      Tenancy tenancy,
      Location location,
      Contact contact) {
    this(name, presence, duty, devices, topology, tenancy, location, contact, Map.of());
  }

  /** A node on which nobody's job runs. */
  public NodeView(
      String name, Presence presence, Duty duty, List<DeviceView> devices, Topology topology) {
    this(
        name,
        presence,
        duty,
        devices,
        topology,
        new Tenancy.Vacant(),
        Location.UNKNOWN,
        new Contact.None("where other nodes reach it was not said"));
  }
}
