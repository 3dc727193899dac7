package io.millwright.collector.placement;

import java.util.OptionalInt;

/**
 * What of an accelerator counts for how good a choice it is. In steps, so that a reading that moves
 * a little changes nothing; what was not told is empty.
 *
 * @param numaNode of the host that is nearest to it
 * @param switched whether it has joined a fabric of NVLink switches, behind which every pair is
 *     equally near
 * @param healthTenths from 0 to 10: 10 where nothing speaks against it
 * @param headroomTenths from 0 to 10: how far it is from being slowed down by heat or by a limit of
 *     its power
 * @param adapterTenths how near the nearest fabric adapter is that has an active port: 10 behind
 *     the same PCIe switch, 5 at the same NUMA node, 0 where none is near
 */
public record Traits(
    OptionalInt numaNode,
    boolean switched,
    OptionalInt healthTenths,
    OptionalInt headroomTenths,
    OptionalInt adapterTenths) {
  public static final Traits UNTOLD =
      new Traits(OptionalInt.empty(), false, OptionalInt.empty(), OptionalInt.empty());

  /** At and below it a device is degraded. */
  private static final int DEGRADED = 5;

  public Traits {
    tenths("health", healthTenths);
    tenths("headroom", headroomTenths);
    tenths("adapter", adapterTenths);
  }

  /** Of one of whose adapters nothing is told. */
  public Traits(
      OptionalInt numaNode,
      boolean switched,
      OptionalInt healthTenths,
      OptionalInt headroomTenths) {
    this(numaNode, switched, healthTenths, headroomTenths, OptionalInt.empty());
  }

  private static void tenths(String what, OptionalInt value) {
    if (value.isPresent() && (value.getAsInt() < 0 || value.getAsInt() > 10)) {
      throw new IllegalArgumentException(
          "%s: '%d' is refused; allowed is from 0 to 10".formatted(what, value.getAsInt()));
    }
  }

  boolean degraded() {
    return healthTenths.isPresent() && healthTenths.getAsInt() <= DEGRADED;
  }
}
