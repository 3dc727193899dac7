package io.millwright.collector.store;

import java.util.OptionalDouble;

/**
 * What one run used on one node.
 *
 * @param run its number within the job
 * @param joules of all its devices; empty where one of them is not known
 * @param energyScope what these cover, as in {@code gpu}; empty without joules
 * @param busySeconds utilization times time, summed over the devices; empty where one of them was
 *     not seen
 * @param errors of its devices that came meanwhile; empty where they were not counted
 * @param power of its devices
 * @param peakMemoryBytes most in use on one of its devices; empty where none was seen
 * @param body the whole account as JSON
 */
public record UsageRow(
    String node,
    String job,
    int run,
    String scheduler,
    String user,
    String project,
    long beganMs,
    long endedMs,
    double deviceSeconds,
    OptionalDouble joules,
    String energyScope,
    OptionalDouble busySeconds,
    OptionalDouble cpuSeconds,
    OptionalDouble errors,
    PowerSum power,
    OptionalDouble peakMemoryBytes,
    String body) {}
