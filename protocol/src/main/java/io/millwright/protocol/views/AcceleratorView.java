package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One accelerator; {@code GET /v1/accelerators}. Its readings are absent while its node is not
 * connected.
 *
 * @param accelerator number on the node
 * @param serial as its driver tells it; of the module where a module has several
 * @param pciBusId as in {@code 00000000:1b:00.0}
 * @param module its place on the node's tray, as its driver numbers it
 * @param state {@code up}, {@code down}, or {@code unknown} while the node is not connected
 * @param verdict {@code ok}, {@code degraded}, {@code failed} or {@code unknown}
 * @param evidence why, the worst first; empty where nothing speaks against it
 * @param stuckCall the native call that does not return
 * @param utilization from 0 to 1
 * @param job the run that has the device, as in {@code hello-r1}; where another scheduler gives it
 *     out, whose processes have it open, as in {@code slurm 1234}
 * @param ticket under which the part is returned, for those who may see jobs
 */
public record AcceleratorView(
    String node,
    String accelerator,
    String uuid,
    String vendor,
    String model,
    boolean simulated,
    String state,
    String verdict,
    List<EvidenceView> evidence,
    Optional<String> stuckCall,
    OptionalDouble powerWatts,
    OptionalDouble utilization,
    OptionalDouble temperatureCelsius,
    OptionalDouble memoryUsedBytes,
    OptionalDouble memorySizeBytes,
    OptionalDouble energyJoules,
    Optional<String> job,
    Optional<String> serial,
    Optional<String> pciBusId,
    Optional<String> module,
    Optional<String> ticket) {
  public AcceleratorView {
    evidence = List.copyOf(evidence);
  }
}
