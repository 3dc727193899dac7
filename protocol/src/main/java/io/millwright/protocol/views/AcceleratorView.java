package io.millwright.protocol.views;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One accelerator; {@code GET /v1/accelerators}. Its readings are absent while its node is not
 * connected.
 *
 * @param accelerator number on the node
 * @param state {@code up}, {@code down}, or {@code unknown} while the node is not connected
 * @param stuckCall the native call that does not return
 * @param utilization from 0 to 1
 * @param job the run that has the device, as in {@code hello-r1}
 */
public record AcceleratorView(
    String node,
    String accelerator,
    String uuid,
    String vendor,
    String model,
    boolean simulated,
    String state,
    Optional<String> stuckCall,
    OptionalDouble powerWatts,
    OptionalDouble utilization,
    OptionalDouble temperatureCelsius,
    OptionalDouble memoryUsedBytes,
    OptionalDouble memorySizeBytes,
    OptionalDouble energyJoules,
    Optional<String> job) {}
