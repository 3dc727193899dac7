package io.millwright.collector.placement;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * A node as the planner sees it.
 *
 * @param topology of its accelerators
 * @param tenancy whose jobs run there
 * @param location where it stands
 * @param contact where other nodes reach it
 * @param checkless why it takes no job with checks; empty where it does
 * @param secretless why it takes no job with secrets; empty where it does
 * @param leaseless why it takes no job that ends with its lease; empty where it does
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
    Optional<String> checkless,
    Optional<String> secretless,
    Optional<String> leaseless) {
  public NodeView {
    devices = List.copyOf(devices);
    if (new HashSet<>(devices.stream().map(DeviceView::uuid).toList()).size() != devices.size()) {
      throw new IllegalArgumentException(
          "devices of %s: a UUID is there twice; allowed is once".formatted(name));
    }
  }

  /** The same with another duty. */
  public NodeView with(Duty other) {
    return new NodeView(
        name,
        presence,
        other,
        devices,
        topology,
        tenancy,
        location,
        contact,
        checkless,
        secretless,
        leaseless);
  }

  /** The same elsewhere. */
  public NodeView with(Location other) {
    return new NodeView(
        name,
        presence,
        duty,
        devices,
        topology,
        tenancy,
        other,
        contact,
        checkless,
        secretless,
        leaseless);
  }

  /** The same with another tenancy. */
  NodeView with(Tenancy other) {
    return new NodeView(
        name,
        presence,
        duty,
        devices,
        topology,
        other,
        location,
        contact,
        checkless,
        secretless,
        leaseless);
  }

  /** The same with these devices. */
  public NodeView with(List<DeviceView> others) {
    return new NodeView(
        name,
        presence,
        duty,
        others,
        topology,
        tenancy,
        location,
        contact,
        checkless,
        secretless,
        leaseless);
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
    this(
        name,
        presence,
        duty,
        devices,
        topology,
        tenancy,
        location,
        contact,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
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
