package io.millwright.collector.placement;

import io.millwright.protocol.vocabulary.job.DeviceKind;
import io.millwright.protocol.vocabulary.job.MigProfile;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All of a node that decides whether and how well it takes a job, but for where it stands: nodes of
 * one shape get the same answer.
 *
 * @param contactless why other nodes cannot be told of it; empty where they can
 * @param loopback whether it is known by an address that no other machine reaches
 * @param lacks why it takes no job that needs a capability, by the capability's word
 */
record Shape(
    Presence presence,
    Duty duty,
    Tenancy tenancy,
    Topology topology,
    Optional<String> contactless,
    boolean loopback,
    Map<String, String> lacks,
    List<Slot> slots) {

  /** An accelerator without its name. */
  record Slot(
      int index,
      DeviceKind kind,
      Condition condition,
      Traits traits,
      Optional<MigProfile> profile,
      boolean taken) {
    Slot plain() {
      return new Slot(index, kind, condition, Traits.UNTOLD, profile, taken);
    }
  }

  Shape {
    slots = List.copyOf(slots);
  }

  /**
   * @param taken UUIDs of its devices that may not be given
   */
  static Shape of(NodeView node, Set<String> taken) {
    return new Shape(
        node.presence(),
        node.duty(),
        node.tenancy(),
        node.topology(),
        switch (node.contact()) {
          case Contact.At at -> Optional.empty();
          case Contact.None(String why) -> Optional.of(why);
        },
        node.contact() instanceof Contact.At at && at.loopback(),
        node.lacks(),
        node.devices().stream()
            .map(device ->
                new Slot(
                    device.index(),
                    device.kind(),
                    device.condition(),
                    device.traits(),
                    device.profile(),
                    taken.contains(device.uuid())))
            .toList());
  }

  /**
   * Whether no job may come to the later one that may not come to this, though some like it less.
   */
  boolean takesAll(Shape later) {
    return plain(duty).equals(later.plain(nearer(later.duty) ? duty : later.duty));
  }

  /** Whether it is the same maintenance, and not further off. */
  private boolean nearer(Duty later) {
    return duty instanceof Duty.Closing(Duration before, boolean wasNear, String same)
        && later instanceof Duty.Closing(Duration left, boolean near, String what)
        && same.equals(what)
        && wasNear == near
        && left.compareTo(before) <= 0;
  }

  private Shape plain(Duty as) {
    return new Shape(
        presence,
        as,
        tenancy,
        topology,
        contactless,
        loopback,
        lacks,
        slots.stream().map(Slot::plain).toList());
  }

  /** Whether any job at all may come. */
  boolean open() {
    return open(presence, duty);
  }

  /** Whether any job at all may come to such a node. */
  static boolean open(Presence presence, Duty duty) {
    boolean serves =
        switch (duty) {
          case Duty.InService(), Duty.Closing _ -> true;
          case Duty.Cordoned _, Duty.Withdrawn _, Duty.Declining _ -> false;
        };
    return serves && presence instanceof Presence.Connected;
  }

  /** How many whole accelerators of each kind are fit and not taken. */
  Map<DeviceKind, Integer> free() {
    Map<DeviceKind, Integer> free = new EnumMap<>(DeviceKind.class);
    for (DeviceKind kind : DeviceKind.values()) {
      free.put(kind, 0);
    }
    for (Slot slot : slots) {
      if (!slot.taken() && slot.profile().isEmpty() && slot.condition() instanceof Condition.Fit) {
        free.merge(slot.kind(), 1, Integer::sum);
      }
    }
    return free;
  }
}
