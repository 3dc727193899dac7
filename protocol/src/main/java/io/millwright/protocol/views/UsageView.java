package io.millwright.protocol.views;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What ended runs have used together; {@code GET /v1/usage}. What was not asked for is empty.
 *
 * @param runs how many, each node of a run for itself
 * @param deviceSeconds time for which they had their devices, summed over them
 * @param joules of those runs of which they are known
 * @param energyScope what the joules cover, as in {@code gpu}
 * @param joulesDeviceSeconds device seconds of those runs
 * @param idleRatio share of device time in which nothing ran, 0 to 1, of those runs that were seen
 * @param seenDeviceSeconds device seconds of those runs
 * @param cpuSeconds of the hosts, of those runs of which they are known
 * @param errors of devices while they had them, where those were counted
 * @param meanWatts of a device, by samples of those that tell their own power
 * @param wattsDeviceSeconds device seconds of those; older collectors do not say
 * @param peakWatts highest sample of one device
 * @param peakMemoryBytes highest sample of memory in use on one device
 */
public record UsageView(
    Optional<String> user,
    Optional<String> project,
    Optional<String> scheduler,
    Optional<String> node,
    Optional<String> job,
    long runs,
    double deviceSeconds,
    OptionalDouble joules,
    Optional<String> energyScope,
    double joulesDeviceSeconds,
    OptionalDouble idleRatio,
    double seenDeviceSeconds,
    OptionalDouble cpuSeconds,
    OptionalDouble errors,
    OptionalDouble meanWatts,
    OptionalDouble wattsDeviceSeconds,
    OptionalDouble peakWatts,
    OptionalDouble peakMemoryBytes) {}
