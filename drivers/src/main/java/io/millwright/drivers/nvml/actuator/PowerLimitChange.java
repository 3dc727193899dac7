package io.millwright.drivers.nvml.actuator;

import java.util.OptionalLong;

/**
 * A power limit that was asked for, and what became of it. In milliwatts.
 *
 * @param uuid of the device
 * @param asked empty for the device's own default
 * @param set what the driver was told; empty where it was told nothing
 * @param inForce the lowest limit of all, as read back; empty where it could not be read
 */
public record PowerLimitChange(
    String uuid, OptionalLong asked, OptionalLong set, OptionalLong inForce, Outcome outcome) {}
